"""The gateway's application from a configuration."""

import os
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette

from gateway.cache.options import CacheOptions
from gateway.commands.hangup import on_hangup
from gateway.commands.prepared import Way, prepared
from gateway.commands.reload import Reload
from gateway.config import CacheSettings, Config, StoreSettings, load_config
from gateway.exposure import Exposures
from gateway.opening import Accounts, open_accounts
from gateway.registry import platforms
from gateway.replicas import Scripts
from gateway.server.admission import Admission
from gateway.server.app import ServerOptions, build_app
from gateway.server.process import ProcessOptions
from gateway.store.opening import StoreOptions
from gateway.writes.inputs import Rules

__all__ = ["Application", "cache_options", "store_options"]


@dataclass(frozen=True)
class Application:
    """Makes the ASGI application. It can be pickled, so that workers need not read the configuration again.

    So many workers as its `way` has share the limits of an account from the start. `path` is the file that is read
    again at SIGHUP; None where there is none.
    """

    config: Config
    way: Way = Way()  # noqa: RUF009  frozen
    path: Path | None = None

    def __call__(self) -> Starlette:
        return build_app(_options(self.config), self._open, None if self.path is None else self._listening)

    def _listening(self, admission: Admission) -> AbstractAsyncContextManager[None]:
        """As long as the gateway runs SIGHUP has its credentials and callers read again."""

        async def admit(config: Config) -> None:
            await admission.admit(config.callers, config.issuers)

        return on_hangup(Reload(self.config, self._loaded, admit))

    def _loaded(self) -> Config:
        """The file as it is now. Raises ConfigError."""
        assert self.path is not None  # noqa: S101  nobody asks otherwise
        return prepared(load_config(self.path, os.environ, platforms()), self.way, self.config.server)

    def _open(self, scripts: Scripts | None) -> Accounts:
        """The accounts, their limits kept together through the scripts where there are any."""
        return open_accounts(self.config.accounts, platforms(), scripts=scripts, workers=self.way.workers)


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
        body_timeout=server.body_timeout,
        callers=config.callers,
        issuers=config.issuers,
        accounts=config.accounts,
        hosts=server.hosts,
        origins=server.cors_origins,
        exposures=Exposures(server.graphiql, server.introspection, server.suggestions),
        limits=config.limits,
        documents=config.documents,
        budget=config.budget,
        cursor_key=None if server.cursor_key is None else server.cursor_key.reveal().encode(),
        process=ProcessOptions(
            cache=cache_options(config.cache),
            store=store_options(config.store),
            rules=Rules(allow_private_callbacks=server.allow_private_callbacks),
        ),
    )
