"""Measurements, each a module of this folder: `python -m tests.bench client`."""

import sys
from importlib import import_module
from pathlib import Path

KNOWN = sorted(each.stem for each in Path(__file__).parent.glob("[a-z]*.py"))

if __name__ == "__main__":
    name, args = (sys.argv[1:2] or [""])[0], sys.argv[2:]
    if name not in KNOWN:
        sys.exit(f"usage: python -m tests.bench {{{','.join(KNOWN)}}} ...")
    sys.exit(import_module(f"tests.bench.{name}").main(args))
