"""Adding usage up. What one part does not know, the sum does not know."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from decimal import Decimal

from gateway.usage.spans import Span
from schema.scalars import BigInt
from schema.usage import Money, Roaming, RoamingUsage, UsageRecord

__all__ = ["grouped", "is_nothing", "nothing", "total"]

_COUNTERS = (
    "bytes_up",
    "bytes_down",
    "bytes_total",
    "sms_to_sim",
    "sms_from_sim",
    "sms_total",
    "voice_seconds",
    "session_count",
)
_ROAMING_COUNTERS = ("bytes_up", "bytes_down", "bytes_total", "sms_to_sim", "sms_from_sim", "sms_total")


def grouped(records: Iterable[UsageRecord], by: Callable[[UsageRecord], Hashable]) -> list[list[UsageRecord]]:
    """Records that belong together, groups in order of first appearance."""
    groups: dict[Hashable, list[UsageRecord]] = defaultdict(list)
    for record in records:
        groups[by(record)].append(record)
    return list(groups.values())


def total(records: Sequence[UsageRecord], span: Span | None = None) -> UsageRecord:
    """One record for several of the same thing, over `span` or else the first one's own period."""
    first = records[0]
    record = UsageRecord(
        account_names=tuple(sorted({name for each in records for name in each.account_names})),
        sim_id=first.sim_id,
        fleet_id=first.fleet_id,
        network_id=first.network_id,
        country=first.country,
        period_start=span[0] if span else first.period_start,
        period_end=span[1] if span else first.period_end,
        costs=_money([each.costs for each in records]),
        fees=_money([each.fees for each in records]),
        by_roaming=_by_roaming([each.by_roaming for each in records]),
        as_of=min((each.as_of for each in records if each.as_of is not None), default=None),
        stale=any(each.stale for each in records),
        stale_reason=next((each.stale_reason for each in records if each.stale), None),
    )
    for name in _COUNTERS:
        setattr(record, name, _sum([getattr(each, name) for each in records]))
    return record


def is_nothing(record: UsageRecord) -> bool:
    """Whether a record tells that nothing was used: no byte, no message, no fee, and none of them unknown."""
    return record.bytes_total == 0 and not record.sms_total and not record.fees


def nothing(account: str, sim_id: str | None, span: Span) -> UsageRecord:
    """The record of a SIM or an account whose provider would have told of any usage, and told of none."""
    return UsageRecord(
        account_names=(account,),
        sim_id=sim_id,
        period_start=span[0],
        period_end=span[1],
        bytes_up=BigInt(0),
        bytes_down=BigInt(0),
        bytes_total=BigInt(0),
        costs=[],
    )


def _sum(values: Sequence[int | None]) -> int | None:
    return None if None in values else sum(value for value in values if value is not None)


def _money(amounts: Sequence[list[Money] | None]) -> list[Money] | None:
    sums: dict[str | None, Decimal] = defaultdict(Decimal)
    for each in amounts:
        if each is None:
            return None
        for money in each:
            sums[money.currency] += money.amount
    return [Money(amount=amount, currency=currency) for currency, amount in sorted(sums.items(), key=str)]


def _by_roaming(parts: Sequence[list[RoamingUsage] | None]) -> list[RoamingUsage] | None:
    sums: dict[tuple[Roaming, str | None], RoamingUsage] = {}
    for each in parts:
        if each is None:
            return None
        for part in each:
            place = (part.roaming, part.country)
            sums[place] = _roaming_sum(sums[place], part) if place in sums else part
    return list(sums.values())


def _roaming_sum(one: RoamingUsage, other: RoamingUsage) -> RoamingUsage:
    both = RoamingUsage(roaming=one.roaming, country=one.country)
    for name in _ROAMING_COUNTERS:
        setattr(both, name, _sum([getattr(one, name), getattr(other, name)]))
    return both
