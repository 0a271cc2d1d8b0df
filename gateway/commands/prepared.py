"""A configuration as the processes that serve it have it."""

from dataclasses import dataclass
from secrets import token_urlsafe

import msgspec

from gateway.commands.division import divided
from gateway.config import Config, ServerSettings
from gateway.registry import platforms
from gateway.secret import Secret
from gateway.server.hosts import LOOPBACK

__all__ = ["Way", "prepared"]


@dataclass(frozen=True)
class Way:
    """How it is served: by so many `workers`."""

    workers: int = 1


def prepared(config: Config, way: Way, before: ServerSettings | None = None) -> Config:
    """Limits divided among workers, unless they are kept together in Redis, with one key for the cursors of all. What
    asks nobody who he is is known by this machine's own names only: in a container, too, whose port is this machine's.

    What the file does not say is as it was `before`, where it was served before.
    """
    if way.workers > 1:
        config = divided(config, way.workers, platforms(), is_shared=config.cache.redis is not None)
    server, usual = config.server, before or _usual(config)
    given = {"cursor_key": server.cursor_key or usual.cursor_key, "hosts": server.hosts or usual.hosts}
    return msgspec.structs.replace(config, server=msgspec.structs.replace(server, **given))


def _usual(config: Config) -> ServerSettings:
    hosts = () if config.asks else LOOPBACK
    return ServerSettings(cursor_key=Secret(token_urlsafe(32)), hosts=hosts)
