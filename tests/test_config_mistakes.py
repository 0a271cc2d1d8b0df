"""Every mistake in gateway.toml is told, all together, with its place, and without a secret's value."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.config import ConfigError, Outside, read_config
from tests.config_tables import ENVIRON, HIDDEN, PLATFORMS, RIGHT, load, problems

HOMELESS = '[[accounts]]\nname = "eu"\nprovider = "homeless"\nbase_url = "http://h"\napi_key = "${TOKEN}"\n'
EU = 'accounts[1] "eu"'
KNOWN = (
    "auth_token, auth_token_file, base_url, burst, calls, concurrency, connect_timeout, fresh, name, provider, "
    "read_timeout, stale, tags, time_limit, window"
)
FORMS = 'give auth_token = "${VARIABLE}" or auth_token_file = "path"'


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("concurrency = 0", f"{EU}: concurrency: found 0; it must be at least 1 and at most 1000"),
        ("concurrency = 1001", f"{EU}: concurrency: found 1001; it must be at least 1 and at most 1000"),
        ("concurrency = true", f"{EU}: concurrency: found true; it must be a whole number"),
        ("concurrency = 1.5", f"{EU}: concurrency: found 1.5; it must be a whole number"),
        ("calls = 0", f"{EU}: calls: found 0; it must be at least 1"),
        ("window = 0", f"{EU}: window: found 0; it must be above 0"),
        ("window = nan", f"{EU}: window: found nan; it must be above 0"),
        ("window = inf", f"{EU}: window: found inf; it must be above 0"),
        ("calls = 5\nburst = 0", f"{EU}: burst: found 0; it must be at least 1"),
        ("calls = 5\nburst = 6", f"{EU}: burst: found 6; it must be at most the 5 calls of a window"),
        ("burst = 6", f"{EU}: burst: found 6; it has no use without calls"),
        ("burst = true", f"{EU}: burst: found true; it must be a whole number"),
        ("connect_timeout = 0", f"{EU}: connect_timeout: found 0; it must be above 0 and at most 60"),
        ("read_timeout = 61", f"{EU}: read_timeout: found 61; it must be above 0 and at most 60"),
        ("fresh = { Sim = -1 }", f"{EU}: fresh.Sim: found -1; it must be at least 0 and at most 86400"),
        ("stale = { Sim = 604801 }", f"{EU}: stale.Sim: found 604801; it must be at least 0 and at most 604800"),
        ("fresh = 5", f"{EU}: fresh: found 5; it must be a table"),
        ("time_limit = 0.0", f"{EU}: time_limit: found 0.0; it must be above 0 and at most 60"),
        ("time_limit = 61", f"{EU}: time_limit: found 61; it must be above 0 and at most 60"),
        ('time_limit = "4"', f"{EU}: time_limit: found '4'; it must be a number"),
        ("time_limit = 1979-05-27", f"{EU}: time_limit: found datetime.date(1979, 5, 27); it must be a number"),
        ("base_url = 5", f"{EU}: base_url: found 5; it must be text in quotes"),
        ('conurrency = "x"', f"{EU}: conurrency: unknown key; did you mean 'concurrency'?"),
        (f'auth_tokn = "{HIDDEN}"', f"{EU}: auth_tokn: unknown key; did you mean 'auth_token'?"),
        (f'auth_token_file = "{HIDDEN}"', f"{EU}: auth_token: found this and auth_token_file; give one of them"),
        ('base_url = "${NOWHERE}"', f"{EU}: base_url: the environment variable NOWHERE is not set"),
        (
            'base_url = "${HOST"',
            f"{EU}: base_url: found '${{' without a variable's name and '}}'; write ${{VARIABLE}}",
        ),
    ],
)
def test_a_wrong_line(tmp_path: Path, line: str, told: str) -> None:
    """One wrong line is one problem, which names the table, the key, what was found and what is allowed."""
    assert problems(tmp_path, f"{RIGHT}{line}\n") == [told]


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("ftp://host", "found 'ftp://host' that is not http or https"),
        ("host/path", "found 'host/path' that is not http or https"),
        ("http://", "found 'http://' without a host"),
        ("http:///x", "found 'http:///x' without a host"),
        ("http://h:99999", "found 'http://h:99999' with a host or port that makes no sense"),
        ("http://[::1", "found 'http://[::1' with a host or port that makes no sense"),
        ("http://h:0", "found 'http://h:0' with port 0"),
        (f"http://u:{HIDDEN}@h", "found an address with a user or password in it"),
        (f"http://h/?key={HIDDEN}", "found an address with a query or fragment"),
        (f"http://h/#{HIDDEN}", "found an address with a query or fragment"),
        ("http://h/a b", "found 'http://h/a b' with blanks or control characters"),
    ],
)
@pytest.mark.parametrize("key", ["base_url", "callback_url"])
def test_a_wrong_address(tmp_path: Path, key: str, url: str, told: str) -> None:
    """Every key that holds an address takes a plain http(s) one; one with a credential in it is not repeated."""
    text = HOMELESS.replace('"http://h"', f'"{url}"')
    if key != "base_url":
        text = f'{HOMELESS}{key} = "{url}"\n'

    assert problems(tmp_path, text) == [f"{EU}: {key}: {told}; it must be like https://host/path"]


def test_what_the_environment_says_is_not_repeated(tmp_path: Path) -> None:
    """A wrong value that came from a variable is shown as it is written in the file."""
    (told,) = problems(tmp_path, RIGHT + 'base_url = "${TOKEN}"\n')

    assert told == f"{EU}: base_url: found '${{TOKEN}}' that is not http or https; it must be like https://host/path"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (f'auth_token = "{HIDDEN}"', f"a secret is not written here; {FORMS}"),
        (f'auth_token = "x${{TOKEN}}{HIDDEN}"', f"a secret is not written here; {FORMS}"),
        (f'auth_token = ["{HIDDEN}"]', f"a secret is not written here; {FORMS}"),
        ("auth_token = 5", f"a secret is not written here; {FORMS}"),
        ("", f"missing; {FORMS}"),
        ('auth_token = "${NOWHERE}"', "the environment variable NOWHERE is not set"),
        ('auth_token = "${EMPTY}"', "the secret is empty"),
        ('auth_token = "${LINES}"', "the secret has a line break or another control character in it"),
        ('auth_token_file = "nowhere"', "the file 'nowhere' cannot be read: No such file or directory"),
        ('auth_token_file = "."', "the file '.' cannot be read: Is a directory"),
        ('auth_token_file = "a\\u0000b"', "the file 'a\\x00b' cannot be read: not a path"),
        ('auth_token_file = "empty"', "the secret is empty"),
        ('auth_token_file = "binary"', "the file 'binary' is not UTF-8 text"),
        ('auth_token_file = "large"', "the file 'large' has more than 65536 bytes"),
        ("auth_token_file = 5", "auth_token_file must be a path, as text in quotes"),
    ],
)
def test_a_wrong_secret(tmp_path: Path, line: str, told: str) -> None:
    """A secret that cannot be used is named by its key, variable or file, never by its value."""
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "binary").write_bytes(b"\xff" + HIDDEN.encode())
    (tmp_path / "large").write_text(HIDDEN * 4000)
    environ = ENVIRON | {"EMPTY": " ", "LINES": f"{HIDDEN}\n{HIDDEN}"}
    text = RIGHT.replace('auth_token = "${TOKEN}"', line)

    assert problems(tmp_path, text, environ) == [f"{EU}: auth_token: {told}"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", ["accounts: found 0; there must be 1 to 1000 [[accounts]] tables"]),
        ("accounts = 5", ["accounts: it must be tables; begin each with [[accounts]]"]),
        ("[accounts]\nname = 'x'", ["accounts: it must be tables; begin each with [[accounts]]"]),
        (RIGHT + "[serve]\n", ["serve: unknown table; did you mean 'server'?"]),
        (
            RIGHT + "[metrics]\n",
            [
                "metrics: unknown table; known: accounts, budget, cache, callers, documents, issuers, limits, server, "
                "store"
            ],
        ),
        ("server = 1\n" + RIGHT, ["server: it must be a table; begin it with [server]"]),
        (RIGHT + "[server]\nprot = 1", ["server: prot: unknown key; did you mean 'port'?"]),
        (RIGHT + "[server]\nport = 65536", ["server: port: found 65536; it must be at least 0 and at most 65535"]),
        (RIGHT + "[server]\nhost = 'a b'", ["server: host: found 'a b'; it must be a host name or an IP address"]),
        (RIGHT + "[server]\ndeadline = 121", ["server: deadline: found 121; it must be above 0 and at most 120"]),
        (RIGHT + "[server]\ngraphiql = 'no'", ["server: graphiql: found 'no'; it must be 'off' or 'admin' or 'all'"]),
        (
            RIGHT + '[server]\ncursor_key = "${SHORT}"',
            ["server: cursor_key: found a secret; it must be at least 16 characters"],
        ),
        (RIGHT + RIGHT, ['accounts[2] "eu": name: accounts[1] has this name too']),
        ("[[accounts]]\n", ["accounts[1]: name: missing", "accounts[1]: provider: missing"]),
        (
            RIGHT.replace('"settled"', '"setled"'),
            [f"{EU}: provider: there is no provider 'setled'; did you mean 'settled'?; known: homeless, settled"],
        ),
        (
            RIGHT.replace('"settled"', '"verizon"') + "calls = 0\n",
            [
                f"{EU}: calls: found 0; it must be at least 1",
                f"{EU}: provider: there is no provider 'verizon'; known: homeless, settled",
            ],
        ),
        (RIGHT.replace('"settled"', "7"), [f"{EU}: provider: found 7; it must be text in quotes"]),
        (
            RIGHT.replace('"eu"', '"E U"'),
            ["accounts[1] \"E U\": name: found 'E U'; it must be 1 to 64 of a-z, 0-9 and -"],
        ),
        (
            HOMELESS.replace('base_url = "http://h"', ""),
            [f"{EU}: base_url: missing; homeless has no address of its own"],
        ),
        (HOMELESS + 'user = "root"', [f"{EU}: user root needs tags"]),
        (HOMELESS + "tags = 5", [f"{EU}: tags: found 5; it must be array"]),
        (RIGHT + '"a\\nb" = 1', [f"{EU}: a\\nb: unknown key; known: {KNOWN}"]),
    ],
)
def test_a_wrong_table(tmp_path: Path, text: str, told: list[str]) -> None:
    """Tables, names and providers that make no sense are named, with what was perhaps meant."""
    assert problems(tmp_path, text, ENVIRON | {"SHORT": HIDDEN[:15]}) == told


def test_ten_mistakes_are_ten_problems(tmp_path: Path) -> None:
    """All mistakes of a file come at once, each with its own place."""
    told = problems(
        tmp_path,
        f"""
        [[accounts]]
        name = "One"
        provider = "settled"
        auth_token = "{HIDDEN}"
        calls = 0
        [[accounts]]
        name = "two"
        provider = "homeles"
        time_limit = 100
        [[accounts]]
        name = "two"
        provider = "homeless"
        api_key_file = "nowhere"
        colour = "blue"
        [server]
        port = "8000"
        [metrics]
        """,
    )

    assert [line.partition(": ")[0] + ": " + line.split(": ")[1] for line in told] == [
        "metrics: unknown table; known",
        'accounts[3] "two": name',
        'accounts[1] "One": name',
        'accounts[1] "One": calls',
        'accounts[1] "One": auth_token',
        'accounts[2] "two": time_limit',
        'accounts[2] "two": provider',
        'accounts[3] "two": colour',
        'accounts[3] "two": api_key',
        'accounts[3] "two": base_url',
        "server: port",
    ]


MISTAKES: dict[str, Callable[[dict[str, object]], None]] = {
    "name": lambda table: table.update(name="Not Good"),
    "auth_token": lambda table: table.update(auth_token=HIDDEN),
    "concurrency": lambda table: table.update(concurrency=0),
    "calls": lambda table: table.update(calls="many"),
    "window": lambda table: table.update(window=-1),
    "time_limit": lambda table: table.update(time_limit=99),
    "base_url": lambda table: table.update(base_url="nowhere"),
    "wndow": lambda table: table.update(wndow=HIDDEN),
}


@given(st.sets(st.tuples(st.integers(0, 3), st.sampled_from(sorted(MISTAKES))), min_size=1), st.integers())
def test_as_many_problems_as_mistakes(mistakes: set[tuple[int, str]], seed: int) -> None:
    """Whatever mistakes are made, in whatever order, each is told exactly once at its place and no value leaks."""
    tables: list[dict[str, object]] = [
        {"name": f"account-{number}", "provider": "settled", "auth_token": "${TOKEN}"} for number in range(4)
    ]
    order = sorted(mistakes)
    random.Random(seed).shuffle(order)  # noqa: S311 - not a secret
    for number, key in order:
        MISTAKES[key](tables[number])
    names = [table["name"] for table in tables]
    repeated = {(number, "name") for number, name in enumerate(names) if name in names[:number]}

    with pytest.raises(ConfigError) as caught:
        read_config({"accounts": tables}, Outside(Path(), ENVIRON), PLATFORMS)

    told = [(int(problem.place[9]) - 1, str(problem.key)) for problem in caught.value.problems]
    assert sorted(told) == sorted([*mistakes, *repeated])
    assert HIDDEN not in str(caught.value)


BUSY_MACHINE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(
    [
        *("name", "provider", "auth_token", "auth_token_file", "base_url", "calls", "window", "time_limit"),
        *("concurrency", "burst", "connect_timeout", "read_timeout", "fresh", "stale", "tags"),
    ]
)


@BUSY_MACHINE
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "accounts": st.lists(st.dictionaries(KEYS | st.text(max_size=9), JSON, max_size=6), max_size=3) | JSON,
            "server": st.dictionaries(st.sampled_from(["host", "port", "cursor_key", "max_body"]), JSON) | JSON,
            "cache": st.dictionaries(st.sampled_from(["redis", "redis_file", "redis_ca", "fresh", "stale"]), JSON)
            | JSON,
            "store": st.dictionaries(st.sampled_from(["folder", "redis", "redis_file", "redis_ca", "prefix"]), JSON)
            | JSON,
            "x": JSON,
        },
    )
)
def test_nothing_but_a_config_error(document: dict[str, object]) -> None:
    """Whatever a file holds, it is read or refused in words of one line each."""
    lines: list[str] = ["read"]
    try:
        read_config(document, Outside(Path("/nowhere"), ENVIRON), PLATFORMS)
    except ConfigError as error:
        lines = [str(problem) for problem in error.problems]

    assert lines
    assert all("\n" not in line for line in lines)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"[[accounts]]\nname = eu\n", "is not TOML: Invalid value (at line 2, column 8)"),
        (b"a = 1\na = 2\n", "is not TOML: Cannot overwrite a value (at line 2, column 6)"),
        (b"\n\n\xff", "is not UTF-8 text (at line 3)"),
        (b"a = " + b"[" * 100_000, "is not TOML: a value in it is too large or too deep"),
        (b"a = " + b"1" * 5000, "is not TOML: a value in it is too large or too deep"),
        (b"#" * 1_048_577, "has more than 1048576 bytes"),
    ],
    ids=["value", "twice", "bytes", "deep", "long", "large"],
)
def test_a_file_that_is_not_toml(tmp_path: Path, content: bytes, told: str) -> None:
    """A file that cannot be read as TOML has one mistake, with its line."""
    path = tmp_path / "gateway.toml"
    path.write_bytes(content)

    with pytest.raises(ConfigError) as caught:
        load_file(path)

    assert str(caught.value) == f"{path}: {told}"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """The path is named."""
    with pytest.raises(ConfigError, match=r"nowhere\.toml: cannot be read: No such file or directory"):
        load_file(tmp_path / "nowhere.toml")


def load_file(path: Path) -> None:
    from gateway.config import load_config

    load_config(path, ENVIRON, PLATFORMS)


def test_a_problem_is_an_error_with_every_line(tmp_path: Path) -> None:
    """The error's text is all its problems, one a line."""
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, RIGHT + "calls = 0\nwindow = 0\n")

    assert str(caught.value).splitlines() == [str(problem) for problem in caught.value.problems]
    assert len(caught.value.problems) == 2
