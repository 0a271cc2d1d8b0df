"""What Programmable Wireless's usage means here: bytes, commands, money, and where it all happened."""

from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

from gateway.providers.wireless.wire import (
    WireCommandCounts,
    WireCommandUsage,
    WireDataCounts,
    WireDataUsage,
    WirePeriod,
    WireUsageRecord,
)
from gateway.upstream.read import country, currency, moment, size, text
from schema.usage import Money, Roaming, RoamingUsage, UsageRecord

__all__ = ["usage_record"]

SECOND = timedelta(seconds=1)
MOST = 2**31
"""GraphQL's Int ends here; no account sends that many commands."""


def usage_record(wire: WireUsageRecord) -> UsageRecord:
    """One record; `{}` for its data or commands says nothing about them, which is not zero."""
    data, commands = wire.data or WireDataUsage(), wire.commands or WireCommandUsage()
    period = wire.period or WirePeriod()
    return UsageRecord(
        sim_id=text(wire.sim_sid),
        period_start=moment(period.start),
        period_end=_behind(moment(period.end)),
        bytes_up=size(data.upload),
        bytes_down=size(data.download),
        bytes_total=size(data.total),
        sms_to_sim=_count(commands.to_sim),
        sms_from_sim=_count(commands.from_sim),
        sms_total=_count(commands.total),
        costs=_costs(data, commands),
        by_roaming=_by_roaming(data, commands),
    )


def _behind(end: datetime | None) -> datetime | None:
    """The moment after a period. `End` is asked inclusively; whether the answer's `end` is inclusive too is not
    stated, so the last second of a minute is taken as inclusive and a full minute as the end itself."""
    if end is None or end.second != 59:
        return end
    return end.replace(microsecond=0) + SECOND


def _count(value: int | None) -> int | None:
    return value if value is not None and 0 <= value < MOST else None


def _costs(data: WireDataCounts, commands: WireCommandCounts) -> list[Money] | None:
    """What data and commands cost together. Money lags usage by up to two days and is 0 meanwhile: no money at all
    for some usage is unknown, not free."""
    sums: dict[str | None, Decimal] = defaultdict(Decimal)
    for part in (data, commands):
        amount = _amount(part.billed)
        if amount is None:
            return None
        sums[currency(part.billing_units)] += amount
    if not any(sums.values()) and (data.total != 0 or commands.total != 0):
        return None
    return [Money(amount=amount, currency=code) for code, amount in sums.items()]


def _amount(billed: str | float | None) -> Decimal | None:
    try:
        amount = Decimal(str(billed))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and amount >= 0 else None


def _by_roaming(data: WireDataUsage, commands: WireCommandUsage) -> list[RoamingUsage] | None:
    data_abroad = {row.country_code: row for row in data.international_roaming or () if row}
    commands_abroad = {row.country_code: row for row in commands.international_roaming or () if row}
    parts = [
        _part(Roaming.HOME, None, data.home, commands.home),
        _part(Roaming.NATIONAL, None, data.national_roaming, commands.national_roaming),
        *(
            _part(Roaming.INTERNATIONAL, code, data_abroad.get(code), commands_abroad.get(code))
            for code in dict.fromkeys([*data_abroad, *commands_abroad])
        ),
    ]
    return [part for part in parts if part is not None] or None


def _part(
    roaming: Roaming, code: str | None, data: WireDataCounts | None, commands: WireCommandCounts | None
) -> RoamingUsage | None:
    """None where nothing was counted: `{}`, or nothing at all."""
    if data in (None, WireDataCounts()) and commands in (None, WireCommandCounts()):
        return None
    data, commands = data or WireDataCounts(), commands or WireCommandCounts()
    return RoamingUsage(
        roaming=roaming,
        country=country(code),
        bytes_up=size(data.upload),
        bytes_down=size(data.download),
        bytes_total=size(data.total),
        sms_to_sim=_count(commands.to_sim),
        sms_from_sim=_count(commands.from_sim),
        sms_total=_count(commands.total),
    )
