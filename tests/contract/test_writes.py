"""What is true of every write of every provider: one call, done once, read back as it was said."""

import asyncio
from collections.abc import Iterator
from http import HTTPStatus

import pytest

from gateway.page import PageRequest
from gateway.provider import Provider
from gateway.simulation.request_log import Request
from gateway.upstream.carrier import Carrier
from gateway.upstream.errand import ERRAND, Errand, NotSent
from gateway.where import SimWhere
from schema.errors import BadResponse, NotFound, RateLimited, Refused, Unavailable
from tests.contract.looking import is_as_written, is_told_alike, read_back
from tests.contract.writes import NOBODY, Bench, sample, send, unknown
from tests.waiting import until
from tests.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")

FAILURES = {
    ("status", "500"): (Unavailable, True),
    ("status", "503"): (Unavailable, True),
    ("html", None): (Unavailable, True),
    ("drop", None): (Unavailable, True),
    ("reset", None): (Unavailable, True),
    ("status", "400"): (Refused, False),
    ("status", "404"): (NotFound, False),
    ("throttle", "0"): (RateLimited, False),
}
"""Kind and value; the error, and whether the write may have been executed all the same."""

NOWHERE = "http://127.0.0.1:9"
"""Where nobody listens."""

SPOILED = ("garbage", "empty", "wrong-type", "page", "truncated-gzip")
"""Answers of success that cannot be read."""


@pytest.fixture
def bench(world: World, provider: Provider, provider_name: str) -> Bench:
    return Bench(provider, world.simulators[provider_name])


@pytest.fixture
def journey() -> Iterator[Errand]:
    """The errand of what a test asks."""
    made = Errand()
    before = ERRAND.set(made)
    yield made
    ERRAND.reset(before)


def written(world: World, provider_name: str) -> list[Request]:
    """What arrived and was no reading."""
    return [each for each in world.arrived(provider_name) if each.method != "GET"]


async def test_a_write_is_one_call_and_is_done(
    bench: Bench, world: World, provider_name: str, writing: str, journey: Errand
):
    """One request, no other beside it; then the provider shows what was written, and it is what the answer said."""
    write = await sample(bench, writing)
    assert not is_as_written(write, await read_back(bench, write))
    world.forget()

    done = await send(bench, write)

    [request] = world.arrived(provider_name)
    assert request.method != "GET"
    assert done.is_pending is (request.status == HTTPStatus.ACCEPTED)
    assert journey.may_have_happened
    shown = await read_back(bench, write, done.thing and done.thing.native_id)
    assert is_as_written(write, shown)
    assert done.thing is None or is_told_alike(done.thing, shown)


async def test_a_dry_write_is_not_sent(bench: Bench, world: World, provider_name: str, writing: str, journey: Errand):
    """On a dry errand everything is checked and nothing is sent."""
    write = await sample(bench, writing)
    world.forget()
    journey.is_dry, journey.may_have_happened = True, False

    with pytest.raises(NotSent):
        await send(bench, write)

    assert world.arrived(provider_name) == []
    assert not journey.may_have_happened


@pytest.mark.parametrize("nobody", [NOBODY, "no such/thing?x=1#y", "..", ""])
async def test_a_write_to_nothing_is_refused(
    bench: Bench, world: World, provider_name: str, naming: str, journey: Errand, nobody: str
):
    """An id that nobody has is NotFound or Refused; nothing was executed, nowhere else either."""
    write = unknown(await sample(bench, naming), nobody)
    world.forget()
    journey.may_have_happened = False

    with pytest.raises((NotFound, Refused)):
        await send(bench, write)

    assert not journey.may_have_happened
    assert all(400 <= (each.status or 0) < 500 for each in written(world, provider_name))
    assert len(written(world, provider_name)) <= 1


@pytest.mark.parametrize(("kind", "value"), FAILURES, ids=lambda value: value or "")
async def test_a_failed_write_is_not_repeated(
    bench: Bench, world: World, provider_name: str, writing: str, journey: Errand, kind: str, value: str | None
):
    """Whatever goes wrong is one of our errors, says whether it may have happened, and is sent once."""
    write = await sample(bench, writing)
    world.forget()
    journey.may_have_happened = False
    world.host.fault(provider_name, kind, value, count=1)

    error, may_have_happened = FAILURES[kind, value]
    with pytest.raises(error):
        await send(bench, write)

    assert journey.may_have_happened is may_have_happened
    assert len(world.arrived(provider_name)) == 1
    assert kind == "reset" or not is_as_written(write, await read_back(bench, write))
    await is_well(bench)


@pytest.mark.parametrize("kind", SPOILED)
async def test_an_answer_that_cannot_be_read_leaves_it_open(
    bench: Bench, world: World, provider_name: str, answered: str, journey: Errand, kind: str
):
    """Success that cannot be read is no success: it may have happened, and is not tried again."""
    write = await sample(bench, answered)
    world.forget()
    journey.may_have_happened = False
    world.host.fault(provider_name, kind, count=1)

    with pytest.raises((BadResponse, Unavailable)):
        await send(bench, write)

    assert journey.may_have_happened
    assert len(world.arrived(provider_name)) == 1
    await is_well(bench)


async def test_a_write_given_up_may_have_happened(
    bench: Bench, world: World, provider_name: str, writing: str, journey: Errand
):
    """Nobody waits any more for a provider that does not answer: it has the write, and may do it."""
    write = await sample(bench, writing)
    world.forget()
    journey.may_have_happened = False
    world.host.fault(provider_name, "hang", count=1)

    asking = asyncio.create_task(send(bench, write))
    await until(lambda: bool(written(world, provider_name)))
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking

    assert journey.may_have_happened
    assert len(world.arrived(provider_name)) == 1
    await is_well(bench)


async def test_a_write_without_a_connection_has_not_happened(
    bench: Bench, world: World, provider_name: str, writing: str, journey: Errand, monkeypatch: pytest.MonkeyPatch
):
    """A refused connection is Unavailable; not a byte was sent, and that is known."""
    write = await sample(bench, writing)
    world.forget()
    journey.may_have_happened = False

    carrier = Carrier(NOWHERE, 1)
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(bench.provider.client, "base_url", NOWHERE)
        elsewhere.setattr(bench.provider.client, "_transport", carrier)  # the account's own would refuse to go there
        with pytest.raises(Unavailable):
            await send(bench, write)
    await carrier.aclose()

    assert not journey.may_have_happened
    assert world.arrived(provider_name) == []
    await is_well(bench)


async def is_well(bench: Bench) -> None:
    """Reads are answered again, and often enough that the account is not taken for broken."""
    for _ in range(3):
        await bench.provider.list_sims(SimWhere(), PageRequest(1))
