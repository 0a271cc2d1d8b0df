"""`sim-gateway serve`: the gateway over the accounts of a configuration."""

import argparse
import asyncio
import logging
import logging.config
import socket
from pathlib import Path
from typing import Any

import uvicorn

from gateway.commands.application import Application, store_options
from gateway.commands.arguments import add_config, add_log_format, number, port, read_config_file
from gateway.commands.connection import Patience
from gateway.commands.durable import try_writing_down
from gateway.commands.exposed import check_open
from gateway.commands.hangup import hangups_held
from gateway.commands.prepared import Way, prepared
from gateway.commands.web import listen, serve_here, serve_with_workers, uvicorn_config
from gateway.config import Config
from gateway.logs import log_config

__all__ = ["add", "run"]

MOST_WORKERS = 64

log = logging.getLogger("gateway.commands")


def add(parser: argparse.ArgumentParser) -> None:
    add_config(parser)
    parser.add_argument("--host", help="the address to listen on (default: the configuration's, else 127.0.0.1)")
    parser.add_argument("--port", type=port, help="the port to listen on (default: the configuration's, else 8000)")
    parser.add_argument(
        "--insecure", action="store_true", help="listen where others can reach it, with no callers configured"
    )
    parser.add_argument("--workers", type=number(1, MOST_WORKERS), default=1, help="processes (default: 1)")
    add_log_format(parser)


@hangups_held()
def run(args: argparse.Namespace) -> int:
    """Serve until told to stop."""
    config = read_config_file(args.config)
    prepared(config, Way(args.workers))  # Failure where limits cannot be divided, before anything is opened
    lines = log_config(args.log_format)
    logging.config.dictConfig(lines)
    if args.workers > 1 and config.cache.redis is None:
        log.warning("workers keep caches and budgets of their own; give [cache] redis so that they share")
    try_writing_down(store_options(config.store))
    host = args.host or config.server.host
    listener = listen(host, config.server.port if args.port is None else args.port)
    with listener:
        if not config.asks:
            check_open(listener, is_insecure=args.insecure)
        way = Way(args.workers)
        web = _web(Application(prepared(config, way), way, Path(args.config)), lines)
        if args.workers > 1:
            _say_where(config, host, listener)
            serve_with_workers(web, listener)
        else:
            asyncio.run(serve_here(web, listener, lambda: _say_where(config, host, listener)))
    return 0


def _web(application: Application, lines: dict[str, Any]) -> uvicorn.Config:
    """Any: the form that logging.config wants."""
    server = application.config.server
    return uvicorn_config(
        application,
        lines,
        server.deadline,
        application.way.workers,
        patience=Patience(header=server.header_timeout, write=server.write_timeout),
        trusted_proxies=server.trusted_proxies,
    )


def _say_where(config: Config, host: str, listener: socket.socket) -> None:
    shown = f"[{host}]" if ":" in host else host
    url = f"http://{shown}:{listener.getsockname()[1]}/graphql"
    log.info("%d accounts, GraphQL at %s", len(config.accounts), url)
