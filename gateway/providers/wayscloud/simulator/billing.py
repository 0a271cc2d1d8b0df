"""The bill: the whole account's usage and cost over a range of days, SIM by SIM."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from gateway.providers.wayscloud.simulator.asked import Span
from gateway.providers.wayscloud.simulator.behaviour import Behaviour
from gateway.providers.wayscloud.simulator.sims import Sims

__all__ = ["bill"]

_FEE = 2.00
"""EUR per SIM and month, as in the sample."""
_PRICE = 0.05
"""EUR per megabyte, as in the sample (125.4 MB cost 6.27)."""
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class _Line:
    index: int
    bytes: int
    fee: float
    megabytes: float

    @property
    def data_cost(self) -> float:
        return round(self.megabytes * _PRICE, 2)


def bill(
    sims: Sims, behaviour: Behaviour, span: Span, asked: tuple[str | None, str | None], only: str | None
) -> dict[str, object]:
    """`GET /sims/billing`: without dates the current month to today (documented).

    Every SIM with a subscription in the range has a line, also without usage. `asked` are the dates as
    they were asked; `only` is an ICCID, and an unknown one gives an empty bill (unverified).
    """
    now = sims.world.now()
    since, until = _range(span, now)
    lines = list(_lines(sims, behaviour, _who(sims, only), since, until))
    fees = round(sum(line.fee for line in lines), 2)
    costs = round(sum(line.data_cost for line in lines), 2)
    return {
        "billing_period": {
            "start_date": asked[0] or since.date().isoformat(),
            "end_date": asked[1] or now.date().isoformat(),
            "billing_cycle": "monthly",
        },
        "summary": {
            "total_cost": round(fees + costs, 2),
            "subscription_fees": fees,
            "data_costs": costs,
            "currency": "EUR",
        },
        "subscription": {
            "active_sims": len(lines),
            "monthly_fee_per_sim": _FEE,
            "total_monthly_fees": round(_FEE * len(lines), 2),
        },
        "data_usage": {"total_mb": behaviour.megabytes(sum(line.bytes for line in lines))},
        "by_sim": [_shown(sims, line) for line in lines],
    }


def _range(span: Span, now: datetime) -> tuple[datetime, datetime]:
    until = span.until or now
    return span.since or (until - _TICK).replace(day=1, hour=0, minute=0, second=0, microsecond=0), until


def _who(sims: Sims, only: str | None) -> Iterable[int]:
    if only is None:
        return range(sims.world.sims)
    found = sims.world.find_iccid(only)
    return () if found is None else (found,)


def _lines(sims: Sims, behaviour: Behaviour, who: Iterable[int], since: datetime, until: datetime) -> Iterable[_Line]:
    fee = _FEE * _months(since.date(), (until - _TICK).date())
    moved: dict[tuple[int, int, bool], int] = {}
    for index in who:
        if sims.subscribed(index, since, until):
            # SIMs alike in pattern and weight move the same bytes: thousands of lines, some hundred sums.
            alike = (index % sims.world.patterns, sims.world.weight(index), sims.unused(index))
            if alike not in moved:
                moved[alike] = sims.data(index, since, until).total
            yield _Line(index, moved[alike], fee, behaviour.megabytes(moved[alike]))


def _months(first: date, last: date) -> int:
    """How many calendar months a range touches, at least one: each is charged whole (unverified)."""
    return max(1, (last.year - first.year) * 12 + last.month - first.month + 1)


def _shown(sims: Sims, line: _Line) -> dict[str, object]:
    iccid, msisdn = sims.numbers(line.index)
    return {
        "iccid": iccid,
        "msisdn": msisdn,
        "subscription_fee": line.fee,
        "data_usage_mb": line.megabytes,
        "data_cost": line.data_cost,
        "total_cost": round(line.fee + line.data_cost, 2),
    }
