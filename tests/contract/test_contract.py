"""What is true of every provider, whoever wrote it: run over each that can be found."""

import datetime as dt
import inspect
from typing import Any

import pytest

from gateway.page import Page, PageRequest
from gateway.provider import OPERATIONS, Provider
from gateway.where import FleetWhere, SimWhere, Where
from schema.errors import Unsupported
from schema.node import Entity
from tests.contract.samples import LISTS, LOADS, ODD, a_page, parent_of
from tests.contract.writes import SAMPLES
from tests.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_the_suite_knows_every_operation():
    """A new operation cannot be forgotten here."""
    assert set(OPERATIONS) == LISTS.keys() | LOADS.keys() | ODD | SAMPLES.keys()


async def test_capabilities_are_what_is_overridden(provider: Provider):
    """`capabilities` says exactly which operations the adapter overrides; each one missing says why or has no note."""
    told = {each.operation: each.supported for each in provider.capabilities()}

    assert told == {name: name in _overridden(type(provider)) for name in OPERATIONS}
    assert told["list_sims"]
    assert told["load_sim"]
    assert set(provider.notes) <= set(OPERATIONS)
    assert set(provider.filters) <= set(OPERATIONS)


def _overridden(kind: type) -> set[str]:
    """What the adapter says itself, in all its classes."""
    return {name for base in kind.__mro__ if base not in Provider.__mro__ for name in vars(base)}


async def test_what_is_not_there_refuses_without_a_call(
    provider: Provider, world: World, provider_name: str, lacking: str
):
    """An operation left alone raises Unsupported, with a sentence, and nothing arrives at the provider."""
    arguments = [None] * (len(inspect.signature(getattr(provider, lacking)).parameters))

    with pytest.raises(Unsupported) as raised:
        await getattr(provider, lacking)(*arguments)

    assert len(raised.value.message) > 10
    assert world.arrived(provider_name) == []


async def test_a_list_gives_its_kind(provider: Provider, listing: str):
    """Every list gives things of its own kind: with ids, aware times, sizes that are not negative."""
    page = await a_page(provider, listing, min(20, provider.most_rows(listing)))

    assert isinstance(page, Page)
    assert page.broken is None
    for item in page.items:
        assert isinstance(item, LISTS[listing][0])
        _is_sane(item)


def _is_sane(item: Any) -> None:
    if isinstance(item, Entity):
        assert item.native_id
        assert item.account_name == ""  # filled in elsewhere, in one place
    for name, value in vars(item).items():
        if isinstance(value, dt.datetime):
            assert value.tzinfo is not None, name
        if isinstance(value, int | float):
            assert value >= 0, name
        assert value != "" or name == "account_name", name


async def test_a_list_is_walked_to_its_end_exactly_once(provider: Provider, listing: str):
    """Following `next` meets every thing once, in pages no longer than asked, and ends."""
    met: list[Any] = []
    token: str | None = None
    for _ in range(200):
        page = await a_page(provider, listing, 7, token)
        assert len(page.items) <= 7
        met += page.items
        token = page.next
        if token is None or len(met) > 60:
            break
        assert "://" not in token

    ids = [each.native_id for each in met if getattr(each, "native_id", None)]
    assert len(ids) == len(set(ids))


async def test_what_a_list_shows_can_be_loaded(provider: Provider, loading: str):
    """A thing from a list is loaded by its id; an id nobody has is None, not an error."""
    if provider.supports(LOADS[loading]):
        page = await a_page(provider, LOADS[loading], 3)
        assert page.items
        for item in page.items[:2]:
            loaded = await getattr(provider, loading)(item.native_id)
            assert type(loaded) is type(item)
            assert loaded.native_id == item.native_id
            _is_sane(loaded)
    if loading != "load_rate_plan" or provider.supports("list_rate_plans"):
        assert await getattr(provider, loading)("HS" + "0" * 32) is None
        assert await getattr(provider, loading)("no such/thing?x=1#y") is None


async def test_a_loaded_sim_is_complete(provider: Provider):
    """`load_sim` gives everything the provider can tell, whatever the list left out."""
    page = await provider.list_sims(SimWhere(), PageRequest(3))
    loaded = await provider.load_sim(page.items[0].native_id)

    assert loaded is not None
    assert loaded.is_complete
    assert loaded.iccid == page.items[0].iccid


async def test_a_sim_is_found_by_its_iccid(provider: Provider):
    """The SIM with these digits and no other; no SIM for digits that nobody has."""
    if not provider.supports("find_sim_by_iccid"):
        return
    [sim, *_] = (await provider.list_sims(SimWhere(), PageRequest(3))).items
    assert sim.iccid is not None

    found = await provider.find_sim_by_iccid(sim.iccid)

    assert found is not None
    assert found.native_id == sim.native_id
    assert await provider.find_sim_by_iccid("8900000000000000000") is None


async def test_a_sim_is_found_by_its_device(provider: Provider):
    """Where there is a device registry, a device leads to its SIM; an unknown device to none."""
    if not provider.supports("find_sim_by_device"):
        return
    sims = (await provider.list_sims(SimWhere(), PageRequest(20))).items
    linked = next(sim for sim in sims if sim.device_id is not None)
    assert linked.device_id is not None

    found = await provider.find_sim_by_device(linked.device_id)

    assert found is not None
    assert found.native_id == linked.native_id
    assert await provider.find_sim_by_device("no-such-device") is None


async def test_a_network_of_a_profile(provider: Provider):
    """A network that the profile lists is found in it; another is not."""
    if not provider.supports("load_profile_network"):
        return
    profile = await parent_of(provider, "list_profile_networks")
    networks = (await a_page(provider, "list_profile_networks", 50)).items

    found = await provider.load_profile_network(profile, networks[0].native_id)

    assert found is not None
    assert found.native_id == networks[0].native_id
    assert await provider.load_profile_network(profile, "HW" + "0" * 32) is None


async def test_usage_of_the_cycle(provider: Provider):
    """Where there is a billing cycle, a SIM has its usage so far in bytes."""
    if not provider.supports("load_cycle_usage"):
        return
    [sim, *_] = (await provider.list_sims(SimWhere(), PageRequest(3))).items
    usage = await provider.load_cycle_usage(sim.native_id)

    assert usage is not None
    assert usage.bytes_total is not None
    assert usage.bytes_total >= 0


@pytest.mark.parametrize(
    ("operation", "where"), [("list_fleets", FleetWhere()), ("list_network_access_profiles", Where())]
)
async def test_a_page_may_be_of_one(provider: Provider, operation: str, where: Where):
    """The smallest page works, and leads to the next one."""
    if not provider.supports(operation):
        return
    first = await getattr(provider, operation)(where, PageRequest(1))
    second = await getattr(provider, operation)(where, PageRequest(1, first.next))

    assert len(first.items) == len(second.items) == 1
    assert first.items[0].native_id != second.items[0].native_id
