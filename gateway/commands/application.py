"""The gateway's application from a configuration."""

from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette

from gateway.cache.options import CacheOptions
from gateway.config import CacheSettings, Config, StoreSettings
from gateway.opening import Accounts, open_accounts
from gateway.registry import platforms
from gateway.replicas import Scripts
from gateway.server.app import ServerOptions, build_app
from gateway.server.process import ProcessOptions
from gateway.store.opening import StoreOptions
from gateway.writes.inputs import Rules

__all__ = ["Application", "cache_options", "store_options"]


@dataclass(frozen=True)
class Application:
    """Makes the ASGI application. It can be pickled, so that workers need not read the configuration again.

    `workers` is how many processes make one: so many share the limits of an account from the start.
    """

    config: Config
    workers: int = 1

    def __call__(self) -> Starlette:
        return build_app(_options(self.config), self._open)

    def _open(self, scripts: Scripts | None) -> Accounts:
        """The accounts, their limits kept together through the scripts where there are any."""
        return open_accounts(self.config.accounts, platforms(), scripts=scripts, workers=self.workers)


def cache_options(cache: CacheSettings) -> CacheOptions:
    """The same for those who know nothing of configurations."""
    return CacheOptions(
        max_entries=cache.max_entries,
        max_bytes=cache.max_bytes,
        fresh=cache.fresh,
        stale=cache.stale,
        redis=None if cache.redis is None else cache.redis.reveal(),
        redis_ca=cache.redis_ca,
        prefix=cache.prefix,
    )


def store_options(store: StoreSettings) -> StoreOptions:
    """As above."""
    return StoreOptions(
        folder=None if store.folder is None else Path(store.folder),
        redis=None if store.redis is None else store.redis.reveal(),
        redis_ca=store.redis_ca,
        prefix=store.prefix,
    )


def _options(config: Config) -> ServerOptions:
    server = config.server
    return ServerOptions(
        deadline=server.deadline,
        max_body=server.max_body,
        graphiql=server.graphiql,
        cursor_key=None if server.cursor_key is None else server.cursor_key.reveal().encode(),
        process=ProcessOptions(
            cache=cache_options(config.cache),
            store=store_options(config.store),
            rules=Rules(allow_private_callbacks=server.allow_private_callbacks),
        ),
    )
