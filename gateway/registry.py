"""Finds providers: the folders beside this file, and packages that announce themselves.

A package outside the repository adds providers with an entry point in the group `sim_gateway.providers` whose value
is a module (or `module:attribute`) holding `PLATFORMS`.
"""

import pkgutil
from collections.abc import Iterable
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points

from gateway import providers
from gateway.platform import Platform

__all__ = ["ENTRY_POINTS", "platforms"]

ENTRY_POINTS = "sim_gateway.providers"


@cache
def platforms() -> dict[str, Platform]:
    """Every provider by name. Raises ValueError when two claim one name."""
    found: dict[str, Platform] = {}
    for platform in [*_of_folders(), *_of_packages()]:
        if platform.name in found:
            raise ValueError(f"two providers are called {platform.name!r}")
        found[platform.name] = platform
    return dict(sorted(found.items()))


def _of_folders() -> Iterable[Platform]:
    for module in pkgutil.iter_modules(providers.__path__, f"{providers.__name__}."):
        if module.ispkg:
            yield from import_module(module.name).PLATFORMS


def _of_packages() -> Iterable[Platform]:
    for entry_point in entry_points(group=ENTRY_POINTS):
        announced = entry_point.load()
        yield from announced if isinstance(announced, list | tuple) else announced.PLATFORMS
