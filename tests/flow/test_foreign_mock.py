"""The gateway over a mock of Super SIM that nobody here wrote: Prism, serving the published OpenAPI file.

Its values are made up from types, and its `next_page_url` points to another host.
"""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.protocols.twilio_doors import TwilioSettings
from gateway.secret import Secret
from tests.node import installed, node
from tests.ports import free_port, wait_for_port
from tests.world import PATIENT, a_gateway

OPENAPI = Path(__file__).parents[1] / "data" / "openapi" / "twilio_supersim_v1.json"


@pytest.fixture(scope="module")
def mock(request: pytest.FixtureRequest) -> Iterator[str]:
    modules = installed("@stoplight/prism-cli@5.16.0", Path(request.config.cache.mkdir("prism")))
    port = free_port()
    program = modules / "@stoplight" / "prism-cli" / "dist" / "index.js"
    command = [*node(), str(program), "mock", "-p", str(port), "-h", "127.0.0.1", str(OPENAPI)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for_port(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def over(url: str) -> TwilioSettings:
    return TwilioSettings(
        name="mock",
        provider="twilio-supersim",
        base_url=url,
        account_sid="AC" + "0" * 32,
        auth_token=Secret("x"),
        **PATIENT,
    )


LISTS = """{
  sims { nodes { iccid status createdAt } ...rest }
  fleets { nodes { name dataLimit } pageInfo { hasNextPage } problems { code message } }
  networks { nodes { name country identifiers { mcc } } problems { code message } }
  networkAccessProfiles { nodes { name } problems { code message } }
  commands { nodes { status direction } problems { code operation message } }
  esimProfiles { nodes { status eid } problems { code message } }
  settingsUpdates { nodes { status } problems { code message } }
}
fragment rest on SimConnection { problems { account operation code message } pageInfo { hasNextPage } }"""


async def test_first_pages_answer_and_the_foreign_link_is_refused_by_name(mock: str):
    """Every list gives its first page and a BAD_RESPONSE that names the host its link points to."""
    async with a_gateway([over(mock)]) as world:
        data = await world.data(LISTS)

    assert [sim["createdAt"] for sim in data["sims"]["nodes"]] == ["2019-08-24T14:15:22Z"]
    assert data["sims"]["pageInfo"] == {"hasNextPage": False}
    for name, listed in data.items():
        assert len(listed["nodes"]) == (2 if name == "commands" else 1), name
        assert {each["code"] for each in listed["problems"]} == {"BAD_RESPONSE"}, name
        assert all("'example.com'" in each["message"] for each in listed["problems"]), name


async def test_absurd_values_are_null(mock: str):
    """A negative size, a country called "string", a currency and an ICCID that are none: null, and no error."""
    usage = """{ usage(filter: {since: "2026-11-01T00:00:00Z", until: "2026-11-02T00:00:00Z", groupBy: SIM}) {
        nodes { bytesUp bytesDown bytesTotal country costs { currency } } problems { code } } }"""
    async with a_gateway([over(mock)]) as world:
        data = await world.data(f"{{ sims {{ nodes {{ iccid }} }} networks {{ nodes {{ country }} }} {usage[1:]}")

    assert data["sims"]["nodes"] == [{"iccid": None}]
    assert data["networks"]["nodes"] == [{"country": None}]
    assert data["usage"]["nodes"] == [
        {"bytesUp": None, "bytesDown": None, "bytesTotal": None, "country": None, "costs": None}
    ]
