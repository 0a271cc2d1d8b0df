"""The README in pieces: what stands there as a command, a query, a configuration or an answer."""

import os
import re
import subprocess
from pathlib import Path

__all__ = ["README", "ROOT", "asked", "blocks", "commands", "here", "write_sample"]

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()

DOCUMENT = "query Sims { sims(first: 1) { nodes { iccid } } }"
MANIFEST = '{"format": "apollo-persisted-query-manifest", "version": 1, "operations": [%s]}'
OPERATION = '{"id": "fleets", "name": "Fleets", "type": "query", "body": "query Fleets { fleets { nodes { id } } }"}'


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def commands() -> list[str]:
    return [line for block in blocks("sh") for line in block.strip().splitlines()]


def here() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT)}


def asked(line: str, **environ: str) -> str:
    """What a line for the shell prints."""
    return subprocess.run(
        ["bash", "-c", line], env=os.environ | environ, capture_output=True, text=True, timeout=120, check=True
    ).stdout


def write_sample(folder: Path) -> Path:
    """The README's TOML as one configuration, beside the files that it names."""
    (folder / "jasper").write_text("key\n")
    (folder / "documents").mkdir()
    (folder / "documents" / "sims.graphql").write_text(DOCUMENT)
    (folder / "apollo-manifest.json").write_text(MANIFEST % OPERATION)
    config = folder / "gateway.toml"
    config.write_text("\n".join(blocks("toml")).replace("/run/secrets/jasper", str(folder / "jasper")))
    return config
