"""Which windows a usage question may ask for, and how they are cut into periods."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.simulation.twilio_call import Call, Refusal

__all__ = ["UsageQuestion", "months_before", "question_of"]

_GROUPS = ("sim", "fleet", "network", "isoCountry")
_GRANULARITIES = ("hour", "day", "all")
_STEP = {"hour": timedelta(hours=1), "day": timedelta(days=1)}
_LONGEST = {"hour": timedelta(days=31), "day": timedelta(days=92), "all": timedelta(days=550)}


@dataclass(frozen=True, slots=True)
class UsageQuestion:
    """A window [start, end) with its grouping and the periods in it, in the order they are answered."""

    group: str | None
    granularity: str
    start: datetime
    end: datetime

    def periods(self, newest_first: bool) -> list[tuple[datetime, datetime]]:
        """The window cut at whole hours or days; `all` is one period."""
        if self.granularity == "all":
            return [(self.start, self.end)]
        step = _STEP[self.granularity]
        begin, found = self.start, []
        while begin < self.end:
            whole = begin.replace(minute=0, second=0, microsecond=0)
            whole = whole if step < timedelta(days=1) else whole.replace(hour=0)
            found.append((begin, min(self.end, whole + step)))
            begin = whole + step
        return found[::-1] if newest_first else found


def question_of(call: Call, aligned: bool) -> UsageQuestion:
    """Read and check the parameters; the codes are Twilio's 83600 to 83605."""
    group = call.asked_word("Group", _GROUPS, 83600)
    granularity = call.asked_word("Granularity", _GRANULARITIES, 83600) or "all"
    end = call.time("EndTime", call.now, 83600)
    start = call.time("StartTime", months_before(end, 1), 83600)
    if start >= end:
        raise Refusal(400, 83600, "StartTime must be before EndTime")
    if aligned:
        _check_alignment(granularity, [at for name, at in (("StartTime", start), ("EndTime", end)) if call.asked(name)])
    if start < months_before(call.now, 18):
        raise Refusal(400, 83605, "StartTime is more than 18 months ago")
    if group == "sim" and end - start > timedelta(days=31):
        raise Refusal(400, 83603, "With Group=sim the window is at most 31 days")
    if end - start > _LONGEST[granularity]:
        raise Refusal(400, 83604, f"The window is too long for granularity {granularity}")
    return UsageQuestion(group, granularity, start, end)


def _check_alignment(granularity: str, bounds: list[datetime]) -> None:
    for at in bounds:
        if granularity == "day" and (at.hour, at.minute, at.second, at.microsecond) != (0, 0, 0, 0):
            raise Refusal(400, 83601, "StartTime and EndTime must be at midnight UTC")
        if granularity == "hour" and (at.minute, at.second, at.microsecond) != (0, 0, 0):
            raise Refusal(400, 83602, "StartTime and EndTime must be at a full hour UTC")


def months_before(at: datetime, months: int) -> datetime:
    """The same day so many months earlier, or that month's last day."""
    month = at.year * 12 + at.month - 1 - months
    year, place = divmod(month, 12)
    for day in range(at.day, 27, -1):
        try:
            return at.replace(year=year, month=place + 1, day=day)
        except ValueError:
            continue
    return at.replace(year=year, month=place + 1, day=min(at.day, 28))
