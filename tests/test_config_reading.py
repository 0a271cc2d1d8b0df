"""What a right gateway.toml says, and what it may leave unsaid."""

from pathlib import Path

import pytest

from gateway.config import CacheSettings, ServerSettings
from gateway.platform import Settings
from gateway.registry import platforms
from gateway.secret import Secret
from tests.config_tables import ENVIRON, HIDDEN, RIGHT, HomelessSettings, SettledSettings, load, of_account, problems


def test_the_smallest_file_is_one_account(tmp_path: Path) -> None:
    """A name, a provider and its credentials are enough; everything else has a default."""
    config = load(tmp_path, RIGHT)

    assert config.accounts == (SettledSettings(name="eu", provider="settled", auth_token=Secret(HIDDEN)),)
    assert config.server == ServerSettings()
    assert config.cache == CacheSettings()


def test_every_key_arrives(tmp_path: Path) -> None:
    """What is written in the file is what the records hold."""
    config = load(
        tmp_path,
        """
        [[accounts]]
        name = "one"
        provider = "homeless"
        base_url = "https://${HOST}:8443/v1"
        api_key = "${TOKEN}"
        user = "u"
        tags = ["a", "${HOST}"]
        callback_url = "http://[::1]/x"
        time_limit = 8
        concurrency = 3
        calls = 500
        window = 60.0
        burst = 20
        connect_timeout = 1.5
        read_timeout = 20
        fresh = { Sim = 30, Fleet = 0.5 }
        stale = { Sim = 3600 }
        [server]
        host = "0.0.0.0"
        port = 0
        deadline = 2.5
        cursor_key = "${TOKEN}"
        graphiql = "off"
        max_body = 1024
        allow_private_callbacks = true
        """,
    )

    assert config.accounts == (
        HomelessSettings(
            name="one",
            provider="homeless",
            base_url="https://sims.example:8443/v1",
            api_key=Secret(HIDDEN),
            user="u",
            tags=("a", "sims.example"),
            callback_url="http://[::1]/x",
            time_limit=8.0,
            concurrency=3,
            calls=500,
            window=60.0,
            burst=20,
            connect_timeout=1.5,
            read_timeout=20.0,
            fresh={"Sim": 30.0, "Fleet": 0.5},
            stale={"Sim": 3600.0},
        ),
    )
    assert config.server == ServerSettings(
        host="0.0.0.0",  # noqa: S104 - nothing listens
        port=0,
        deadline=2.5,
        cursor_key=Secret(HIDDEN),
        graphiql="off",
        max_body=1024,
        allow_private_callbacks=True,
    )


@pytest.mark.parametrize("ending", ["", "\n", "\r\n", "\n\n"])
def test_a_secret_file_is_beside_the_configuration(tmp_path: Path, ending: str) -> None:
    """`key_file` is relative to the file that names it, and the line break at its end is no part of the secret."""
    (tmp_path / "token").write_text(HIDDEN + ending)

    config = load(tmp_path, RIGHT.replace('auth_token = "${TOKEN}"', 'auth_token_file = "token"'))

    assert of_account(config).auth_token == Secret(HIDDEN)


def test_a_secret_file_may_be_anywhere(tmp_path: Path) -> None:
    """An absolute path, or one the environment gives, is taken as it is."""
    elsewhere = tmp_path / "run" / "secrets"
    elsewhere.mkdir(parents=True)
    (elsewhere / "token").write_text(HIDDEN)
    text = RIGHT.replace('auth_token = "${TOKEN}"', 'auth_token_file = "${SECRETS}/token"')

    config = load(tmp_path, text, {"SECRETS": str(elsewhere)})

    assert of_account(config).auth_token == Secret(HIDDEN)


def test_a_secret_prints_as_stars(tmp_path: Path) -> None:
    """A configuration that is printed or logged gives no credential away."""
    config = load(tmp_path, RIGHT)

    assert HIDDEN not in repr(config)
    assert HIDDEN not in str(config)


def test_a_secret_is_never_expanded_twice(tmp_path: Path) -> None:
    """A credential that looks like a variable is a credential."""
    assert of_account(load(tmp_path, RIGHT, {"TOKEN": "${HOST}"})).auth_token == Secret("${HOST}")


def test_two_accounts_at_one_provider(tmp_path: Path) -> None:
    """Accounts are told apart by their names, not by their providers; their order is kept."""
    config = load(tmp_path, RIGHT + RIGHT.replace('"eu"', '"us"'))

    assert [account.name for account in config.accounts] == ["eu", "us"]


def test_a_dollar_alone_is_a_dollar(tmp_path: Path) -> None:
    """Only `${` begins a variable."""
    text = RIGHT.replace("settled", "homeless").replace("auth_token", 'base_url = "http://h"\nuser = "a$b"\napi_key')

    assert of_account(load(tmp_path, text)).user == "a$b"


def test_every_provider_can_be_configured() -> None:
    """What is said of all accounts is true of each provider's own Settings."""
    assert platforms()
    for platform in platforms().values():
        assert issubclass(platform.settings, Settings)
        assert platform.settings.__struct_config__.frozen


def test_the_environment_is_only_read(tmp_path: Path) -> None:
    """Variables that nobody names make no difference."""
    assert load(tmp_path, RIGHT, ENVIRON | {"PORT": "1"}) == load(tmp_path, RIGHT)
    assert problems(tmp_path, RIGHT) == []
