"""The `[server]` table: who may reach the gateway, and how long it waits for them."""

from pathlib import Path

import pytest

from gateway.config import ConfigError, ServerSettings
from tests.config_tables import RIGHT, load


def test_every_key_arrives(tmp_path: Path) -> None:
    """What is written in the file is what the record holds."""
    config = load(
        tmp_path,
        RIGHT
        + """
        [server]
        body_timeout = 3
        header_timeout = 2.5
        write_timeout = 600
        hosts = ["sims.example", "[::1]", "10.0.0.1"]
        cors_origins = ["https://app.example", "http://localhost:3000"]
        trusted_proxies = ["10.0.0.0/8", "::1"]
        graphiql = "all"
        introspection = "off"
        suggestions = "admin"
        """,
    )

    assert config.server == ServerSettings(
        body_timeout=3.0,
        header_timeout=2.5,
        write_timeout=600.0,
        hosts=("sims.example", "[::1]", "10.0.0.1"),
        cors_origins=("https://app.example", "http://localhost:3000"),
        trusted_proxies=("10.0.0.0/8", "::1"),
        graphiql="all",
        introspection="off",
        suggestions="admin",
    )


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('hosts = ["sims.example:80"]', "found 'sims.example:80'; it must be a name or an address without a port"),
        ('hosts = ["*"]', "found '*'; it must be a name or an address without a port"),
        ('cors_origins = ["*"]', "found '*'; an origin is https://host[:port]"),
        ('cors_origins = ["https://app.example/"]', "found 'https://app.example/'; an origin is"),
        ('cors_origins = ["https://app.example:443"]', "found 'https://app.example:443'; an origin is"),
        ('cors_origins = ["https://APP.example"]', "found 'https://APP.example'; an origin is"),
        ('cors_origins = ["https://user:word@app.example"]', "found an address; an origin is"),
        ('cors_origins = ["null"]', "found 'null'; an origin is"),
        ('cors_origins = ["https://[::1"]', "found 'https://[::1'; an origin is"),
        ('trusted_proxies = ["*"]', "found '*'; it must be an IP address or a network like 10.0.0.0/8"),
        ('trusted_proxies = ["10.0.0.1/8"]', "found '10.0.0.1/8'; it must be an IP address or a network"),
        ("header_timeout = 0", "found 0; it must be above 0 and at most 120"),
        ('introspection = "yes"', "found 'yes'; it must be 'off' or 'admin' or 'all'"),
    ],
)
def test_a_wrong_value_says_what_is_allowed(tmp_path: Path, line: str, told: str) -> None:
    """Names are exact: nothing stands for several."""
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, f"{RIGHT}[server]\n{line}")

    [problem] = caught.value.problems
    assert problem.message.startswith(told)
