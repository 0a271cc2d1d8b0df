"""The `[[callers]]` tables: all of them, or everything that is wrong with them, each with its place."""

import tomllib
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.auth.keys import new_key
from gateway.auth.options import CallerSettings, KeySettings
from gateway.config import Outside
from gateway.config.callers import read_callers
from gateway.platform import Settings

ACCOUNTS = [
    Settings(name="eu", provider="twilio-supersim", tags=("europe", "test")),
    Settings(name="meters", provider="cisco-control-center"),
]
DIGEST = "0123456789abcdef" * 4
CALLER = '[[callers]]\nname = "ci"\nscopes = ["sims:read"]\n'
KEY = f'[[callers.keys]]\nprefix = "hR3kP0aZ"\nsha256 = "{DIGEST}"\n'
CI = 'callers[1] "ci"'
FIRST = f"{CI}: keys[1]"
REACH = 'it must have one of accounts, providers, tags, fleets; every account is accounts = ["*"]'
OF_KEYS = "there must be 1 to 20 [[callers.keys]]; `sim-gateway key new` makes one"


def read(text: str) -> tuple[tuple[CallerSettings, ...], list[str]]:
    """The callers of a file, and every mistake as the operator reads it."""
    outside = Outside(Path("/nowhere"), {"TEAM": "ops"})
    callers, problems = read_callers(tomllib.loads(text).get("callers", []), outside, ACCOUNTS)
    return callers, list(map(str, problems))


def test_every_key_arrives() -> None:
    """What is written in the tables is what the records hold; times have the offset that they were written with."""
    callers, problems = read(
        f"""
        [[callers]]
        name = "${{TEAM}}.7-x"
        scopes = ["sims:read", "pii:read"]
        accounts = ["eu"]
        providers = ["cisco-control-center"]
        tags = ["test"]
        fleets = ["meters/7", "eu/a/b"]
        requests = 1
        cost = 1_000_000_000
        [[callers.keys]]
        prefix = "hR3kP0aZ"
        sha256 = "{DIGEST}"
        not_before = 2026-11-01T00:00:00+01:00
        expires = 2027-01-31T12:30:00Z
        [[callers.keys]]
        prefix = "00000000"
        sha256 = "{DIGEST}"
        [[callers]]
        name = "all"
        scopes = []
        accounts = ["*"]
        [[callers.keys]]
        prefix = "zzzzzzzz"
        sha256 = "{DIGEST}"
        """
    )

    assert problems == []
    assert callers == (
        CallerSettings(
            name="ops.7-x",
            scopes=("sims:read", "pii:read"),
            accounts=("eu",),
            providers=("cisco-control-center",),
            tags=("test",),
            fleets=("meters/7", "eu/a/b"),
            requests=1,
            cost=1_000_000_000,
            keys=(
                KeySettings(
                    prefix="hR3kP0aZ",
                    sha256=DIGEST,
                    not_before=datetime(2026, 11, 1, tzinfo=timezone(timedelta(hours=1))),
                    expires=datetime(2027, 1, 31, 12, 30, tzinfo=UTC),
                ),
                KeySettings(prefix="00000000", sha256=DIGEST),
            ),
        ),
        CallerSettings(name="all", scopes=(), accounts=("*",), keys=(KeySettings(prefix="zzzzzzzz", sha256=DIGEST),)),
    )


