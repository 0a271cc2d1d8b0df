"""The command line: `sim-gateway`, or `python -m gateway`."""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

from gateway.commands import audit, check, demo, key, schema, serve, simulate
from gateway.commands.failure import Failure

__all__ = ["main"]

COMMANDS = {
    "demo": (demo, "simulated providers and the gateway over them, without configuration or network"),
    "serve": (serve, "the gateway over the accounts of a configuration"),
    "simulate": (simulate, "only the simulated providers"),
    "check": (check, "read a configuration and try each account once"),
    "key": (key, "make an API key for a caller, or list those of a configuration"),
    "audit": (audit, "print the log of changes: who changed what, when, and what became of it"),
    "schema": (schema, "print the GraphQL schema"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command. The exit status: 0 done, 1 failed, 2 wrongly asked or configured."""
    args = _parser().parse_args(arguments)
    # Whoever is told to stop while still starting ends as with Ctrl-C; each server has its own handlers later.
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        status: int = args.run(args)
        sys.stdout.flush()
    except Failure as failure:
        print(f"sim-gateway: {failure}", file=sys.stderr)
        return failure.status
    except KeyboardInterrupt:
        return 0
    except BrokenPipeError:
        # Whoever read our output has read enough; nothing more can be written, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    finally:
        signal.signal(signal.SIGTERM, before)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sim-gateway", description="One GraphQL schema over every SIM provider.", allow_abbrev=False
    )
    parser.add_argument("--version", action="version", version=f"sim-gateway {_version()}")
    commands = parser.add_subparsers(required=True, metavar="command")
    for name, (command, meaning) in COMMANDS.items():
        its = commands.add_parser(name, help=meaning, description=meaning, allow_abbrev=False)
        command.add(its)
        its.set_defaults(run=command.run)
    return parser


def _version() -> str:
    try:
        return version("sim-gateway")
    except PackageNotFoundError:
        return "(not installed)"


if __name__ == "__main__":
    sys.exit(main())
