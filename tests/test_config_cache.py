"""The `[cache]` table: where answers are remembered, for how long, and where its Redis is."""

import pickle
from pathlib import Path

import certifi
import pytest

from gateway.cache.windows import TYPES
from gateway.config import CacheSettings
from gateway.secret import Secret
from tests.config_tables import HIDDEN, RIGHT, load, problems

CACHE = RIGHT + "[cache]\n"
KNOWN = ", ".join(sorted(TYPES))
LIKE = (
    "it must be like redis://host:6379/0 or rediss://user:password@host:6379/0, "
    "with %XX for what is no letter or digit in a password"
)
PASSWORD = (
    "a password is not written here; give ${VARIABLE} in its place, or the whole as "
    'redis = "${VARIABLE}" or redis_file = "path"'
)
CERTIFICATES = Path(certifi.where())
"""Of authorities; any will do."""


def test_every_key_arrives(tmp_path: Path) -> None:
    """What is written in the table is what the record holds; the authority's file is found from anywhere."""
    (tmp_path / "ca.pem").write_bytes(CERTIFICATES.read_bytes())
    config = load(
        tmp_path,
        CACHE
        + """
        redis = "${REDIS}"
        redis_ca = "ca.pem"
        prefix = "fleet:eu-1"
        max_entries = 1000
        max_bytes = 1_048_576
        [cache.fresh]
        Sim = 30
        Missing = 0
        [cache.stale]
        Sim = 604_800
        """,
        {"TOKEN": HIDDEN, "REDIS": f"rediss://gateway:{HIDDEN}@cache.example:6380/1"},
    )

    assert config.cache == CacheSettings(
        redis=Secret(f"rediss://gateway:{HIDDEN}@cache.example:6380/1"),
        redis_ca=str(tmp_path / "ca.pem"),
        prefix="fleet:eu-1",
        max_entries=1000,
        max_bytes=1_048_576,
        fresh={"Sim": 30.0, "Missing": 0.0},
        stale={"Sim": 604_800.0},
    )
    assert HIDDEN not in repr(config)
    assert pickle.loads(pickle.dumps(config)) == config  # noqa: S301 - our own bytes, as workers get them


