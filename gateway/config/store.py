"""The `[store]` table: where it is written down what was changed and is to be changed."""

import msgspec

from gateway.config.outside import Mistake, Outside
from gateway.config.problem import Problem
from gateway.config.records import StoreSettings
from gateway.config.redis import redis_rules, with_authority
from gateway.config.rules import Rule, text_like
from gateway.config.table import read_table

__all__ = ["read_store"]

FOLDER = "state"
"""Beside the configuration, where it does not say otherwise."""


def read_store(given: object, outside: Outside) -> tuple[StoreSettings | None, list[Problem]]:
    """The store's settings with its folder as it is found from anywhere, or what is wrong with them."""
    if not isinstance(given, dict):
        return None, [Problem("store", "it must be a table; begin it with [store]")]
    rules = {"folder": _folder(outside), **redis_rules(outside)}
    store, problems = read_table(StoreSettings, "store", {"folder": FOLDER} | given, outside, rules)
    if store is None or store.folder is None:
        return store, problems
    folder = str((outside.folder / store.folder).absolute())
    return with_authority(msgspec.structs.replace(store, folder=folder), outside), problems


def _folder(outside: Outside) -> Rule:
    is_path = text_like(r"[^\x00-\x1f\x7f]{1,1000}", "the path of a folder")

    def rule(value: str, found: str) -> None:
        """A folder, or nothing yet: it is made when it is needed."""
        is_path(value, found)
        path = outside.folder / value
        try:
            is_other = path.exists() and not path.is_dir()
        except OSError as error:
            raise Mistake(f"the folder {found} cannot be used: {error.strerror}") from None
        if is_other:
            raise Mistake(f"found {found}, which is no folder")

    return rule
