"""A provider is added by one folder, here or in a package of its own, with no edit anywhere else."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TINY = ROOT / "tests" / "data" / "tinysim"


def installed_into(folder: Path) -> None:
    """The package as pip would leave it: its code, and metadata with the entry point."""
    shutil.copytree(TINY, folder / "tinysim", ignore=shutil.ignore_patterns("__pycache__"))
    info = folder / "tinysim-0.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: tinysim\nVersion: 0.1\n")
    (info / "entry_points.txt").write_text("[sim_gateway.providers]\ntinysim = tinysim\n")


def test_the_whole_contract_runs_over_a_seventh_provider(tmp_path: Path):
    """With the package installed, the contract suite finds it by itself and passes over it."""
    installed_into(tmp_path)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "tests/contract",
        "-k",
        "tinysim",
        "-p",
        "no:cacheprovider",
        "-q",
        "-rN",
        "-n",
        "0",
    ]
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}

    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600, check=False)

    assert done.returncode == 0, done.stdout[-3000:]
    ran = int(re.search(r"(\d+) passed", done.stdout + " 0 passed").group(1)) or done.stdout.count(".")
    assert ran > 40, done.stdout[-3000:]
