"""What is charged of an account of which a caller sees a part: what can be told from his own request alone."""

import pytest
import pytest_asyncio

from gateway.batch.plan import Learned
from gateway.cost.estimate import Estimate, Spent
from tests.cost.asking import cost
from tests.reach.desk import TWILIO
from tests.world import World, a_world

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world():
    async with a_world([TWILIO], sims=1) as made:
        yield made


async def test_what_is_seen_in_part_is_charged_as_estimated():
    """Whatever was made there. Several such accounts are not charged more than the whole was estimated to take."""
    estimated = Estimate(7, {"a": 5, "b": 4, "c": 1})

    assert estimated.spent({"a": 1, "c": 2, "x": 9}, {"a", "x"}) == Spent(7, {"a": 5, "c": 2})
    assert estimated.spent({}, {"a", "b"}) == Spent(7, {"a": 5, "b": 4})


async def test_what_is_seen_in_part_is_estimated_without_what_was_learned(world: World):
    """How long the lists of the whole account are would tell of the rest."""
    learned = Learned()
    learned.learn((TWILIO, "list_sms_commands", ""), 1, is_end=True)
    query = "{ sims(first: 40) { nodes { commands { nodes { id } } } } }"

    with_and_without = [cost(world, query, {}, fleets={TWILIO: 1}, learned=each) for each in (learned, Learned())]

    assert with_and_without[0] == with_and_without[1]
    assert cost(world, query, {}, learned=learned) != cost(world, query, {})
