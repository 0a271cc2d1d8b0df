"""The container's files are read as far as that goes without Docker: what they name must exist."""

import json
import re
import shlex
import subprocess
import tomllib
from argparse import Namespace
from fnmatch import fnmatch
from pathlib import Path

from gateway.commands.written import write_config
from gateway.config import ServerSettings, load_config
from gateway.registry import platforms
from gateway.secret import Secret
from tests.command_line import ROOT

Instruction = tuple[str, str]

COMPOSE = (ROOT / "compose.yaml").read_text()
ACCOUNT = {"name": "eu", "provider": "twilio-supersim", "account_sid": "AC1", "auth_token": "hunter2"}


def instructions() -> list[Instruction]:
    """The Dockerfile's instructions, lines that go on joined."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", "", text).splitlines()
    return [(line.partition(" ")[0], line.partition(" ")[2]) for line in lines if line]


def last(name: str) -> str:
    return [rest for instruction, rest in instructions() if instruction == name][-1]


def stage() -> list[Instruction]:
    """The last stage."""
    found = instructions()
    begins = max(place for place, (name, _) in enumerate(found) if name == "FROM")
    return found[begins:]


def test_what_is_copied_exists_and_is_not_ignored() -> None:
    """Every COPY from the checkout names a path that is there and that .dockerignore lets through."""
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    copied = [rest.split()[:-1] for name, rest in instructions() if name == "COPY" and "--from" not in rest]

    paths = [path.removeprefix("./") for paths in copied for path in paths]
    assert {"gateway", "schema", "pyproject.toml", "constraints.txt"} <= set(paths)
    assert [path for path in paths if not (ROOT / path).exists()] == []
    assert [path for path in paths if f"!{path}" not in ignored] == []


def test_no_secret_and_nothing_built_gets_in() -> None:
    """A configuration, its secrets, an environment or assets built elsewhere are not part of the image."""
    ignored = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] not in "#!"]

    for path in ("gateway.toml", "gateway.toml.eu.api_key", ".venv/bin/python", ".git/HEAD", "gateway/graphiql/assets"):
        assert any(fnmatch(path, pattern) for pattern in ignored), path


def test_the_image_runs_as_nobody_special() -> None:
    """The last stage has a user of its own, set before what it runs, and carries no build tools."""
    names = [name for name, _ in stage()]

    assert last("USER") == "gateway"
    assert names.index("USER") < names.index("ENTRYPOINT")
    assert ("COPY", "--from=build /opt/sim-gateway /opt/sim-gateway") in stage()
    assert not any("pip" in rest for name, rest in stage() if name == "RUN")


def test_the_image_serves_and_says_how_it_is() -> None:
    """It runs the command of the package with arguments that the command line knows, and checks /health/live."""
    entry, args = json.loads(last("ENTRYPOINT")), known(json.loads(last("CMD")))
    check = json.loads(last("HEALTHCHECK").partition("CMD ")[2])

    assert entry == ["sim-gateway"]
    assert args.config == Path("/etc/sim-gateway/gateway.toml")
    assert (args.host, args.insecure) == ("0.0.0.0", False)  # noqa: S104 - inside a container
    assert check[:2] == ["python", "-c"]
    assert f"http://127.0.0.1:{args.port}/health/live" in check[2]
    assert last("EXPOSE") == str(args.port)
    compile(check[2], "HEALTHCHECK", "exec")


def known(arguments: list[str]) -> Namespace:
    """As the command line takes them."""
    from gateway.__main__ import _parser

    return _parser().parse_args(arguments)


def composed() -> Namespace:
    """The arguments of the simulators' command in compose.yaml, as the command line takes them."""
    arguments = re.findall(r"^      - (simulate|--\S+)$", COMPOSE, flags=re.MULTILINE)
    return known([each.replace("$$", "$") for each in arguments])


def composed_gateway() -> Namespace:
    """The same for the gateway's."""
    [command] = re.findall(r"^    command: \[(.*)\]$", service("gateway"), flags=re.MULTILINE)
    return known(command.split(", "))