def test_no_callers() -> None:
    """A file without the tables has none, and no mistake."""
    assert read("") == ((), [])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("callers = 5", ["callers: it must be tables; begin each with [[callers]]"]),
        ("[callers]", ["callers: it must be tables; begin each with [[callers]]"]),
        ("callers = [1]", ["callers: it must be tables; begin each with [[callers]]"]),
        (CALLER + KEY, [f"{CI}: {REACH}"]),
        (CALLER + "accounts = []\n" + KEY, [f"{CI}: {REACH}"]),
        (CALLER + 'accounts = ["*"]', [f"{CI}: keys: found 0; {OF_KEYS}"]),
        (CALLER + 'accounts = ["*"]\nkeys = []', [f"{CI}: keys: found 0; {OF_KEYS}"]),
        (
            CALLER + 'accounts = ["*"]\nkeys = "sgw_x"',
            [f"{CI}: keys: it must be tables; begin each with [[callers.keys]]"],
        ),
        (
            CALLER + 'accounts = ["*", "eu"]\n' + KEY,
            [f"{CI}: accounts: found ['*', 'eu']; \"*\" is every account and stands alone"],
        ),
        (CALLER + 'accounts = ["ue"]\n' + KEY, [f"{CI}: accounts: there is no account 'ue'; known: eu, meters"]),
        (
            CALLER + 'providers = ["wayscloud"]\ntags = ["tests"]\nfleets = ["eu", "us/1"]\n' + KEY,
            [
                f"{CI}: providers: there is no provider of an account here 'wayscloud'; "
                "known: cisco-control-center, twilio-supersim",
                f"{CI}: tags: there is no tag of an account here 'tests'; did you mean 'test'?",
                f"{CI}: fleets: found 'eu'; a fleet is \"account/native fleet id\"; "
                "there is no account 'us'; known: eu, meters",
            ],
        ),
        (
            CALLER.replace("sims:read", "sim:read") + 'accounts = ["*"]\n' + KEY,
            [f"{CI}: scopes: there is no scope 'sim:read'; did you mean 'sims:read'?"],
        ),
        (
            CALLER.replace('"ci"', '"anonymous"') + 'accounts = ["*"]\n' + KEY,
            ["callers[1] \"anonymous\": name: 'anonymous' is who has no key; give another name"],
        ),
        (
            '[[callers]]\nname = "A b"\nrequests = 0\ncost = 1.5\naccount = ["eu"]\n' + KEY,
            [
                "callers[1] \"A b\": account: unknown key; did you mean 'accounts'?",
                'callers[1] "A b": scopes: missing',
                "callers[1] \"A b\": name: found 'A b'; it must be 1 to 64 of a-z, 0-9, ., _ and -",
                'callers[1] "A b": requests: found 0; it must be at least 1 and at most 1000000000',
                'callers[1] "A b": cost: found 1.5; it must be a whole number',
                f'callers[1] "A b": {REACH}',
            ],
        ),
    ],
)
def test_a_wrong_caller(text: str, told: list[str]) -> None:
    """What was found and what is allowed, for every mistake at once; nobody is given all or nothing by omission."""
    assert read(text)[1] == told


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ('prefix = "hR3kP0aZ"', ["sha256: missing"]),
        (f'sha256 = "{DIGEST}"', ["prefix: missing"]),
        (
            f'prefix = "sgw_hR3kP0aZ"\nsha256 = "{DIGEST}"',
            ["prefix: it must be the 8 letters and digits after sgw_, as `sim-gateway key new` prints it"],
        ),
        (
            f'prefix = "hR3kP0aZ"\nsha256 = "{DIGEST.upper()}"\nexpire = 2027-01-31T00:00:00Z',
            [
                "expire: unknown key; did you mean 'expires'?",
                "sha256: it must be 64 of 0-9 and a-f, as `sim-gateway key new` prints it",
            ],
        ),
        *(
            (
                f'prefix = "hR3kP0aZ"\nsha256 = "{DIGEST}"\nexpires = {written}',
                [f"expires: found {shown}; it must be a time like 2027-01-31T00:00:00Z"],
            )
            for written, shown in [
                ("2027-01-31", "2027-01-31"),
                ("2027-01-31T00:00:00", "2027-01-31T00:00:00"),
                ("12:30:00", "12:30:00"),
                ('"2027-01-31T00:00:00Z"', "'2027-01-31T00:00:00Z'"),
                ("90", "90"),
            ]
        ),
        (
            f'prefix = "hR3kP0aZ"\nsha256 = "{DIGEST}"\nnot_before = 2027-01-31T00:00:00Z\n'
            "expires = 2027-01-31T01:00:00+01:00",
            ["expires: it is not after not_before, so that the key is never good"],
        ),
    ],
)
def test_a_wrong_key(lines: str, told: list[str]) -> None:
    """The key's place is told with its caller's."""
    problems = read(f'{CALLER}accounts = ["*"]\n[[callers.keys]]\n{lines}\n')[1]

    assert problems == [f"{FIRST}: {each}" for each in told]


def test_what_is_there_twice() -> None:
    """A name is one caller's and a prefix one key's: the second of each is told, with where the first is."""
    other = KEY.replace("hR3kP0aZ", "00000000")
    text = f'{CALLER}accounts = ["*"]\n{KEY}{KEY}{CALLER}accounts = ["*"]\n{other}{KEY}'

    assert read(text)[1] == [
        'callers[2] "ci": name: callers[1] "ci" has this name too',
        f"{CI}: keys[2]: prefix: {FIRST} has this prefix too",
        f'callers[2] "ci": keys[2]: prefix: {FIRST} has this prefix too',
    ]


def test_a_key_that_was_pasted_is_not_shown() -> None:
    """Somebody who writes the key itself into the file reads what is wrong, and the key is in no message."""
    key = new_key().text
    secret = key.rpartition("_")[2]
    text = f'{CALLER}accounts = ["*"]\nkey = "{key}"\n[[callers.keys]]\nprefix = "{key}"\nsha256 = "{key}"\n'
    callers, problems = read(text)

    assert callers == ()
    assert len(problems) == 3
    assert not any(secret[:8] in each for each in problems)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.datetimes() | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from([*CallerSettings.__struct_fields__, *KeySettings.__struct_fields__])
TABLES = st.lists(st.dictionaries(KEYS, VALUES, max_size=5), min_size=1, max_size=2)


@given(TABLES.map(lambda tables: [each | {"keys": tables} for each in tables]) | VALUES)
def test_anything_that_toml_can_say(given_: object) -> None:
    """Whatever is written, it is a caller or a mistake with words, and nothing else."""
    callers, problems = read_callers(given_, Outside(Path("/nowhere"), {}), ACCOUNTS)

    assert bool(problems) or all(each.keys for each in callers)
    assert all(str(each) for each in problems)
