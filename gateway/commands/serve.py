"""`sim-gateway serve`: the gateway over the accounts of a configuration."""

import argparse
import asyncio
import logging
import logging.config
import socket
from secrets import token_urlsafe

import msgspec

from gateway.commands.application import Application, store_options
from gateway.commands.arguments import add_config, add_log_format, number, port, read_config_file
from gateway.commands.division import divided
from gateway.commands.durable import try_writing_down
from gateway.commands.web import listen, serve_here, serve_with_workers, uvicorn_config
from gateway.config import Config
from gateway.logs import log_config
from gateway.registry import platforms
from gateway.secret import Secret

__all__ = ["add", "run"]

MOST_WORKERS = 64

log = logging.getLogger("gateway.commands")


def add(parser: argparse.ArgumentParser) -> None:
    add_config(parser)
    parser.add_argument("--host", help="the address to listen on (default: the configuration's, else 127.0.0.1)")
    parser.add_argument("--port", type=port, help="the port to listen on (default: the configuration's, else 8000)")
    parser.add_argument("--workers", type=number(1, MOST_WORKERS), default=1, help="processes (default: 1)")
    add_log_format(parser)


def run(args: argparse.Namespace) -> int:
    """Serve until told to stop."""
    config = _for_workers(read_config_file(args.config), args.workers)
    lines = log_config(args.log_format)
    logging.config.dictConfig(lines)
    if args.workers > 1 and config.cache.redis is None:
        log.warning("workers keep caches of their own; give [cache] redis so that they share")
    try_writing_down(store_options(config.store))
    host = args.host or config.server.host
    listener = listen(host, config.server.port if args.port is None else args.port)
    web = uvicorn_config(Application(config, args.workers), lines, config.server.deadline, args.workers)
    with listener:
        if args.workers > 1:
            _say_where(config, host, listener)
            serve_with_workers(web, listener)
        else:
            asyncio.run(serve_here(web, listener, lambda: _say_where(config, host, listener)))
    return 0


def _for_workers(config: Config, workers: int) -> Config:
    """Limits divided, unless they are kept together in Redis, and one key for the cursors of all workers."""
    if workers == 1:
        return config
    config = divided(config, workers, platforms(), is_shared=config.cache.redis is not None)
    if config.server.cursor_key is not None:
        return config
    server = msgspec.structs.replace(config.server, cursor_key=Secret(token_urlsafe(32)))
    return msgspec.structs.replace(config, server=server)


def _say_where(config: Config, host: str, listener: socket.socket) -> None:
    shown = f"[{host}]" if ":" in host else host
    url = f"http://{shown}:{listener.getsockname()[1]}/graphql"
    log.info("%d accounts, GraphQL at %s", len(config.accounts), url)
