"""Seven questions, put to five paths of Global SIM. What an account has is gathered, not listed: see `inventory`."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import Enum
from typing import ClassVar, TypeVar
from urllib.parse import quote

from gateway.page import Page, PageRequest
from gateway.provider import Provider
from gateway.providers.wayscloud import days, read
from gateway.providers.wayscloud.inventory import BILL_DAYS, FEED_PAGES, MOST_ROWS, Seen, after, gathered
from gateway.providers.wayscloud.together import together
from gateway.providers.wayscloud.wire import WireActivity, WireBill, WireBillLine, WireDevice, WireSessions
from gateway.upstream.client import Client, Params
from gateway.upstream.read import digits, msisdn, text
from gateway.where import EventWhere, SessionWhere, SimWhere, UsageWhere
from schema.errors import NotFound, Unsupported
from schema.event import SimEvent, SimEventType
from schema.iccid import is_iccid
from schema.session import DataSession
from schema.sim import Sim
from schema.status import SimStatus
from schema.usage import Granularity, UsageGroup, UsageRecord

__all__ = ["GlobalSim"]

T = TypeVar("T")
E = TypeVar("E", bound=Enum)

LOOKED_UP = 20
"""Rows of a page of SIMs whose condition takes a call for each of them that is in a known device."""

NO_SUCH_SIM = "the provider has no such SIM"
NO_CHANGES = "WAYSCloud documents no way to change a SIM, nor to take one in or out"
NOTHING_SENT = "WAYSCloud documents no way to send a SIM anything"
NO_FLEETS = "WAYSCloud's public API has no fleets"
NO_RATE_PLANS = "WAYSCloud's public API has no rate plans: every SIM has the same monthly fee"
NO_COMMANDS = "WAYSCloud sends text messages to numbers, as another product; none are known to be for SIMs"
NO_IP_COMMANDS = "WAYSCloud's public API has no IP commands"
NO_NETWORKS = "WAYSCloud's public API has no list of networks"
NO_PROFILES = "WAYSCloud's public API has no network access profiles"
NO_ESIMS = "WAYSCloud's public API has no eSIM profiles"


class GlobalSim(Provider):
    """One API key. `mb_bytes` is what a megabyte is, `is_end_inclusive` whether `end_date` belongs to a range: no
    source says either."""

    page_size = MOST_ROWS
    page_sizes: Mapping[str, int] = {"list_sims": 500, "list_usage": 1_000_000}
    """Neither is a page over there: the inventory is gathered, and a bill is told whole in one call."""
    filters: ClassVar[Mapping[str, frozenset[str]]] = {
        "list_sessions": frozenset({"sim_id"}),
        "list_events": frozenset({"sim_id", "types"}),
    }
    has_partial_rows = True
    calls: ClassVar[Mapping[str, int]] = {"list_sims": 1 + FEED_PAGES, "load_sim": 2, "find_sim_by_iccid": 2}
    absent_usage_is_zero = False  # what has no subscription is on no bill, whatever it used
    notes: ClassVar[Mapping[str, str]] = {
        "list_sims": "there is no list: SIMs are gathered from the bill of the last 365 days and the newest 500 events "
        "of the last 30. A SIM with neither a subscription in the last year nor one of those events is missing. "
        "A condition on status or name takes a call per SIM, 20 SIMs a page; a SIM whose device those events do not "
        "tell is UNKNOWN and nameless to it",
        "load_sim": "status, name and network are told for SIMs in a device; `active` is the only status known",
        "list_sessions": "megabytes are rounded, so sums differ from the bill; a session that began more than 7 days "
        "before `since` is not found",
        "list_events": "a SIM's own events have details but no dates to ask by; the feed has dates but no details. How "
        "far either goes back is not documented",
        "list_usage": "from the bill: whole UTC days, no up or down; a SIM that is not on the bill has unknown usage",
        "load_cycle_usage": "the bill runs by calendar month: ask for the usage of the month",
        "load_fleet": NO_FLEETS,
        "list_fleets": NO_FLEETS,
        "load_rate_plan": NO_RATE_PLANS,
        "list_rate_plans": NO_RATE_PLANS,
        "load_sms_command": NO_COMMANDS,
        "list_sms_commands": NO_COMMANDS,
        "load_ip_command": NO_IP_COMMANDS,
        "list_ip_commands": NO_IP_COMMANDS,
        "load_network": NO_NETWORKS,
        "list_networks": NO_NETWORKS,
        "load_network_access_profile": NO_PROFILES,
        "load_profile_network": NO_PROFILES,
        "list_network_access_profiles": NO_PROFILES,
        "list_profile_networks": NO_PROFILES,
        "load_esim_profile": NO_ESIMS,
        "list_esim_profiles": NO_ESIMS,
        "list_settings_updates": "WAYSCloud's public API lists no updates of a SIM's settings",
        "list_zone_usage": "WAYSCloud's bill does not divide usage by zone; a session names its country",
        "list_ip_addresses": "WAYSCloud tells the address of a session, none that belongs to a SIM",
        "list_billing_periods": "WAYSCloud bills by calendar month: see the fees of `usage`",
        "register_sim": NO_CHANGES,
        "update_sim": NO_CHANGES,
        "delete_sim": NO_CHANGES,
        "send_sms_command": f"{NOTHING_SENT}; its text messages go to numbers, as another product",
        "send_ip_command": NOTHING_SENT,
        "delete_sms_command": NO_COMMANDS,
        "create_fleet": NO_FLEETS,
        "update_fleet": NO_FLEETS,
        "create_network_access_profile": NO_PROFILES,
        "update_network_access_profile": NO_PROFILES,
        "add_profile_network": NO_PROFILES,
        "remove_profile_network": NO_PROFILES,
        "order_esim_profile": NO_ESIMS,
        "create_rate_plan": NO_RATE_PLANS,
        "update_rate_plan": NO_RATE_PLANS,
        "delete_rate_plan": NO_RATE_PLANS,
    }

    def __init__(
        self, client: Client, now: Callable[[], datetime], *, mb_bytes: int = 1_000_000, is_end_inclusive: bool = True
    ) -> None:
        super().__init__(client, now)
        self._mb_bytes = mb_bytes
        self._is_end_inclusive = is_end_inclusive

    # --- by id -------------------------------------------------------------------------------------------------

    async def load_sim(self, native_id: str) -> Sim | None:
        """From its device, which its newest event names; else from that event, else from the bill."""
        if not is_iccid(native_id):
            return None
        seen = await self._last_seen(native_id)
        if seen is None:
            return await self._on_bill(native_id)
        linked = await self.find_sim_by_device(seen.device_id) if seen.device_id else None
        if linked is not None and linked.native_id == native_id:
            return linked
        return read.sim_seen(native_id, seen, is_complete=True)

    async def find_sim_by_iccid(self, iccid: str) -> Sim | None:
        return await self.load_sim(iccid)

    async def find_sim_by_device(self, device_id: str) -> Sim | None:
        if device_id in ("", ".", ".."):  # they would be another path
            return None
        found = await self.client.find(f"devices/{quote(device_id, safe='')}/sim", WireDevice)
        return read.sim_in_device(found) if found else None

    async def _last_seen(self, iccid: str) -> Seen | None:
        found = await self.client.find("sims/activity", WireActivity, [("iccid", iccid), ("limit", "1")])
        mine = [event for event in found.activity if digits(event.iccid) == iccid] if found else []
        return Seen(msisdn(mine[0].msisdn), text(mine[0].device_id)) if mine else None

    async def _on_bill(self, iccid: str) -> Sim | None:
        year = days.lately(BILL_DAYS, self.now(), is_end_inclusive=self._is_end_inclusive)
        bill = await self.client.find("sims/billing", WireBill, [*year, ("iccid", iccid)])
        mine = [line for line in bill.by_sim if digits(line.iccid) == iccid] if bill else []
        return read.sim_seen(iccid, Seen(msisdn(mine[0].msisdn)), is_complete=True) if mine else None

    # --- lists -------------------------------------------------------------------------------------------------

    async def list_sims(self, where: SimWhere, page: PageRequest) -> Page[Sim]:
        """A page in the order of ICCIDs, cut from all that could be gathered: partial unless the feed was read to its
        end."""
        if where.fleet_id is not None or where.rate_plan_id is not None:
            raise Unsupported(NO_FLEETS if where.fleet_id is not None else NO_RATE_PLANS)
        if not _can_be(where.status, read.SIM_STATUS, SimStatus.UNKNOWN):
            return Page([], total=0)
        found = await gathered(self.client, self.now(), is_end_inclusive=self._is_end_inclusive)
        is_looked_up = bool(where.status) or where.name is not None
        iccids, token = after(sorted(found.sims), page.token, min(page.size, LOOKED_UP) if is_looked_up else page.size)
        sims = [
            read.sim_seen(iccid, found.sims[iccid], is_complete=found.is_whole and found.sims[iccid].device_id is None)
            for iccid in iccids
        ]
        if is_looked_up:
            sims = await together(self._looked_up(sim) for sim in sims)
        return Page(sims, token, total=len(found.sims) if found.is_whole else None, is_partial=not found.is_whole)

    async def _looked_up(self, sim: Sim) -> Sim:
        """The SIM as its device tells it; as it is where no device is known, without a call."""
        if sim.device_id is None:
            return sim
        linked = await self.find_sim_by_device(sim.device_id)
        return linked if linked is not None and linked.native_id == sim.native_id else sim

    async def list_sessions(self, where: SessionWhere, page: PageRequest) -> Page[DataSession]:
        path = _path_of(where.sim_id, "sessions")
        asked = self._days(where, days.SESSION_LEAD)
        found = await self.client.get(path, WireSessions, [*asked, *_window(page)])
        sessions = [read.session(each, where.sim_id, self._mb_bytes) for each in found.sessions]
        return _page(sessions, len(found.sessions), found.total, page)

    async def list_events(self, where: EventWhere, page: PageRequest) -> Page[SimEvent]:
        """A SIM's own events, which take no dates, or the feed of all SIMs, which has no details."""
        if not _can_be(where.types, read.EVENT_TYPE, SimEventType.UNKNOWN):
            return Page([], total=0)
        path = "sims/activity" if where.sim_id is None else _path_of(where.sim_id, "activity")
        types = [("event_type", word) for word, meaning in read.EVENT_TYPE.items() if {meaning} == where.types]
        dates = self._days(where) if where.sim_id is None else []
        found = await self.client.get(path, WireActivity, [*types, *dates, *_window(page)])
        events = [read.event(each, where.sim_id) for each in found.activity]
        answer = _page([each for each in events if each is not None], len(events), found.total, page)
        if where.types and not types:
            answer.total = None  # it counts what was not asked for, too
        return answer

    async def list_usage(self, where: UsageWhere, page: PageRequest) -> Page[UsageRecord]:
        """One bill, whatever is asked of it; also of SIMs that used nothing, since one without a line is unknown."""
        _refuse_what_no_bill_tells(where)
        if where.sim_id is not None and not is_iccid(where.sim_id):
            raise NotFound(NO_SUCH_SIM)
        span = (where.since, where.until)
        asked = days.billed(*span, self.now(), is_end_inclusive=self._is_end_inclusive)
        if asked is None:
            return Page([], total=0)
        only = [("iccid", where.sim_id)] if where.sim_id is not None else []
        bill = await self.client.get("sims/billing", WireBill, [*asked, *only])
        if where.group is not UsageGroup.SIM and where.sim_id is None:
            return Page([read.billed_account(bill, span, self._mb_bytes)], total=1)
        lines = _lines(bill, where.sim_id)
        iccids, token = after(sorted(lines), page.token, page.size)
        record = read.billed_sim(bill, span, self._mb_bytes)
        return Page([record(lines[iccid]) for iccid in iccids], token, total=len(lines))

    def _days(self, where: SessionWhere | EventWhere, lead: timedelta = timedelta()) -> Params:
        return days.covering(where.since, where.until, self.now(), is_end_inclusive=self._is_end_inclusive, lead=lead)


