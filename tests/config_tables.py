"""Configurations for tests: two kinds of provider, and a right file to make mistakes in."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gateway.config import Config, ConfigError, load_config
from gateway.platform import Platform, Settings
from gateway.provider import Provider
from gateway.secret import Secret

HIDDEN = "hunter2-and-more-of-it"
"""A credential that no message may contain."""

ENVIRON = {"TOKEN": HIDDEN, "HOST": "sims.example"}


class HomelessSettings(Settings, frozen=True, kw_only=True):
    """A provider without an address of its own, with keys of several kinds."""

    api_key: Secret
    webhook_key: Secret | None = None
    user: str = "nobody"
    tags: tuple[str, ...] = ()
    callback_url: str | None = None

    def __post_init__(self) -> None:
        if self.user == "root" and not self.tags:
            raise ValueError("user root needs tags")


class SettledSettings(Settings, frozen=True, kw_only=True):
    """A provider that lives somewhere."""

    auth_token: Secret


def _never(_settings: object, _wiring: object) -> Provider:
    raise AssertionError("no account is opened here")


PLATFORMS = {
    "homeless": Platform("homeless", Provider, HomelessSettings, _never),
    "settled": Platform("settled", Provider, SettledSettings, _never, base_url="https://api.example"),
}

RIGHT = """
[[accounts]]
name = "eu"
provider = "settled"
auth_token = "${TOKEN}"
"""


def load(folder: Path, text: str, environ: Mapping[str, str] | None = None) -> Config:
    """What a file with this text says."""
    path = folder / "gateway.toml"
    path.write_text(text, encoding="utf-8")
    return load_config(path, ENVIRON if environ is None else environ, PLATFORMS)


def problems(folder: Path, text: str, environ: Mapping[str, str] | None = None) -> list[str]:
    """Every mistake in a file with this text, as the operator reads them."""
    found: list[str] = []
    try:
        load(folder, text, environ)
    except ConfigError as error:
        found = [str(problem) for problem in error.problems]
    assert not any(HIDDEN in each for each in found)
    return found


def of_account(config: Config, number: int = 0) -> Any:
    """An account's Settings; Any: each provider has its own."""
    return config.accounts[number]
