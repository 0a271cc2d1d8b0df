"""Control Center as it is asked. A SIM is named by its ICCID and by nothing else."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import ClassVar, TypeVar

from gateway.page import Page, PageRequest
from gateway.providers.cisco_control_center import read
from gateway.providers.cisco_control_center.notes import NO_FLEETS, NOTES
from gateway.providers.cisco_control_center.walk import Walk
from gateway.providers.cisco_control_center.wire import (
    WireCycleUsage,
    WireDevice,
    WireDevices,
    WireMessage,
    WireMessageIds,
    WireSession,
    WireZones,
)
from gateway.providers.cisco_control_center.writes import ControlCenterWrites, no_such_sim
from gateway.upstream.client import Client
from gateway.where import CommandWhere, OfSim, SessionWhere, SimWhere
from schema.command import CommandDirection, SmsCommand
from schema.errors import Unsupported
from schema.iccid import is_iccid
from schema.network import IpAddress
from schema.rate_plan import RatePlan
from schema.session import DataSession
from schema.sim import Sim
from schema.status import SimStatus
from schema.usage import UsageRecord, ZoneUsage

__all__ = ["MESSAGES_AT_ONCE", "ControlCenter"]

W = TypeVar("W")

REACH = timedelta(days=364)
"""How far back devices are searched. A year is the most (error 10000045); a day less leaves a walk time to end."""

MESSAGES_REACH = timedelta(days=30)
"""How far back messages are searched: Cisco names no limit, but each message is a call of its own."""

MESSAGES_AT_ONCE = 10
MESSAGE_TYPE = {CommandDirection.TO_SIM: "MT", CommandDirection.FROM_SIM: "MO"}


class ControlCenter(ControlCenterWrites):
    """`messages_at_once` is how many messages a page holds at most: each is a call of its own."""

    page_size = 50
    has_partial_rows = True
    filters: ClassVar[Mapping[str, frozenset[str]]] = {
        "list_sims": frozenset({"status"}),
        "list_sessions": frozenset({"sim_id"}),
        "list_zone_usage": frozenset({"sim_id"}),
        "list_sms_commands": frozenset({"sim_id", "direction", "since"}),
        "list_ip_addresses": frozenset({"sim_id"}),
    }
    notes = NOTES

    def __init__(self, client: Client, now: Callable[[], datetime], messages_at_once: int = MESSAGES_AT_ONCE) -> None:
        super().__init__(client, now)
        self.page_sizes = {"list_sms_commands": messages_at_once}

    def calls_for(self, operation: str) -> int:
        """A page of messages is a search and a call for each. A rate plan is known by its name alone."""
        if operation == "load_rate_plan":
            return 0
        return 1 + self.most_rows(operation) if operation == "list_sms_commands" else 1

    # --- by id -------------------------------------------------------------------------------------------------

    async def load_sim(self, native_id: str) -> Sim | None:
        found = await self._find(native_id, "", WireDevice)
        return None if found is None else read.sim(found)

    async def find_sim_by_iccid(self, iccid: str) -> Sim | None:
        found = await self.load_sim(iccid)
        return found if found is not None and found.iccid == iccid else None

    async def load_rate_plan(self, native_id: str) -> RatePlan | None:
        """Plans are known by name only, so nobody needs to be asked."""
        return RatePlan(native_id=native_id, name=native_id)

    async def load_cycle_usage(self, sim_id: str) -> UsageRecord | None:
        found = await self._find(sim_id, "/ctdUsages", WireCycleUsage)
        return None if found is None else read.cycle_usage(found)

    async def load_sms_command(self, native_id: str) -> SmsCommand | None:
        return await self._message(native_id, None)

    # --- lists -------------------------------------------------------------------------------------------------

    async def list_sims(self, where: SimWhere, page: PageRequest) -> Page[Sim]:
        """One search; one after the other where several of Cisco's words mean the wanted status."""
        if where.fleet_id is not None:
            raise Unsupported(NO_FLEETS)
        if where.name is not None:
            raise Unsupported("Control Center tells names for one SIM at a time and cannot search by them")
        words = _status_words(where.status)
        if not words:
            return Page([])
        walk = Walk.read(page.token) if page.token else Walk.begun(self.now() - REACH)
        word = words[min(walk.part, len(words) - 1)]
        asked = [("modifiedSince", walk.since), *_given(("status", word)), *_numbered(walk, page)]
        found = await self.client.get("devices", WireDevices, asked)
        return Page(
            [read.row(each) for each in found.devices],
            walk.behind(last_page=found.last_page, parts=len(words)),
            total=found.total_count if len(words) == 1 and (word or not where.status) else None,
        )

    async def list_sessions(self, where: SessionWhere, page: PageRequest) -> Page[DataSession]:
        del page
        found = read.session(await self._of(where.sim_id, "/sessionInfo", WireSession))
        return Page([] if found is None else [found])

    async def list_zone_usage(self, where: OfSim, page: PageRequest) -> Page[ZoneUsage]:
        del page
        return Page(read.zone_usage(await self._of(where.sim_id, "/usageInZone", WireZones)))

    async def list_sms_commands(self, where: CommandWhere, page: PageRequest) -> Page[SmsCommand]:
        """One search for ids and one call for each message, one after the other as Cisco's policy wants it."""
        if where.sim_id is not None and not is_iccid(where.sim_id):
            raise no_such_sim()
        reach = self.now() - MESSAGES_REACH
        walk = Walk.read(page.token) if page.token else Walk.begun(max(reach, where.since or reach))
        message_type = MESSAGE_TYPE.get(where.direction) if where.direction else None
        asked = [
            ("fromDate", walk.since),
            *_given(("iccid", where.sim_id), ("msgType", message_type)),
            *_numbered(walk, page),
        ]
        found = await self.client.get("smsMessages", WireMessageIds, asked)
        messages = [await self._message(str(each), where.sim_id) for each in found.sms_msg_ids]
        return Page([each for each in messages if each is not None], walk.behind(last_page=found.last_page))

    async def list_ip_addresses(self, where: OfSim, page: PageRequest) -> Page[IpAddress]:
        del page
        return Page(read.ip_addresses(await self._of(where.sim_id, "", WireDevice)))

    # --- the way there -----------------------------------------------------------------------------------------

    async def _find(self, iccid: str, below: str, kind: type[W]) -> W | None:
        """What stands under a device; None for an unknown one, or for what is no ICCID and so no path."""
        return await self.client.find(f"devices/{iccid}{below}", kind) if is_iccid(iccid) else None

    async def _of(self, iccid: str, below: str, kind: type[W]) -> W:
        """The same, raising NotFound."""
        found = await self._find(iccid, below, kind)
        if found is None:
            raise no_such_sim()
        return found

    async def _message(self, native_id: str, sim_id: str | None) -> SmsCommand | None:
        """A message by its id, a number; `sim_id` where it is known beforehand."""
        if not (native_id.isascii() and native_id.isdecimal()):
            return None
        found = await self.client.find(f"smsMessages/{native_id}", WireMessage)
        return None if found is None else read.sms_command(found, sim_id)


def _status_words(wanted: frozenset[SimStatus]) -> list[str | None]:
    """Cisco's words for the wanted status, each a search of its own; [None] for one search that takes any.

    The search takes one word; words that operators add are UNKNOWN and cannot be listed. Both are left to the
    caller's own filter. A status none of Cisco's words means finds nothing: [].
    """
    if len(wanted) != 1 or SimStatus.UNKNOWN in wanted:
        return [None]
    return [word for word, meaning in read.SIM_STATUS.items() if meaning in wanted]


def _numbered(walk: Walk, page: PageRequest) -> list[tuple[str, str]]:
    return [("pageSize", str(page.size)), ("pageNumber", str(walk.number))]


def _given(*params: tuple[str, str | None]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in params if value is not None]
