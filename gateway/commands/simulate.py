"""`sim-gateway simulate`: only the simulated providers, real HTTP, each under its own name."""

import argparse
import asyncio
import logging.config
from pathlib import Path

from gateway.commands.arguments import MOST_SIMS, add_log_format, number, port
from gateway.commands.company import SEED, account_tables, build_company
from gateway.commands.web import not_listening, stopped
from gateway.commands.written import write_config
from gateway.logs import log_config
from gateway.registry import platforms
from gateway.simulation.faults import KINDS
from gateway.simulation.host import SimulationHost
from gateway.simulation.serving import serving

__all__ = ["add", "run"]

MOST_LATENCY = 60_000
FAULTS = "provider:kind[=value][@probability][#count][/path-prefix], comma-separated; * is every provider"


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: 127.0.0.1)")
    parser.add_argument("--port", type=port, default=9100, help="the port to listen on (default: 9100; 0: a free one)")
    parser.add_argument("--sims", type=number(1, MOST_SIMS), default=250, help="SIMs of all providers (default: 250)")
    parser.add_argument("--seed", type=number(0, 2**31), default=SEED, help="another seed, another company")
    parser.add_argument(
        "--latency", metavar="MS", type=number(0, MOST_LATENCY), default=0, help="milliseconds added to every answer"
    )
    parser.add_argument("--faults", default="", help=f"{FAULTS}. Kinds: {', '.join(KINDS)}")
    parser.add_argument(
        "--switch", action="append", default=[], metavar="PROVIDER.NAME=VALUE", help="a simulator's switch; repeatable"
    )
    parser.add_argument("--write-config", metavar="FILE", type=Path, help="write a gateway.toml that points here")
    parser.add_argument(
        "--redis",
        metavar="URL",
        help="the Redis to name in that file, or ${VARIABLE}: for cache and store; default: none",
    )
    parser.add_argument(
        "--state", metavar="FOLDER", help="the folder to name there for the store, which is no Redis then"
    )
    parser.add_argument("--url", help="the simulators' address in that file, where it is not the one listened on")
    add_log_format(parser)


def run(args: argparse.Namespace) -> int:
    """Serve the simulators until told to stop."""
    logging.config.dictConfig(log_config(args.log_format, servers="WARNING"))
    host = build_company(
        platforms(),
        args.sims,
        seed=args.seed,
        switches=args.switch,
        latency=args.latency / 1000,
        faults=args.faults,
    )
    asyncio.run(_serve(host, args))
    return 0


async def _serve(host: SimulationHost, args: argparse.Namespace) -> None:
    try:
        async with serving(host, args.port, args.host) as url:
            tables = account_tables(host, args.url or url, platforms())
            if args.write_config:
                write_config(args.write_config, tables, platforms(), args.redis, args.state)
            _tell(url, host, args)
            await stopped()
    except OSError as error:
        raise not_listening(args.host, args.port, error) from None


def _tell(url: str, host: SimulationHost, args: argparse.Namespace) -> None:
    lines = [f"Simulated providers with {args.sims} SIMs at {url}", ""]
    lines += [f"  {url}/{name}{simulator.path}" for name, simulator in host.simulators.items()]
    if args.write_config:
        lines += ["", f"Configuration: {args.write_config}, for  sim-gateway serve --config {args.write_config}"]
    print("\n".join([*lines, "", "Ctrl-C stops them."]), flush=True)
