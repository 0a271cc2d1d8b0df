"""`sim-gateway demo`: simulated providers and the gateway over them, in one process, on loopback."""

import argparse
import asyncio
import json
import logging.config
import shlex
import socket
from pathlib import Path
from typing import Any

import msgspec
from starlette.applications import Starlette

from gateway.commands.application import Application
from gateway.commands.arguments import MOST_SIMS, add_log_format, number, port
from gateway.commands.company import account_tables, build_company, sample_iccid
from gateway.commands.durable import try_writing_down
from gateway.commands.prepared import Way, prepared
from gateway.commands.web import listen, serve_here, uvicorn_config
from gateway.commands.written import secret_keys
from gateway.config import Config, Outside, StoreSettings, read_config
from gateway.logs import log_config
from gateway.registry import platforms
from gateway.simulation.host import SimulationHost
from gateway.simulation.serving import serving
from gateway.store.opening import StoreOptions
from schema.ids import encode_id

__all__ = ["add", "demo_config", "run"]

LOOPBACK = "127.0.0.1"
CHANGED = "cisco-control-center"
"""The provider, and its account here, of which the examples change a SIM."""

SAMPLE = (
    "{ sims(first: 5) { nodes { iccid status account { name } fleet { name } } problems { account code message } } }"
)


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=port, default=8000, help="the gateway's port (default: 8000; 0: a free one)")
    parser.add_argument("--sims", type=number(1, MOST_SIMS), default=250, help="SIMs of all providers (default: 250)")
    add_log_format(parser)


def run(args: argparse.Namespace) -> int:
    """Serve both until told to stop."""
    lines = log_config(args.log_format, servers="WARNING")
    logging.config.dictConfig(lines)
    try_writing_down(StoreOptions())
    with listen(LOOPBACK, args.port) as listener:
        asyncio.run(_serve(build_company(platforms(), args.sims), listener, args.sims, lines))
    return 0


async def _serve(host: SimulationHost, listener: socket.socket, sims: int, lines: dict[str, Any]) -> None:
    """Any: the form that logging.config wants."""
    async with serving(host) as simulators:
        config = demo_config(host, simulators)
        url = f"http://{LOOPBACK}:{listener.getsockname()[1]}/graphql"

        def application() -> Starlette:
            app = Application(prepared(config, Way()))()
            if iccid := sample_iccid(platforms(), sims):
                app.state.sample_iccid = iccid
            if sim := _sample_sim(sims):
                app.state.sample_sim = sim
            return app

        web = uvicorn_config(application, lines, graceful=1)
        await serve_here(web, listener, lambda: print(_told(url, simulators, host, sims), flush=True))


def _sample_sim(sims: int) -> str | None:
    """The id of a SIM that can be changed and written to, for GraphiQL's examples: at Cisco, where an ICCID is one."""
    iccid = sample_iccid({CHANGED: platforms()[CHANGED]}, sims)
    return None if iccid is None else encode_id(CHANGED, "Sim", iccid)


def demo_config(host: SimulationHost, url: str) -> Config:
    """The accounts of the simulators, their credentials handed over as an environment of their own."""
    known = platforms()
    tables, environ = [], {}
    for table in account_tables(host, url, known):
        for key in secret_keys(known[str(table["provider"])]) & table.keys():
            variable = f"{table['name']}_{key}".replace("-", "_").upper()
            environ[variable] = str(table[key])
            table[key] = f"${{{variable}}}"
        tables.append(table)
    config = read_config({"accounts": tables}, Outside(Path(), environ), known)
    return msgspec.structs.replace(config, store=StoreSettings())  # nothing is left behind


def _told(url: str, simulators: str, host: SimulationHost, sims: int) -> str:
    body = json.dumps({"query": SAMPLE})
    curl = f"curl {url} -H 'content-type: application/json' -d {shlex.quote(body)}"
    return "\n".join(
        [
            f"SIM Gateway over {sims} simulated SIMs at {len(host.simulators)} providers. No network is needed.",
            "",
            f"  GraphiQL    {url}",
            f"  Providers   {simulators}",
            f"  Try         {curl}",
            "",
            "Ctrl-C stops it.",
        ]
    )
