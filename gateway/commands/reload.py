"""What is changed in gateway.toml, and in what it refers to, while the gateway runs: credentials, and who may call."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable

import msgspec

from gateway.commands.failure import Failure
from gateway.config import Config, ConfigError
from gateway.platform import Settings
from gateway.secret import Secret

__all__ = ["Reload"]

log = logging.getLogger("gateway.commands")

CALLERS = ("callers", "issuers")
"""Tables that are taken as they are now."""


class Reload:
    """Reads the configuration again, and has its credentials take the place of those in use.

    `config` is the one in use; its accounts have the very secrets that calls are made with. `load` reads it again,
    raising ConfigError, or Failure where it cannot be served. `admit` has the callers and issuers of another one take
    the place of those before; nothing is changed where it raises.

    What else is changed there waits for a restart, and is told by name. Of an account whose other keys are changed,
    too, nothing is taken: they belong together.
    """

    def __init__(self, config: Config, load: Callable[[], Config], admit: Callable[[Config], Awaitable[None]]) -> None:
        self._config = config
        self._load = load
        self._admit = admit

    async def __call__(self) -> None:
        """Take what can be taken. Never raises: the log says what is wrong, and then all stays as it is."""
        try:
            config = await asyncio.to_thread(self._load)
            await self._admit(config)
        except ConfigError as error:
            mistakes = error.problems
            log.error("the configuration stays as it was, with %d to put right", len(mistakes))  # noqa: TRY400  it says all
            for mistake in mistakes:
                log.error("%s", mistake)  # noqa: TRY400  as above
        except Failure as failure:
            log.error("the configuration stays as it was: %s", failure)  # noqa: TRY400  as above
        except Exception:
            log.exception("the configuration could not be read again in a way nobody foresaw; it stays as it was")
        else:
            self._take(config)

    def _take(self, config: Config) -> None:
        taken = [name for name in CALLERS if getattr(config, name) != getattr(self._config, name)]
        changed = {name: getattr(config, name) for name in CALLERS}
        waiting = _differences(self._config, config)
        for old, new in _pairs(self._config.accounts, config.accounts):
            keys = _changed(old, new)
            others = [key for key in keys if not _is_replaceable(old, new, key)]
            if others:
                waiting += [f"account {old.name}: {key}" for key in keys]
            else:
                taken += [f"account {old.name}: {key}" for key in keys]
                _replace(old, new, keys)
        self._config = msgspec.structs.replace(self._config, **changed)
        log.info("the configuration was read again, with %s", _listed(taken) or "nothing new in it")
        if waiting:
            log.warning("not before a restart, as they are new or changed: %s", _listed(waiting))


def _pairs(old: Iterable[Settings], new: Iterable[Settings]) -> list[tuple[Settings, Settings]]:
    """The accounts that are in both, by name."""
    named = {each.name: each for each in new}
    return [(each, named[each.name]) for each in old if each.name in named]


def _is_replaceable(old: Settings, new: Settings, key: str) -> bool:
    return isinstance(getattr(old, key), Secret) and isinstance(getattr(new, key), Secret)


def _replace(old: Settings, new: Settings, keys: Iterable[str]) -> None:
    for key in keys:
        getattr(old, key).replace(getattr(new, key))


def _differences(old: Config, new: Config) -> list[str]:
    """What takes a restart, by name: accounts that come or go, and keys of the tables that are read once."""
    names = {each.name for each in old.accounts}, {each.name for each in new.accounts}
    told = [f"account {name}" for name in sorted(names[0] ^ names[1])]
    tables = [each.name for each in msgspec.structs.fields(Config) if each.name not in ("accounts", *CALLERS)]
    for table in tables:
        told += [f"{table}: {key}" for key in _changed(getattr(old, table), getattr(new, table))]
    return told


def _changed(old: msgspec.Struct, new: msgspec.Struct) -> list[str]:
    """The keys in which two tables differ; for a table of another kind the one that says so."""
    if type(old) is not type(new):
        return ["provider"]
    keys = [each.name for each in msgspec.structs.fields(old)]
    return [key for key in keys if getattr(old, key) != getattr(new, key)]


def _listed(names: list[str]) -> str:
    return ", ".join(names)
