"""Programmable Wireless as it is asked; what changes it is in `writes`. Twilio and KORE serve one API; only the door
differs (see `__init__`)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import ClassVar

from gateway.page import Page, PageRequest
from gateway.protocols.twilio_rest import Listed, find, iso, read_page, segment
from gateway.protocols.twilio_words import Vocabulary, Words, leaves_words, read_narrowed
from gateway.providers.wireless import read
from gateway.providers.wireless.notes import NO_FLEETS, NOTES
from gateway.providers.wireless.wire import WireCommand, WireDataSession, WireRatePlan, WireSim, WireUsageRecord
from gateway.providers.wireless.writes import WirelessWrites
from gateway.where import CommandWhere, SessionWhere, SimWhere, UsageWhere, Where
from schema.command import SmsCommand
from schema.errors import Unsupported
from schema.rate_plan import RatePlan
from schema.session import DataSession
from schema.sim import Sim
from schema.usage import Granularity, UsageGroup, UsageRecord

__all__ = ["Wireless"]

SIMS = Listed("v1/Sims", "sims", WireSim, read.sim)
RATE_PLANS = Listed("v1/RatePlans", "rate_plans", WireRatePlan, read.rate_plan)
COMMANDS = Listed("v1/Commands", "commands", WireCommand, read.command)

SIM_WORDS: Vocabulary = {"status": Words("Status", read.SIM_STATUS)}
COMMAND_WORDS: Vocabulary = {
    "status": Words("Status", read.COMMAND_STATUS),
    "direction": Words("Direction", read.COMMAND_DIRECTION),
}
WORDS = {"list_sims": SIM_WORDS, "list_sms_commands": COMMAND_WORDS}

GRANULARITY = {Granularity.HOUR: "hourly", Granularity.DAY: "daily", Granularity.ALL: "all"}
SECOND = timedelta(seconds=1)
KEPT = timedelta(days=549)
"""18 months (Twilio page "UsageRecord resource"). What is older is left out of sums without a word there."""


class Wireless(WirelessWrites):
    page_size = 1000
    filters: ClassVar[Mapping[str, frozenset[str]]] = {
        "list_sims": frozenset({"status", "rate_plan_id"}),
        "list_sessions": frozenset({"sim_id"}),
        "list_sms_commands": frozenset({"sim_id", "status", "direction"}),
    }
    notes: ClassVar[Mapping[str, str]] = NOTES

    def leaves_some(self, operation: str, where: Where) -> bool:
        return leaves_words(WORDS.get(operation, {}), where) or super().leaves_some(operation, where)

    # --- by id -------------------------------------------------------------------------------------------------

    async def load_sim(self, native_id: str) -> Sim | None:
        return await find(self.client, SIMS, native_id)

    async def find_sim_by_iccid(self, iccid: str) -> Sim | None:
        page = await read_page(self.client, SIMS, [("Iccid", iccid)], PageRequest(1))
        return next((sim for sim in page.items if sim.iccid == iccid), None)

    async def load_rate_plan(self, native_id: str) -> RatePlan | None:
        return await find(self.client, RATE_PLANS, native_id)

    async def load_sms_command(self, native_id: str) -> SmsCommand | None:
        return await find(self.client, COMMANDS, native_id)

    # --- lists -------------------------------------------------------------------------------------------------

    async def list_sims(self, where: SimWhere, page: PageRequest) -> Page[Sim]:
        if where.fleet_id is not None:
            raise Unsupported(NO_FLEETS)
        return await read_narrowed(self.client, SIMS, SIM_WORDS, where, page, ("RatePlan", where.rate_plan_id))

    async def list_rate_plans(self, where: Where, page: PageRequest) -> Page[RatePlan]:
        del where
        return await read_page(self.client, RATE_PLANS, [], page)

    async def list_sessions(self, where: SessionWhere, page: PageRequest) -> Page[DataSession]:
        """There is no filter by date."""
        path = f"v1/Sims/{segment(where.sim_id)}/DataSessions"
        listed = Listed(path, "data_sessions", WireDataSession, partial(read.data_session, where.sim_id))
        return await read_page(self.client, listed, [], page)

    async def list_usage(self, where: UsageWhere, page: PageRequest) -> Page[UsageRecord]:
        """`Start` and `End` are both inclusive, to the second; our `until` is not. All three are always said: the
        defaults differ between the two lists or are not stated."""
        _refuse_what_cannot_be_said(where)
        if where.since < self.now() - KEPT:
            raise Unsupported("Programmable Wireless keeps usage for 18 months; the span begins earlier")
        path = "v1/UsageRecords" if where.sim_id is None else f"v1/Sims/{segment(where.sim_id)}/UsageRecords"
        asked = [
            ("Start", iso(where.since)),
            ("End", iso(where.until - SECOND)),
            ("Granularity", GRANULARITY[where.granularity]),
        ]
        listed = Listed(path, "usage_records", WireUsageRecord, read.usage_record, needs_all=True)
        found = await read_page(self.client, listed, asked, page)
        rows = [row for row in found.items if not _is_empty(row)] or found.items
        if where.granularity is not Granularity.ALL:
            rows = [row for row in rows if _is_used(row)]
        return replace(found, items=rows)

    async def list_sms_commands(self, where: CommandWhere, page: PageRequest) -> Page[SmsCommand]:
        return await read_narrowed(self.client, COMMANDS, COMMAND_WORDS, where, page, ("Sim", where.sim_id))


def _refuse_what_cannot_be_said(where: UsageWhere) -> None:
    one_sim = where.group is UsageGroup.SIM and where.sim_id is not None
    if where.group not in (None, UsageGroup.ACCOUNT) and not one_sim:
        raise Unsupported("Programmable Wireless adds usage up for one SIM or for the whole account, by nothing else")
    if where.fleet_id is not None or where.network_id is not None or where.country is not None:
        raise Unsupported("Programmable Wireless tells usage by SIM only, not by fleet, network or country")


def _is_empty(record: UsageRecord) -> bool:
    """True for a record of empty objects. Twilio's published samples have one beside a full record, where it adds
    nothing; alone it means that usage is not known."""
    return record.period_start is None and record.bytes_total is None and record.sms_total is None


def _is_used(record: UsageRecord) -> bool:
    """False for an hour or a day of told zeros; what is not told may be some."""
    return record.bytes_total != 0 or record.sms_total != 0
