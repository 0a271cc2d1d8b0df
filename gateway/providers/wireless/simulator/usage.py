"""/v1/UsageRecords and /v1/Sims/{SimSid}/UsageRecords: data and commands, at home and roaming."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from gateway.providers.wireless.simulator.commands import Commands
from gateway.providers.wireless.simulator.desk import Desk
from gateway.providers.wireless.simulator.sims import Sims
from gateway.simulation.operators import Operator
from gateway.simulation.records import Usage
from gateway.simulation.twilio_call import Call, Refusal, parse_time
from gateway.simulation.twilio_paging import Listing, Position, Rows, Snapshot

__all__ = ["UsageRecords"]

_HOME = ("310", "260")
"""Home is T-Mobile USA; other networks of the United States are national roaming, the rest international."""

_PRICE = Decimal("0.10")
_COMMAND_PRICE = Decimal("0.05")
_LAG = timedelta(hours=24)
_KEPT = timedelta(days=550)
_STEPS = {"hourly": timedelta(hours=1), "daily": timedelta(days=1)}
_SECOND = timedelta(seconds=1)
Split = Mapping[Operator, Usage]


@dataclass(frozen=True, slots=True)
class _Counts:
    """Usage at home, roaming in the country, and abroad by country."""

    home: Usage
    national: Usage
    abroad: dict[str, Usage]

    @property
    def total(self) -> Usage:
        """All of it."""
        total = self.home.plus(self.national)
        for usage in self.abroad.values():
            total = total.plus(usage)
        return total


class UsageRecords:
    """Both handlers. `Start` and `End` are inclusive here, to the second."""

    def __init__(self, desk: Desk, sims: Sims, commands: Commands) -> None:
        self._desk = desk
        self._sims = sims
        self._commands = commands

    def of_sim(self, call: Call) -> Listing:
        """One SIM's usage."""
        return self._listing(call, self._sims.index_of(call, "SimSid"))

    def of_account(self, call: Call) -> Listing:
        """The whole account's usage; no split by SIM."""
        return self._listing(call, None)

    def _listing(self, call: Call, index: int | None) -> Listing:
        granularity = call.asked_word("Granularity", ("hourly", "daily", "all"), 33101) or "all"
        start, end = _window(call)
        periods = _periods(granularity, start, end)

        def read(position: Position, _: Snapshot) -> Rows:
            for place in range(position[0], len(periods)):
                record = self._record(index, periods[place], call.now)
                if record is not None:
                    yield (place + 1,), record
            if position[0] == 0 and granularity == "all" and self._desk.switches["empty_records"] == "yes":
                yield from self._empty(index, periods, call.now)

        return Listing("usage_records", (0,), read)

    def _empty(self, index: int | None, periods: list[tuple[datetime, datetime]], now: datetime) -> Rows:
        """The published examples contain a record of empty objects."""
        if not periods or self._record(index, periods[0], now) is None:
            yield (1,), self._shown(index, {}, {}, {})

    def _record(self, index: int | None, period: tuple[datetime, datetime], now: datetime) -> object | None:
        start, end = period
        data, messages = self._measured(index, start, end)
        if not data.total.total and not messages.sms_to and not messages.sms_from:
            return None
        stamp = self._desk.stamp
        shown_period = {"start": stamp(start), "end": stamp(end - _SECOND)}
        paid = max(timedelta(0), min(end, now - _LAG) - start) / (end - start)
        return self._shown(index, shown_period, _commands(messages, paid), _data(data, paid))

    def _measured(self, index: int | None, start: datetime, end: datetime) -> tuple[_Counts, Usage]:
        world = self._desk.world
        if index is not None:
            split: Split = world.data_by_operator(index, start, end)
            messages = world.usage(index, start, end)
        else:
            found: dict[Operator, Usage] = {}
            for (_, operator), usage in world.totals(start, end).items():
                found[operator] = found.get(operator, Usage()).plus(usage)
            split, messages = found, world.message_totals(start, end)
        sent = sum(
            1
            for command in self._commands.sent_by_callers()
            if start <= command.at < end and index in {None, command.index}
        )
        return _counts(split), Usage(0, 0, messages.sms_to + sent, messages.sms_from)

    def _shown(self, index: int | None, period: object, commands: object, data: object) -> dict[str, object]:
        shown: dict[str, object] = {
            "account_sid": self._desk.account,
            "period": period,
            "commands": commands,
            "data": data,
        }
        if index is not None:
            shown["sim_sid"] = self._desk.sims.encode(index)
        return shown


def _window(call: Call) -> tuple[datetime, datetime]:
    """[start, end) from the inclusive parameters; a bare date as End includes its whole day."""
    end = call.time("End", call.now, 33101) + _SECOND
    text = call.asked("End") or ""
    if len(text) == 10:
        end = parse_time(text) + timedelta(days=1)
    start = call.time("Start", end - timedelta(days=30), 33101)
    if start >= end:
        raise Refusal(400, 33101, "Start must not be after End")
    earliest = (call.now - _KEPT).replace(hour=0, minute=0, second=0, microsecond=0)
    latest = call.now + timedelta(days=1)
    return max(start, earliest), min(end, max(latest, start + _SECOND))


def _periods(granularity: str, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """The window cut at whole hours or days, newest first."""
    if start >= end:
        return []
    if granularity == "all":
        return [(start, end)]
    step = _STEPS[granularity]
    begin, found = start, []
    while begin < end:
        whole = begin.replace(minute=0, second=0, microsecond=0)
        whole = whole.replace(hour=0) if granularity == "daily" else whole
        found.append((begin, min(end, whole + step)))
        begin = whole + step
    return found[::-1]


def _counts(split: Split) -> _Counts:
    home = national = Usage()
    abroad: dict[str, Usage] = {}
    for operator, usage in split.items():
        if (operator.mcc, operator.mnc) == _HOME:
            home = home.plus(usage)
        elif operator.country == "US":
            national = national.plus(usage)
        else:
            abroad[operator.country] = abroad.get(operator.country, Usage()).plus(usage)
    return _Counts(home, national, abroad)


def _money(amount: Decimal, share: float) -> float:
    """Money comes a day late; a number, as in the published examples."""
    return float((amount * Decimal(str(round(share, 6)))).quantize(Decimal("0.0001")))


def _data_row(usage: Usage, share: float) -> dict[str, object]:
    return {
        "upload": usage.up,
        "download": usage.down,
        "total": usage.total,
        "units": "bytes",
        "billed": _money(Decimal(usage.total) / 1_000_000 * _PRICE, share),
        "billing_units": "USD",
    }


def _data(counts: _Counts, share: float) -> dict[str, object]:
    return {
        **_data_row(counts.total, share),
        "home": _data_row(counts.home, share),
        "national_roaming": _data_row(counts.national, share),
        "international_roaming": [
            {"country_code": country, **_data_row(usage, share)} for country, usage in sorted(counts.abroad.items())
        ],
    }


def _commands_row(to: int, back: int, share: float) -> dict[str, object]:
    return {
        "from_sim": back,
        "to_sim": to,
        "total": to + back,
        "billed": _money((to + back) * _COMMAND_PRICE, share),
        "billing_units": "USD",
    }


def _commands(messages: Usage, share: float) -> dict[str, object]:
    row = _commands_row(messages.sms_to, messages.sms_from, share)
    none = _commands_row(0, 0, share)
    return {**row, "home": dict(row), "national_roaming": none, "international_roaming": []}
