"""The `[store]` table: where it is written down what was changed."""

import os
import pickle
from pathlib import Path

import certifi
import pytest

from gateway.commands.application import store_options
from gateway.config import StoreSettings
from gateway.secret import Secret
from gateway.store.opening import StoreOptions
from tests.config_tables import HIDDEN, RIGHT, load, problems

STORE = RIGHT + "[store]\n"
LIKE = (
    "it must be like redis://host:6379/0 or rediss://user:password@host:6379/0, "
    "with %XX for what is no letter or digit in a password"
)


def test_without_the_table(tmp_path: Path) -> None:
    """What was changed is kept in a folder beside the configuration, which is not made yet."""
    config = load(tmp_path, RIGHT)

    assert config.store == StoreSettings(folder=str(tmp_path / "state"))
    assert not (tmp_path / "state").exists()


def test_every_key_arrives(tmp_path: Path) -> None:
    """What is written in the table is what the record holds; a worker gets the same."""
    (tmp_path / "ca.pem").write_bytes(Path(certifi.where()).read_bytes())
    config = load(
        tmp_path,
        STORE
        + """
        folder = "${STATE}/gateway"
        redis = "${REDIS}"
        redis_ca = "ca.pem"
        prefix = "fleet:eu-1"
        """,
        {"TOKEN": HIDDEN, "STATE": "/var/lib", "REDIS": f"rediss://gateway:{HIDDEN}@store.example:6380/1"},
    )

    assert config.store == StoreSettings(
        folder="/var/lib/gateway",
        redis=Secret(f"rediss://gateway:{HIDDEN}@store.example:6380/1"),
        redis_ca=str(tmp_path / "ca.pem"),
        prefix="fleet:eu-1",
    )
    assert HIDDEN not in repr(config)
    assert pickle.loads(pickle.dumps(config)) == config  # noqa: S301 - our own bytes, as workers get them


def test_what_the_store_is_told() -> None:
    """All of it, and nothing where nothing is said."""
    settings = StoreSettings(folder="/var", redis=Secret("rediss://h"), redis_ca="/ca.pem", prefix="p")

    assert store_options(settings) == StoreOptions(Path("/var"), "rediss://h", "/ca.pem", "p")
    assert store_options(StoreSettings()) == StoreOptions()


def test_a_folder_is_found_from_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the configuration was named from where the process began: it may go elsewhere."""
    monkeypatch.chdir(tmp_path)
    Path("conf").mkdir()

    folder = load(Path("conf"), STORE + 'folder = "data"').store.folder

    assert folder == os.path.join(tmp_path, "conf", "data")  # noqa: PTH118 - as text


def test_a_redis_address_may_come_from_a_file(tmp_path: Path) -> None:
    """As in the cache's table."""
    (tmp_path / "url").write_text(f"redis://:{HIDDEN}@elsewhere\n")

    assert load(tmp_path, STORE + 'redis_file = "url"').store.redis == Secret(f"redis://:{HIDDEN}@elsewhere")


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("folder = 5", ["folder: found 5; it must be text in quotes"]),
        ('folder = ""', ["folder: found ''; it must be the path of a folder"]),
        ('folder = "a\\u0000b"', ["folder: found 'a\\x00b'; it must be the path of a folder"]),
        ('folder = "gateway.toml"', ["folder: found 'gateway.toml', which is no folder"]),
        (f'folder = "{"a" * 300}"', [f"folder: the folder '{'a' * 59}... cannot be used: File name too long"]),
        ('folder = "${NOWHERE}"', ["folder: the environment variable NOWHERE is not set"]),
        ('prefix = "A b"', ["prefix: found 'A b'; it must be 1 to 64 of a-z, 0-9, : and -"]),
        ('redis = "http://h"', [f"redis: found an address that is not redis or rediss; {LIKE}"]),
        (
            f'redis = "redis://:{HIDDEN}@h"',
            [
                "redis: a password is not written here; give ${VARIABLE} in its place, or the whole as "
                'redis = "${VARIABLE}" or redis_file = "path"'
            ],
        ),
        (
            'redis = "rediss://h"\nredis_ca = "nowhere.pem"',
            ["redis_ca: the file 'nowhere.pem' cannot be read: No such file or directory"],
        ),
        ("max_entries = 5", ["max_entries: unknown key; known: folder, prefix, redis, redis_ca, redis_file"]),
        (
            'folder = 5\nredis = 6\nprefix = "A"',
            [
                "folder: found 5; it must be text in quotes",
                "redis: found 6; it must be text in quotes",
                "prefix: found 'A'; it must be 1 to 64 of a-z, 0-9, : and -",
            ],
        ),
    ],
)
def test_a_wrong_line(tmp_path: Path, lines: str, told: list[str]) -> None:
    """Each wrong value is a problem of its own with its place."""
    assert problems(tmp_path, STORE + lines) == [f"store: {each}" for each in told]


def test_an_authority_without_tls(tmp_path: Path) -> None:
    """An authority's file where nothing is encrypted is a mistake: somebody believes that it is."""
    told = problems(tmp_path, f'{STORE}redis = "redis://h"\nredis_ca = "{certifi.where()}"\n')

    assert told == ["store: redis_ca is for a redis of rediss://, and there is none"]


def test_no_table(tmp_path: Path) -> None:
    """A store that is no table is told like any other."""
    assert problems(tmp_path, "store = 1\n" + RIGHT) == ["store: it must be a table; begin it with [store]"]
