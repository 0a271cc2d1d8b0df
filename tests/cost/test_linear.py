"""An estimate takes time in proportion to the document."""

import sys
from collections.abc import Callable
from types import FrameType

import pytest
import pytest_asyncio

from tests.cost.asking import cost
from tests.world import World, a_world

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world():
    async with a_world(["twilio-supersim", "cisco-control-center"], sims=1) as made:
        yield made


def steps_of(work: Callable[[], object]) -> int:
    """How many functions it calls: the same on every machine."""
    steps = 0

    def count(_frame: FrameType, event: str, _arg: object) -> None:
        nonlocal steps
        steps += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return steps


def alike(size: int) -> str:
    """Many aliases of one field."""
    return "{ " + " ".join(f"a{number}: sims {{ nodes {{ fleet {{ name }} }} }}" for number in range(size)) + " }"


def different(size: int) -> str:
    """The same with other arguments each."""
    fields = (f"a{number}: events(first: {number % 500}) {{ nodes {{ sim {{ iccid }} }} }}" for number in range(size))
    return "{ sims(first: 1) { nodes { " + " ".join(fields) + " } } }"


def deep(size: int) -> str:
    """Fleets of SIMs of fleets of SIMs."""
    return "{ sims { nodes { " + "fleet { sims { nodes { " * size + "iccid" + " } } }" * size + " } } }"


def spread(size: int) -> str:
    """Fragments that spread the next one twice, on the same things: written out they would be 2 ** size fields."""
    fragments = (
        f"fragment F{number} on Sim {{ fleet {{ name }} ...F{number + 1} x{number}: id ...F{number + 1} }}"
        for number in range(size)
    )
    return "{ sims { nodes { ...F0 } } } " + " ".join(fragments) + f" fragment F{size} on Sim {{ iccid }}"


@pytest.mark.parametrize("document", [alike, different, deep, spread])
async def test_twice_the_document_is_twice_the_work(world: World, document: Callable[[int], str]):
    """Aliases, arguments, depth and fragments alike."""
    small, large = document(20), document(40)
    cost(world, small, {})

    one, two = (steps_of(lambda text=text: cost(world, text, {})) for text in (small, large))

    assert two < 2.3 * one
