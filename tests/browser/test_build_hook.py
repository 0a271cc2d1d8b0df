"""The hook that builds GraphiQL when the package is built: when it works, and that it never gets in the way."""

import importlib.util
import shutil
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def hatch_build() -> ModuleType:
    """The build script, which is no part of any package."""
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the inputs, nothing built."""
    monkeypatch.delenv("SIM_GATEWAY_GRAPHIQL", raising=False)
    folder = tmp_path / "gateway" / "graphiql"
    shutil.copytree(ROOT / "gateway" / "graphiql", folder, ignore=shutil.ignore_patterns("assets"))
    return tmp_path


def hook(module: ModuleType, root: Path) -> Any:  # Any: the class comes from a script without a package
    """The hook as hatchling makes it."""
    return module.GraphiqlHook(str(root), {}, None, None, "", "wheel")


def test_node_is_required_where_there_is_something_to_build(hatch_build: ModuleType, tree: Path) -> None:
    """A fresh tree asks for Node."""
    assert hook(hatch_build, tree).dependencies() == [hatch_build.NODE]


def test_the_switch_turns_it_off(hatch_build: ModuleType, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With SIM_GATEWAY_GRAPHIQL=skip nothing is asked for and nothing built."""
    monkeypatch.setenv("SIM_GATEWAY_GRAPHIQL", "skip")

    hook(hatch_build, tree).initialize("standard", {})

    assert hook(hatch_build, tree).dependencies() == []
    assert not (tree / "gateway" / "graphiql" / "assets").exists()


def test_what_is_built_from_the_same_inputs_is_kept(hatch_build: ModuleType, tree: Path) -> None:
    """Assets stamped with the hash of the inputs are up to date, until an input changes."""
    folder = tree / "gateway" / "graphiql"
    (folder / "assets").mkdir()
    (folder / "assets" / hatch_build.STAMP).write_text(hatch_build.fingerprint(folder))

    before = hook(hatch_build, tree).dependencies()
    (folder / "package.json").write_text("{}")
    after = hook(hatch_build, tree).dependencies()

    assert (before, after) == ([], [hatch_build.NODE])


def test_a_failing_build_fails_nothing_else(
    hatch_build: ModuleType, tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where the bundle cannot be made the package is still built, and the reason is told."""
    (tree / "gateway" / "graphiql" / "package.json").unlink()

    hook(hatch_build, tree).initialize("standard", {})

    told = "".join(capsys.readouterr())
    assert "GraphiQL was NOT built" in told
    assert "package.json" in told


def test_a_failing_step_tells_the_end_of_its_output(hatch_build: ModuleType, tmp_path: Path) -> None:
    """What npm or Vite printed last is in the error, for whoever has to mend it."""
    python = shutil.which("python3") or pytest.fail("no python3")

    with pytest.raises(RuntimeError, match="no registry in reach"):
        hatch_build.run([python, "-c", "import sys; sys.exit('no registry in reach')"], tmp_path, seconds=60)
