"""One provider's trouble, whatever it is, is a footnote in the answer of the others."""

import asyncio
from typing import Any

import pytest

from gateway.registry import platforms
from tests.flow.trouble import PATIENCE, SIMS_EACH, asked, sims_of, unhurried
from tests.waiting import in_some_round
from tests.world import World, a_world

RELATIONS = "{ sims(first: 100) { nodes { iccid currentSession { startedAt } fleet { name } } problems { code } } }"

SICK = {
    ("status", "503"): {"UNAVAILABLE"},
    ("html", None): {"UNAVAILABLE"},
    ("reset", None): {"UNAVAILABLE"},
    ("drop", None): {"UNAVAILABLE"},
    ("throttle", None): {"RATE_LIMITED"},
    ("hang", None): {"TIMEOUT"},
    ("drip", None): {"TIMEOUT"},
    ("truncated-gzip", None): {"BAD_RESPONSE", "UNAVAILABLE"},
    ("bomb", None): {"BAD_RESPONSE"},
    ("nested", "1750000"): {"BAD_RESPONSE"},
    ("page", None): {"BAD_RESPONSE"},
}
"""Kind and value, and how the problem may be called; 1,750,000 levels of nesting are 10 MB."""
SLOW = {"hang", "drip"}


@pytest.fixture(params=list(platforms()))
def provider_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def pair(provider_name: str):
    """The provider that will be sick, and one of another family that stays well."""
    well = "wayscloud" if provider_name != "wayscloud" else "twilio-supersim"
    async with a_world([provider_name, well], deadline=2 * PATIENCE, **unhurried()) as world:
        yield world


@pytest.mark.parametrize(("kind", "value"), SICK, ids=lambda value: value or "")
async def test_the_others_answer(pair: World, provider_name: str, kind: str, value: str | None):
    """The SIMs of the other account are all there; the sick one has one problem, of the kind it should be."""
    pair.host.fault(provider_name, kind, value)
    if kind in SLOW:
        pair.accounts.by_name[provider_name].time_limit = 0.3

    counts, problems = await sims_of(pair)

    assert counts.pop(provider_name) == 0
    assert list(counts.values()) == [SIMS_EACH]
    assert problems.keys() == {provider_name}
    assert problems[provider_name]["code"] in SICK[kind, value]
    assert problems[provider_name]["operation"] == "list_sims"


@pytest.mark.parametrize(("kind", "value", "count"), [("status", "503", 2), ("reset", None, 1), ("throttle", "1", 1)])
async def test_a_moment_s_trouble_is_not_noticed(
    pair: World, provider_name: str, kind: str, value: str | None, count: int
):
    """Reads are repeated: what is over after a moment leaves no problem, only that many calls more."""
    pair.host.fault(provider_name, kind, value, count=count)

    counts, problems = await sims_of(pair)

    assert problems == {}
    assert set(counts.values()) == {SIMS_EACH}
    assert [each.fault for each in pair.host.requests(provider_name)].count(kind) == count


async def test_a_broken_relation_spoils_one_field(provider_name: str):
    """Where one path of a provider is broken, what hangs on it is null with an error that says where and why; the SIMs
    are there, and everything else of them."""
    broken = await a_path_of_relations(provider_name)
    async with a_world([provider_name], **unhurried()) as world:
        world.host.fault(provider_name, "status", "503", path=broken)

        answer = await asked(world, RELATIONS)

        nodes = answer["data"]["sims"]["nodes"]
        assert len(nodes) == SIMS_EACH
        assert answer["data"]["sims"]["problems"] == []
        assert {error["path"][-1] for error in answer["errors"]} in ({"currentSession"}, {"fleet"})
        for error in answer["errors"]:
            *_, place, field = error["path"]
            assert nodes[place][field] is None
            assert (error["extensions"]["account"], error["extensions"]["code"]) == (provider_name, "UNAVAILABLE")


async def a_path_of_relations(provider_name: str) -> str:
    """A path that is asked for the relations and not for the list itself. Worlds are alike, so it is so in any."""
    async with a_world([provider_name], **unhurried()) as world:
        await asked(world)
        plain = {each.path for each in world.arrived(provider_name)}
        assert "errors" not in await asked(world, RELATIONS)
        return next(each.path for each in world.arrived(provider_name) if each.path not in plain)


async def test_the_deadline_is_kept(provider_name: str):
    """A request's own time ends before an account's: the answer comes then, and says so."""
    async with a_world([provider_name], deadline=0.5, **unhurried()) as world:
        world.host.fault(provider_name, "hang")

        async def answered() -> list[dict[str, Any]]:
            async with asyncio.timeout(PATIENCE):
                answer = await asked(world)
            assert answer["data"], "the time was over before anybody was asked"
            problems: list[dict[str, Any]] = answer["data"]["sims"]["problems"]
            return problems

        [problem] = await in_some_round(answered)

        assert (problem["account"], problem["code"], problem["retryable"]) == (provider_name, "TIMEOUT", True)
