"""How one kind of device behaves: when it is connected, how much it moves, where it is, when it is sent commands.

SIMs share a few hundred patterns, so that totals over many thousand SIMs stay cheap. A pattern divides time into
equal slots with one data session in each; its meters are cumulative and closed-form, so any sum over time is a
difference of two readings and always agrees with the sessions. All times are whole seconds since 1970, UTC.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from gateway.simulation.noise import key_of, mix
from gateway.simulation.operators import OPERATORS, Operator

__all__ = ["DAY", "GROUPS", "NO_DATA_GROUP", "Meter", "Pattern", "Slot", "pattern_of"]

DAY = 86_400
GROUPS = 6
NO_DATA_GROUP = 5
"""SIMs of this group take commands but never open a data session."""

_LIVES = ("active",) * 13 + ("ready",) * 2 + ("inventory",) * 2 + ("suspended", "deactivated", "terminated")
_RADIOS = ("LTE", "LTE", "LTE", "LTE-M", "NB-IoT", "3G", "2G", "5G")
_PERIODS = (6 * 3600, 12 * 3600, DAY, DAY, 2 * DAY, 4 * DAY)
_TRIP_WINDOW = 60 * DAY


class Meter(NamedTuple):
    """A reading, or the difference of two: bytes sent and received by the device."""

    up: int
    down: int

    @property
    def total(self) -> int:
        """Both ways."""
        return self.up + self.down


class Slot(NamedTuple):
    """The one session of a slot: its number, and its start and end in seconds."""

    number: int
    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """One behaviour. `mean_up` and `mean_down` are bytes per slot; `connected` is the time it may use the network."""

    key: int
    number: int
    life: str
    group: int
    plan: int
    created: int
    connected: tuple[int, int | None] | None
    period: int
    phase: int
    mean_up: int
    mean_down: int
    home: Operator
    travels: bool
    rat: str
    command_period: int

    def slot(self, number: int) -> Slot:
        """The session of this slot; it never crosses the slot's ends."""
        bits = mix(self.key, number) >> 32
        start = self.phase + number * self.period + 1 + (bits & 0xFFFF) * (self.period // 4) // 0x10000
        length = self.period // 4 + (bits >> 16) * (self.period * 3 // 8) // 0x10000
        return Slot(number, start, start + length)

    def slot_at(self, moment: int) -> int:
        """The number of the slot that holds this moment."""
        return (moment - self.phase) // self.period

    def meter(self, moment: int) -> Meter:
        """The cumulative reading at this moment, counted from far in the past."""
        number = self.slot_at(moment)
        up, down = self._meter_before(number)
        _, start, end = self.slot(number)
        if moment <= start:
            return Meter(up, down)
        up_after, down_after = self._meter_before(number + 1)
        if moment >= end:
            return Meter(up_after, down_after)
        passed, length = moment - start, end - start
        return Meter(up + (up_after - up) * passed // length, down + (down_after - down) * passed // length)

    def _meter_before(self, number: int) -> tuple[int, int]:
        """Noise of less than one mean on a straight line: each slot's share stays positive and uneven."""
        bits = mix(self.key ^ 0x5DEECE66D, number)
        up = number * self.mean_up + (bits & 0xFFFF) * self.mean_up * 7 // 0x80000
        down = number * self.mean_down + (bits >> 16 & 0xFFFF) * self.mean_down * 7 // 0x80000
        return up, down

    def operator(self, number: int) -> Operator:
        """The network used in this slot: the home network, or another one on a trip."""
        if not self.travels:
            return self.home
        start = self.phase + number * self.period
        return self._visited(start // _TRIP_WINDOW, start) or self.home

    def _visited(self, window: int, moment: int) -> Operator | None:
        first, last, operator = self._trip(window)
        return operator if first <= moment < last else None

    def _trip(self, window: int) -> tuple[int, int, Operator]:
        """The one trip of a 60-day window, as [first, last) slot starts."""
        bits = mix(self.key ^ 0x7419, window)
        first = window * _TRIP_WINDOW + (bits & 0xFF) * (40 * DAY) // 0x100
        last = first + 3 * DAY + (bits >> 8 & 0xFF) * (15 * DAY) // 0x100
        return first, last, OPERATORS[(bits >> 16) % len(OPERATORS)]

    def stays(self, since: int, until: int) -> Iterator[tuple[int, int, Operator]]:
        """[since, until) cut where the network changes: (from, to, operator), oldest first."""
        moment = since
        while moment < until:
            operator = self.operator(self.slot_at(moment))
            end = min(until, self._stay_end(moment))
            yield moment, end, operator
            moment = end

    def _stay_end(self, moment: int) -> int:
        """The next moment after this one at which the network may change: always a slot's end."""
        if not self.travels:
            return moment + (1 << 40)
        number = self.slot_at(moment)
        start = self.phase + number * self.period
        window = start // _TRIP_WINDOW
        first, last, _ = self._trip(window)
        marks = (first, last, (window + 1) * _TRIP_WINDOW)
        mark = next(mark for mark in marks if mark > start)
        return self.phase + -((self.phase - mark) // self.period) * self.period

    def command_moment(self, number: int) -> int:
        """When the command with this number happened."""
        offset = mix(self.key ^ 0xC0DE, number) % (self.command_period - 3600)
        return self.phase + number * self.command_period + offset

    def commands_between(self, since: int, until: int) -> range:
        """The numbers of the commands with since <= moment < until."""
        low = (since - self.phase) // self.command_period
        high = (until - self.phase) // self.command_period
        first = low if self.command_moment(low) >= since else low + 1
        last = high if self.command_moment(high) < until else high - 1
        return range(first, last + 1)


def pattern_of(place: int, number: int, birth: int) -> Pattern:
    """Pattern `number` of the world with key `place`; ages are counted back from `birth`."""
    bits = [mix(key_of(place, "pattern", number), draw) for draw in range(12)]
    life = _LIVES[(number * 7 + place % 20) % 20]
    created = birth - (3 + bits[0] % 700) * DAY + bits[1] % DAY
    period = _PERIODS[bits[2] % len(_PERIODS)]
    per_day = 8_000 * 4 ** (bits[3] % 6) * (100 + bits[4] % 100) // 100
    mean = per_day * period // DAY
    group = number % GROUPS
    return Pattern(
        key=bits[5],
        number=number,
        life=life,
        group=group,
        plan=number // 2 % 4,
        created=created,
        connected=_connected(life, created, birth, bits[6]),
        period=period,
        phase=bits[7] % period,
        mean_up=0 if group == NO_DATA_GROUP else mean // 3,
        mean_down=0 if group == NO_DATA_GROUP else mean - mean // 3,
        home=_home(bits[8]),
        travels=bits[9] % 4 == 0,
        rat=_RADIOS[bits[10] % len(_RADIOS)],
        command_period=(2 + bits[11] % 9) * DAY,
    )


def _connected(life: str, created: int, birth: int, bits: int) -> tuple[int, int | None] | None:
    """When a SIM of this life could use the network; some active ones never have, inventory never could."""
    if life == "inventory" or (life == "ready" and bits % 2) or (life == "active" and bits % 12 == 0):
        return None
    first = created + (birth - created) * (bits >> 8 & 0xFF) // 0x400
    if life in {"active", "ready"}:
        return first, None
    return first, birth - (birth - first) * (bits >> 16 & 0xFF) // 0x200


def _home(bits: int) -> Operator:
    """A home network; the first dozen operators are twice as common as the rest."""
    place = bits % (len(OPERATORS) + 12)
    return OPERATORS[place % len(OPERATORS)]