def _path_of(sim_id: str, what: str) -> str:
    """Anything but digits would be another path: `sims/activity` and `sims/billing` are beside those of the SIMs."""
    if not is_iccid(sim_id):
        raise NotFound(NO_SUCH_SIM)
    return f"sims/{sim_id}/{what}"


def _window(page: PageRequest) -> Params:
    return [("limit", str(min(page.size, MOST_ROWS))), ("offset", page.token or "0")]


def _page(items: list[T], rows: int, total: int | None, page: PageRequest) -> Page[T]:
    """A page by offset. The rows that came are counted: not every list says how many it was asked for."""
    behind = int(page.token or 0) + rows
    is_end = rows < min(page.size, MOST_ROWS) if total is None else behind >= total
    return Page(items, None if is_end or not rows else str(behind), total)


def _can_be(wanted: frozenset[E], words: Mapping[str, E], unknown: E) -> bool:
    """Whether anything here can be one of these: what no word means is met nowhere, and is not looked for."""
    return not wanted or not wanted.isdisjoint([*words.values(), unknown])


def _refuse_what_no_bill_tells(where: UsageWhere) -> None:
    if where.granularity is not Granularity.ALL:
        raise Unsupported("the provider adds usage up over a whole span; it does not divide it into hours or days")
    if where.group not in (None, UsageGroup.SIM, UsageGroup.ACCOUNT):
        raise Unsupported("the provider adds usage up by SIM or by account only")
    if where.fleet_id is not None or where.network_id is not None or where.country is not None:
        raise Unsupported("the provider tells usage of a SIM or of the account, not of a fleet, network or country")


def _lines(bill: WireBill, sim_id: str | None) -> dict[str, WireBillLine]:
    """The lines by ICCID, or that of one SIM."""
    lines = {iccid: line for line in bill.by_sim if (iccid := digits(line.iccid))}
    return {iccid: line for iccid, line in lines.items() if sim_id in (None, iccid)}
