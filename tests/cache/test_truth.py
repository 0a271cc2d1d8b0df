"""Whatever happens in whatever order, an answer is what its provider said, as old as it says, and never forgotten."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.cache.question import Change
from schema.errors import GatewayError, Unavailable
from schema.sim import Sim
from tests.cache.desk import ACCOUNT, LIST, Desk, sim_question

FRESH, STALE = 60.0, 86_400.0


class Move(NamedTuple):
    seconds: float


class Say(NamedTuple):
    """The provider says something new from now on, or fails."""

    fails: bool


class Ask(NamedTuple):
    native_id: str
    max_age: float | None


class Forget(NamedTuple):
    native_id: str


IDS = st.sampled_from(["0", "1", "7"])
STEPS = st.one_of(
    st.builds(Move, st.sampled_from([1.0, 30.0, 58.0, 61.0, 119.0, 130.0, 86_000.0])),
    st.builds(Say, st.booleans()),
    st.builds(Ask, IDS, st.sampled_from([None, None, 0.5, 40.0])),
    st.builds(Forget, IDS),
    st.just("list"),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(STEPS, max_size=30))
def test_answers_are_true(steps: Sequence[object]) -> None:
    """An answer without a failure beside it is no older than it may be; one that was forgotten never comes back."""
    asyncio.run(_played(steps))


async def _played(steps: Sequence[object]) -> None:
    desk = Desk()
    said = {1: desk.now}  # since when the provider says what
    oldest: dict[str, int] = {}  # what may still be told of a SIM after it was forgotten
    for step in steps:
        match step:
            case Move(seconds):
                desk.move(seconds)
            case Say(fails):
                desk.failure = Unavailable("gone") if fails else None
                desk.version += 1
                said[desk.version] = desk.now
            case Forget(native_id):
                await desk.cache.forget(ACCOUNT, Change(Sim, native_id))
                oldest[native_id] = desk.version
            case Ask(native_id, max_age):
                await _asked(desk, native_id, max_age, oldest.get(native_id, 1), said)
            case _:
                await asyncio.gather(desk.ask(LIST), return_exceptions=True)
    await desk.cache.aclose()


async def _asked(desk: Desk, native_id: str, max_age: float | None, oldest: int, said: dict[int, object]) -> None:
    try:
        told = await desk.ask(sim_question(native_id), max_age)
    except GatewayError:
        assert desk.failure is not None
        return
    sim = told.answer
    version, age = int(sim.name[1:]), (desk.now - sim.as_of).total_seconds()
    assert version >= oldest
    assert version in said
    assert age < STALE
    if not sim.stale:
        assert age < FRESH
        assert max_age is None or age <= max_age
    elif told.failure is None:
        assert age < 2 * FRESH
        assert max_age is None
    else:
        assert desk.failure is not None
