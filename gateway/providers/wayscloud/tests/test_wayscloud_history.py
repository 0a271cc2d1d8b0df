"""WAYSCloud Global SIM: sessions and events: what is asked, and what comes of it."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.page import PageRequest
from gateway.providers.wayscloud.tests.conftest import MIDNIGHT, START, desk, events, walked
from gateway.where import EventWhere, SessionWhere
from schema.errors import NotFound
from schema.event import SimEventType

NOBODY = "8900000000000000000"


# --- sessions --------------------------------------------------------------------------------------------------


async def test_sessions_are_paged_by_offset_to_their_total() -> None:
    """Every session once, newest first, the count on every page."""
    async with desk() as asked:
        index = asked.busiest()
        where = SessionWhere(asked.iccid(index))

        first = await asked.provider.list_sessions(where, PageRequest(10))
        rows = await walked(asked.provider.list_sessions, where, 10)

        expected = asked.sims.sessions(index, START - timedelta(days=30), START + timedelta(seconds=1))
        assert [row.started_at for row in rows] == [session.start for session in expected]
        assert [row.active for row in rows] == [session.end is None for session in expected]
        assert (first.total, first.next) == (len(expected), "10")
        assert len({row.native_id for row in rows}) == len(rows)
        assert asked.asked()[0] == (f"sims/{asked.iccid(index)}/sessions", {"limit": "10", "offset": "0"})


async def test_trap_14_no_page_is_larger_than_a_hundred() -> None:
    """The documentation's own sample asks for 1000 and would be refused."""
    async with desk() as asked:
        iccid = asked.iccid(asked.busiest())
        await asked.provider.list_sessions(SessionWhere(iccid), PageRequest(1000))
        await asked.provider.list_events(EventWhere(), PageRequest(1000))

        assert [query["limit"] for _, query in asked.asked()] == ["100", "100"]
        assert asked.provider.most_rows("list_sessions") == asked.provider.most_rows("list_events") == 100


@pytest.mark.parametrize("end", ["inclusive", "exclusive"])
async def test_trap_07_whichever_end_date_is_meant_no_session_is_lost(end: str) -> None:
    """The days asked cover the span, the rest is left to be applied outside: the same sessions either way."""
    since, until = START - timedelta(days=9, hours=5), START - timedelta(days=2, hours=3)
    async with desk(settings={"end_date_inclusive": end == "inclusive"}, end_date=end) as asked:
        index = asked.busiest()
        where = SessionWhere(asked.iccid(index), since, until)

        found = [row for row in await walked(asked.provider.list_sessions, where, 100) if where.matches(row)]

        everything = asked.sims.sessions(index, START - timedelta(days=60), START)
        expected = [each for each in everything if each.start < until and (each.end is None or each.end >= since)]
        assert any(each.start < since for each in expected)
        assert [row.started_at for row in found] == [each.start for each in expected]
        [(_, query), *_] = asked.asked()
        assert query["start_date"] == "2026-11-04"  # seven days before the day of `since`
        assert query["end_date"] == ("2026-11-18" if end == "inclusive" else "2026-11-19")


@pytest.mark.parametrize(
    ("since", "until", "asked_for"),
    [
        (None, MIDNIGHT, {"end_date": "2026-11-19"}),
        (None, START + timedelta(hours=1), {}),
        (
            datetime(1, 1, 1, tzinfo=UTC),
            datetime(1, 1, 2, tzinfo=UTC),
            {"start_date": "2000-01-01", "end_date": "2000-01-01"},
        ),
        (MIDNIGHT.astimezone(None), None, {"start_date": "2026-11-13"}),
        (datetime.fromisoformat("2026-11-20T01:00+02:00"), None, {"start_date": "2026-11-12"}),
    ],
)
async def test_days_are_utc_days(since: datetime | None, until: datetime | None, asked_for: dict[str, str]) -> None:
    """An end at midnight does not touch the day it begins, an end to come is not asked for, nothing overflows."""
    async with desk(sims=3) as asked:
        await asked.provider.list_sessions(SessionWhere(asked.iccid(0), since, until), PageRequest(5))

        [(_, query)] = asked.asked()
        assert query == {"limit": "5", "offset": "0", **asked_for}


async def test_sessions_of_a_sim_nobody_knows_are_not_found() -> None:
    """The provider's 404 is passed on in our words."""
    async with desk(sims=3) as asked:
        with pytest.raises(NotFound) as missing:
            await asked.provider.list_sessions(SessionWhere(NOBODY), PageRequest(5))

    assert missing.value.message == "the provider has no such thing"


# --- events ----------------------------------------------------------------------------------------------------


async def test_events_of_a_sim_come_from_its_own_list() -> None:
    """With their details; the type is asked for where it is one the provider has a word for."""
    async with desk() as asked:
        index = asked.busiest()
        where = EventWhere(sim_id=asked.iccid(index), types=frozenset({SimEventType.CONNECTED}))

        rows = await walked(asked.provider.list_events, where, 50)

        expected = [each for each in events(asked, index) if each.kind == "connection"]
        assert [row.occurred_at for row in rows] == [each.at for each in expected]
        assert all(row.details["signal_strength"] < 0 and where.matches(row) for row in rows)
        assert asked.asked()[0] == (
            f"sims/{asked.iccid(index)}/activity",
            {"event_type": "connection", "limit": "50", "offset": "0"},
        )


async def test_events_of_all_sims_come_from_the_feed() -> None:
    """Day-granular dates are asked for and cover the span; each event says whose it is."""
    since, until = START - timedelta(days=2), START - timedelta(hours=20)
    async with desk() as asked:
        where = EventWhere(since=since, until=until, types=frozenset({SimEventType.NETWORK_CHANGED}))

        rows = [row for row in await walked(asked.provider.list_events, where, 100) if where.matches(row)]

        expected = {
            (asked.iccid(i), each.at)
            for i in asked.everyone
            for each in asked.sims.events(i, since, until)
            if each.kind == "network_change"
        }
        assert {(row.sim_id, row.occurred_at) for row in rows} == expected
        assert asked.asked()[0] == (
            "sims/activity",
            {
                "event_type": "network_change",
                "start_date": "2026-11-18",
                "end_date": "2026-11-19",
                "limit": "100",
                "offset": "0",
            },
        )


async def test_types_the_provider_cannot_say_are_left_to_us_or_met_nowhere() -> None:
    """Several types and unknown ones are not asked for; one that no event here has is an empty page without a call."""
    async with desk() as asked:
        several = frozenset({SimEventType.CONNECTED, SimEventType.DISCONNECTED})
        await asked.provider.list_events(EventWhere(types=several), PageRequest(5))
        unknown = await asked.provider.list_events(EventWhere(types=frozenset({SimEventType.UNKNOWN})), PageRequest(5))
        none = await asked.provider.list_events(
            EventWhere(types=frozenset({SimEventType.SESSION_STARTED})), PageRequest(5)
        )

        assert [query for _, query in asked.asked()] == [{"limit": "5", "offset": "0"}] * 2
        assert (unknown.total, unknown.next) == (None, "5")
        assert (none.items, none.total, none.next) == ([], 0, None)