@pytest.mark.parametrize(
    ("line", "url"),
    [
        ('redis = "redis://127.0.0.1:6379/0"', "redis://127.0.0.1:6379/0"),
        ('redis = "redis://[::1]"', "redis://[::1]"),
        ('redis = "rediss://${HOST}/3"', "rediss://sims.example/3"),
        ('redis = "redis://:${TOKEN}@h"', f"redis://:{HIDDEN}@h"),
        ('redis = "redis://user:${TOKEN}@h:1/"', f"redis://user:{HIDDEN}@h:1/"),
        ('redis = "redis://${USER_AND_PASSWORD}@h"', f"redis://user:{HIDDEN}@h"),
        ('redis = "${URL}"', f"redis://:{HIDDEN}@h"),
        ('redis_file = "url"', f"redis://:{HIDDEN}@elsewhere"),
    ],
)
def test_an_address_of_redis(tmp_path: Path, line: str, url: str) -> None:
    """It may stand in the file, wholly or with variables in it; with a password it comes from outside."""
    (tmp_path / "url").write_text(f"redis://:{HIDDEN}@elsewhere\n")
    environ = {
        "TOKEN": HIDDEN,
        "HOST": "sims.example",
        "USER_AND_PASSWORD": f"user:{HIDDEN}",
        "URL": f"redis://:{HIDDEN}@h",
    }

    assert load(tmp_path, CACHE + line, environ).cache.redis == Secret(url)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (f'redis = "redis://:{HIDDEN}@h"', PASSWORD),
        (f'redis = "redis://u:{HIDDEN}@h"', PASSWORD),
        (f'redis = "redis://{HIDDEN}@h"', PASSWORD),
        (f'redis = "redis://u:{HIDDEN}${{TOKEN}}@h"', PASSWORD),
        (f'redis = "redis://u:{HIDDEN}/@h"', PASSWORD),
        (f'redis = "u:{HIDDEN}@h"', PASSWORD),
        ("redis = 5", "found 5; it must be text in quotes"),
        ('redis = "${NOWHERE}"', "the environment variable NOWHERE is not set"),
        ('redis = "redis://:${NOWHERE}@h"', "the environment variable NOWHERE is not set"),
        ('redis = "redis://${HOST"', "found '${' without a variable's name and '}'; write ${VARIABLE}"),
        ('redis = "${TOKEN}"', f"found an address that is not redis or rediss; {LIKE}"),
        ('redis = "http://h"', f"found an address that is not redis or rediss; {LIKE}"),
        ('redis = "redis:///0"', f"found an address without a host; {LIKE}"),
        ('redis = "redis://h:0"', f"found an address with port 0; {LIKE}"),
        ('redis = "redis://h:65536"', f"found an address with a host or port that makes no sense; {LIKE}"),
        ('redis = "redis://:${SLASHES}@h"', f"found an address with a host or port that makes no sense; {LIKE}"),
        ('redis = "redis://${HOST}@h"', f"found an address with a user and no password; {LIKE}"),
        (f'redis = "redis://h/0?password={HIDDEN}"', f"found an address with a query or fragment; {LIKE}"),
        ('redis = "redis://h/first"', f"found an address with a path that is no database's number; {LIKE}"),
        ('redis = "redis://h h"', f"found an address with blanks or control characters; {LIKE}"),
        ('redis = "redis://h"\nredis_file = "x"', "found this and redis_file; give one of them"),
        ('redis_file = "nowhere"', "the file 'nowhere' cannot be read: No such file or directory"),
    ],
)
def test_a_wrong_address_of_redis(tmp_path: Path, line: str, told: str) -> None:
    """An address that cannot be used is never shown, and one with a password in it is not taken from the file."""
    environ = {"TOKEN": HIDDEN, "HOST": "sims.example", "SLASHES": f"a/{HIDDEN}"}

    assert problems(tmp_path, CACHE + line, environ) == [f"cache: redis: {told}"]


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ('prefix = "A b"', ["prefix: found 'A b'; it must be 1 to 64 of a-z, 0-9, : and -"]),
        ("max_entries = 99", ["max_entries: found 99; it must be at least 100 and at most 10000000"]),
        ("max_bytes = 1000", ["max_bytes: found 1000; it must be at least 1048576 and at most 68719476736"]),
        ("max_bytes = 1048576.0", ["max_bytes: found 1048576.0; it must be a whole number"]),
        ("max_age = 5", ["max_age: unknown key; did you mean 'max_bytes'?"]),
        ('fresh = "1m"', ["fresh: found '1m'; it must be a table"]),
        (
            '[cache.fresh]\nSims = 1\nSim = "1"\nFleet = nan\n[cache.stale]\nSim = true\n"a\\nb" = 1',
            [
                f"fresh.Sims: unknown; known: {KNOWN}",
                "fresh.Sim: found '1'; it must be a number",
                "fresh.Fleet: found nan; it must be at least 0 and at most 86400",
                "stale.Sim: found true; it must be a number",
                f"stale.a\\nb: unknown; known: {KNOWN}",
            ],
        ),
        (
            'redis = "rediss://h"\nredis_ca = "nowhere.pem"',
            ["redis_ca: the file 'nowhere.pem' cannot be read: No such file or directory"],
        ),
        (
            'redis = "rediss://h"\nredis_ca = "gateway.toml"',
            ["redis_ca: the file 'gateway.toml' holds no certificate in PEM"],
        ),
        ('redis = "rediss://h"\nredis_ca = "a\\u0000b"', ["redis_ca: the file 'a\\x00b' cannot be read: not a path"]),
    ],
)
def test_a_wrong_line(tmp_path: Path, lines: str, told: list[str]) -> None:
    """Each wrong value is a problem of its own with its place, those within a table too."""
    assert problems(tmp_path, CACHE + lines) == [f"cache: {each}" for each in told]


@pytest.mark.parametrize("redis", ["", 'redis = "redis://h"'])
def test_an_authority_without_tls(tmp_path: Path, redis: str) -> None:
    """An authority's file where nothing is encrypted is a mistake: somebody believes that it is."""
    told = problems(tmp_path, f'{CACHE}{redis}\nredis_ca = "{CERTIFICATES}"\n')

    assert told == ["cache: redis_ca is for a redis of rediss://, and there is none"]


def test_no_table(tmp_path: Path) -> None:
    """A cache that is no table is told like any other."""
    assert problems(tmp_path, "cache = 1\n" + RIGHT) == ["cache: it must be a table; begin it with [cache]"]
