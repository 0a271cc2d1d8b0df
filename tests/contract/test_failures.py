"""Whatever a provider does wrong comes out as one of our errors, in time, and gives nothing away."""

from contextlib import AbstractAsyncContextManager

import pytest

from schema.errors import BadResponse, GatewayError, RateLimited, TimedOut, Unavailable
from tests.waiting import until_true
from tests.world import World, a_world

SIMS = "{ sims(first: 5) { nodes { iccid } problems { account operation code message } } }"
ALLOWED = {
    ("status", "500"): {Unavailable},
    ("status", "503"): {Unavailable},
    ("throttle", None): {RateLimited},
    ("hang", None): {TimedOut},
    ("drip", None): {TimedOut},
    ("reset", None): {Unavailable},
    ("drop", None): {Unavailable},
    ("garbage", None): {BadResponse},
    ("html", None): {Unavailable},
    ("empty", None): {BadResponse},
    ("wrong-type", None): {BadResponse},
    ("truncated-gzip", None): {BadResponse, Unavailable},
    ("nested", None): {BadResponse},
    ("big", None): {BadResponse, TimedOut},
}


SLOW = ("hang", "drip", "big")
"""Faults that would take all the time there is."""


def a_provider(name: str, time_limit: float = 50.0) -> AbstractAsyncContextManager[World]:
    return a_world([name], sims=12, unhurried=True, calls=1000, window=1.0, time_limit=time_limit)


@pytest.mark.parametrize(("kind", "value"), ALLOWED, ids=lambda value: value or "")
async def test_a_failure_is_a_problem(provider_name: str, kind: str, value: str | None):
    """The list is empty and says why: account, operation, a code, and a sentence of ours."""
    async with a_provider(provider_name, 0.5 if kind in SLOW else 50.0) as world:
        world.host.fault(provider_name, kind, value, path="")

        sims = (await world.data(SIMS))["sims"]

        assert sims["nodes"] == []
        [problem] = sims["problems"]
        assert problem["account"] == provider_name
        assert problem["code"] in {each.code.value for each in ALLOWED[kind, value]}
        _gives_nothing_away(problem["message"], world, provider_name)


def _gives_nothing_away(message: str, world: World, provider_name: str) -> None:
    table = world.simulators[provider_name].account
    secrets = [str(value) for key, value in table.items() if key in ("auth_token", "client_secret", "api_key")]
    for leak in [*secrets, "http://", "https://", "127.0.0.1", "Traceback", "<html"]:
        assert leak not in message


async def test_the_account_recovers(provider_name: str):
    """Soon after the fault is gone requests are answered again, and health says what happened in between."""
    health = "{ accounts { name health healthReason } }"
    async with a_provider(provider_name) as world:
        assert (await world.data(health))["accounts"][0]["health"] == "UNKNOWN"
        world.host.fault(provider_name, "status", "503")
        await world.data(SIMS)
        down = (await world.data(health))["accounts"][0]
        world.forget()

        async def is_whole() -> bool:
            sims = (await world.data(SIMS))["sims"]
            return len(sims["nodes"]) == 5 and sims["problems"] == []

        await until_true(is_whole)

        assert down["health"] == "DOWN"
        assert down["healthReason"].startswith("UNAVAILABLE")
        assert (await world.data(health))["accounts"][0]["health"] == "UP"


async def test_refused_connections_are_unavailable(provider_name: str):
    """A provider that is not there at all is UNAVAILABLE, at once."""
    async with a_world([provider_name], sims=12, base_url="http://127.0.0.1:9") as world:
        sims = (await world.data(SIMS))["sims"]

        assert [problem["code"] for problem in sims["problems"]] == ["UNAVAILABLE"]


def test_every_error_has_a_code():
    """The tree is complete: every error in it has a code of its own."""
    kinds = [each for each in GatewayError.__subclasses__() if each.__module__ == GatewayError.__module__]

    assert len({kind.code for kind in kinds}) == len(kinds) == 12
