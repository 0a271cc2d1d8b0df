"""Arguments that several commands have, and how they are read."""

import argparse
import os
from collections.abc import Callable
from pathlib import Path

from gateway.commands.failure import CONFIGURATION, Failure
from gateway.config import Config, ConfigError, load_config
from gateway.logs import FORMATS
from gateway.registry import platforms

__all__ = ["MOST_SIMS", "add_config", "add_log_format", "number", "port", "read_config_file"]

MOST_SIMS = 1_000_000


def add_config(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", metavar="FILE", type=Path, required=True, help="the configuration, gateway.toml")


def add_log_format(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--log-format", choices=FORMATS, default="text", help="how log lines look (default: text)")


def number(least: int, most: int) -> Callable[[str], int]:
    """A whole number in a range, for `type=`."""

    def read(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {least} to {most}")
        return int(text)

    return read


port = number(0, 65535)


def read_config_file(path: Path) -> Config:
    """The configuration; Failure with every mistake in it, one a line."""
    try:
        return load_config(path, os.environ, platforms())
    except ConfigError as error:
        lines = [f"{path}: {len(error.problems)} to put right"] + [f"  {problem}" for problem in error.problems]
        raise Failure("\n".join(lines), CONFIGURATION) from None