def service(name: str) -> str:
    """What compose.yaml says about a service."""
    return re.findall(rf"^  {name}:\n((?:    .*\n)+)", COMPOSE, flags=re.MULTILINE)[0]


def test_the_composed_commands_are_known() -> None:
    """The simulators' command is one that the command line takes, and both share one configuration."""
    args = composed()

    assert args.write_config == Path("/etc/sim-gateway/gateway.toml")
    assert args.url == f"http://simulators:{args.port}"
    assert COMPOSE.count("config:/etc/sim-gateway") == 2


def test_the_composed_configuration(tmp_path: Path) -> None:
    """What the simulators write is read by the gateway: a cache in Redis, and the store in a folder of its own."""
    args, path = composed(), tmp_path / "gateway.toml"
    write_config(path, [ACCOUNT], platforms(), args.redis, args.state)
    [url] = re.findall(r"^      REDIS_URL: (.*)$", service("gateway"), flags=re.MULTILINE)
    config = load_config(path, {"REDIS_URL": url}, platforms())

    assert config.cache.redis == Secret("redis://redis:6379/0")
    assert "image: " in service("redis")
    assert (config.store.redis, config.store.folder) == (None, args.state)


def test_whom_nobody_asks_is_on_this_machine() -> None:
    """The composed gateway has no callers and says so; its only port, the one it listens on, is published on loopback.
    The line for making a key is one that the command line takes."""
    args = composed_gateway()
    published = re.findall(r'^      - "(\S+:\d+)"$', service("gateway"), flags=re.MULTILINE)
    [line] = re.findall(r"^#   docker compose run --rm --no-deps gateway (key new .*)$", COMPOSE, flags=re.MULTILINE)

    assert (args.config, args.insecure) == (Path("/etc/sim-gateway/gateway.toml"), True)
    assert args.host == "0.0.0.0"  # noqa: S104 - inside a container
    assert args.port is None
    assert published == ["127.0.0.1:8000:8000"]
    assert ServerSettings().port == int(last("EXPOSE")) == 8000
    assert "ports:" not in service("simulators") + service("redis") + service("store")
    assert known(shlex.split(line)).accounts == ["*"]


def test_what_must_be_kept_is_on_volumes() -> None:
    """The folder of the store is a volume, made in the image for the user it runs as; the Redis that replicas share
    for it keeps all on disk, in one too; the cache's Redis may forget."""
    volumes = COMPOSE.partition("\nvolumes:\n")[2].split()
    made = next(rest for name, rest in stage() if name == "RUN")

    assert f"      - state:{composed().state}\n" in service("gateway")
    assert f"--owner=gateway --mode=0700 {composed().state}" in made
    assert '--appendonly, "yes"' in service("store")
    assert "--maxmemory-policy, noeviction" in service("store")
    assert "      - store:/data\n" in service("store")
    assert "      STORE_URL: redis://store:6379/0\n" in service("gateway")
    assert "allkeys-lru" in service("redis")
    assert volumes == ["config:", "state:", "store:"]


def test_everything_is_pinned() -> None:
    """constraints.txt is nothing but names and versions, and has every dependency of the package and its tests."""
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    names = {line.partition("==")[0].lower().replace("_", "-") for line in lines}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    required = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    wanted = {re.split(r"[^A-Za-z0-9-]", each)[0] for each in required}

    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+==[0-9][A-Za-z0-9.]*", line) for line in lines)
    assert "starlette" in wanted
    assert wanted - names == set()


def test_the_pipeline_finds_the_readme_command() -> None:
    """.ci/run is a script that bash can read, and the README has one marked test command for it."""
    readme = (ROOT / "README.md").read_text()
    block = readme.partition("<!-- test command -->")[2].partition("```")[2].partition("```")[0]

    assert len(block.strip().splitlines()) == 2  # the fence's language, then the command
    assert ".venv/bin/pytest" in block
    assert subprocess.run(["bash", "-n", ROOT / ".ci" / "run"], check=False).returncode == 0
