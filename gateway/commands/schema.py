"""`sim-gateway schema`: the schema in GraphQL's own language."""

import argparse
import sys

from schema import sdl

__all__ = ["add", "run"]


def add(parser: argparse.ArgumentParser) -> None:
    """It has no arguments."""
    del parser


def run(args: argparse.Namespace) -> int:
    """Print it."""
    del args
    sys.stdout.write(sdl())
    return 0
