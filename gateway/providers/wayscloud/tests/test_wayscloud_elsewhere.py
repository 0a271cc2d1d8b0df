"""WAYSCloud Global SIM where it answers otherwise than its simulator: what no source settles must not break us."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.types import Receive, Scope, Send

from gateway.opening import open_accounts
from gateway.page import PageRequest
from gateway.providers.wayscloud import PLATFORMS, GlobalSimSettings
from gateway.providers.wayscloud.provider import GlobalSim
from gateway.providers.wayscloud.tests.conftest import MIDNIGHT, NAME, START
from gateway.secret import Secret
from gateway.simulation.serving import serving
from gateway.where import EventWhere, SimWhere, UsageWhere
from schema.status import SimStatus
from schema.usage import UsageGroup

ONE, OTHER = "8901234567890123456", "8901234567890234567"
EVENT = {"event_id": "e", "iccid": ONE, "device_id": "d1", "timestamp": "2026-11-20T08:00:00Z"}
NO_BILL: dict[str, Any] = {"by_sim": []}


@asynccontextmanager
async def answering(answers: dict[str, list[Any]]) -> AsyncIterator[tuple[GlobalSim, list[str]]]:
    """An adapter, and what arrives; each path gives its answers in turn, the last one for ever."""
    arrived: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"].lstrip("/")
        arrived.append(path)
        given = answers.get(path, [])
        body = given.pop(0) if len(given) > 1 else given[0] if given else None
        status = 404 if body is None else 200
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": json.dumps(body).encode()})

    async with serving(app) as url:
        table = GlobalSimSettings(name="ways", provider=NAME, base_url=url, api_key=Secret("k"))
        accounts = open_accounts([table], {each.name: each for each in PLATFORMS}, lambda: START)
        provider = accounts.by_name["ways"].provider
        assert isinstance(provider, GlobalSim)
        try:
            yield provider, arrived
        finally:
            await accounts.aclose()


async def test_a_device_with_another_sim_by_now_does_not_lend_it() -> None:
    """The event is older than the exchange: what the SIM's own event tells is all there is."""
    other = {"device_id": "d1", "sim": {"iccid": OTHER, "status": "active"}}
    async with answering(
        {"sims/activity": [{"activity": [EVENT], "total": 1}], "devices/d1/sim": [other], "sims/billing": [NO_BILL]}
    ) as (provider, _):
        alone = await provider.load_sim(ONE)
        [listed] = (await provider.list_sims(SimWhere(status=frozenset({SimStatus.UNKNOWN})), PageRequest(9))).items

    assert alone is not None
    assert (alone.native_id, alone.status) == (ONE, SimStatus.UNKNOWN)
    assert (listed.native_id, listed.status) == (ONE, SimStatus.UNKNOWN)


async def test_an_ignored_filter_finds_no_other_sim() -> None:
    """Should `iccid` not be applied, the SIM that comes instead is not taken for the one asked for."""
    bill = {"by_sim": [{"iccid": ONE}]}
    async with answering({"sims/activity": [{"activity": [EVENT]}], "sims/billing": [bill]}) as (provider, _):
        assert await provider.load_sim(OTHER) is None


async def test_unknown_sims_may_be_refused() -> None:
    """A 404 for an ICCID is nobody's SIM, as an empty list is."""
    async with answering({}) as (provider, arrived):
        assert await provider.load_sim(ONE) is None

    assert arrived == ["sims/activity", "sims/billing"]


async def test_a_list_without_a_total_ends_with_a_short_page() -> None:
    """And a total that is never reached ends with an empty one."""
    full = {"activity": [EVENT] * 100}
    async with answering({"sims/activity": [full, {"activity": [EVENT]}], "sims/billing": [NO_BILL]}) as (
        provider,
        arrived,
    ):
        whole = await provider.list_sims(SimWhere(), PageRequest(9))
        assert (len(whole.items), whole.total, arrived.count("sims/activity")) == (1, 1, 2)

        last = await provider.list_events(EventWhere(), PageRequest(2))
        assert (last.next, last.total) == (None, None)
    async with answering({"sims/activity": [{"activity": [], "total": 9}], "sims/billing": [NO_BILL]}) as (provider, _):
        none = await provider.list_sims(SimWhere(), PageRequest(9))
        empty = await provider.list_events(EventWhere(), PageRequest(2))

    assert (none.items, none.total, empty.next) == ([], None, None)


async def test_an_event_without_a_time_still_counts_as_a_row() -> None:
    """It is left out, and the next page begins behind it."""
    rows = [EVENT, {**EVENT, "timestamp": None}]
    async with answering({"sims/activity": [{"activity": rows, "total": 5}]}) as (provider, _):
        page = await provider.list_events(EventWhere(), PageRequest(2))

    assert (len(page.items), page.next) == (1, "2")


async def test_rows_without_an_iccid_are_no_sims() -> None:
    """An event or a line that does not say whose it is, or in no number, names nobody."""
    odd = [{**EVENT, "iccid": None}, {**EVENT, "iccid": "../billing"}, EVENT]
    bill = {"by_sim": [{"msisdn": "+47"}, {"iccid": ""}, {"iccid": OTHER, "msisdn": "46701234567"}]}
    async with answering({"sims/activity": [{"activity": odd, "total": 3}], "sims/billing": [bill]}) as (provider, _):
        page = await provider.list_sims(SimWhere(), PageRequest(9))

    assert [(sim.native_id, sim.msisdn) for sim in page.items] == [(ONE, None), (OTHER, "+46701234567")]
    assert page.total == 2


async def test_a_line_of_nothing_is_a_record_of_nothing() -> None:
    """A SIM that neither used nor cost anything is known to have used nothing: without a line it would be unknown."""
    bill = {"by_sim": [{"iccid": ONE, "subscription_fee": 0, "data_usage_mb": 0, "data_cost": 0}]}
    async with answering({"sims/billing": [bill]}) as (provider, _):
        where = UsageWhere(MIDNIGHT, START, group=UsageGroup.SIM)
        [record] = (await provider.list_usage(where, PageRequest(9))).items

    assert (record.sim_id, record.bytes_total) == (ONE, 0)
