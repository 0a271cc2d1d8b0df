"""A provider's fleet of SIMs, worked out on demand from a seed: two hundred thousand cost nothing to start.

Everything about SIM number `i` is a function of (seed, provider, i). Only writes are stored: `block`, `unblock`.
"""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from functools import lru_cache

from gateway.simulation.clock import moment, seconds
from gateway.simulation.command_book import CommandBook
from gateway.simulation.events import events_of
from gateway.simulation.identity import Identities
from gateway.simulation.noise import key_of, mix
from gateway.simulation.operators import OPERATORS, Operator
from gateway.simulation.pattern import DAY, Pattern, Slot, pattern_of
from gateway.simulation.records import Command, Event, Session, SimRecord, Usage
from gateway.simulation.sums import Window, command_kind, command_numbers, data_by_operator, data_of, messages_of

__all__ = ["OPERATORS", "CommandBook", "Operator", "World", "moment", "seconds"]

PATTERNS = 600
_WORDS = ("pump", "kiosk", "tracker", "meter", "charger", "camera", "vending", "gate")
_PAYLOADS = ("reboot", "status?", "temp=21.5", "interval 900", "fw?", "ack", "batt=87", "gps on")


class World:
    """The SIMs 0..sims-1 of one provider. `now` is the clock; its UTC day at the start fixes all ages.

    Spans are [since, until) throughout. SIM i follows pattern `i % patterns` and moves `weight(i)` times its bytes.
    """

    def __init__(self, sims: int, seed: int, now: Callable[[], datetime], provider: str) -> None:
        self.sims = sims
        self.seed = seed
        self.provider = provider
        self.now = now
        self.birth = seconds(now()) // DAY * DAY
        self.patterns = max(1, min(sims, PATTERNS))
        self._place = key_of(seed, provider)
        self._key = mix(self._place, 1)
        self._pattern = lru_cache(maxsize=PATTERNS)(lambda number: pattern_of(self._place, number, self.birth))
        self.identities = Identities(self._place, provider)
        self._windows: dict[int, tuple[Window, ...]] = {}

    # One SIM

    def sim(self, index: int) -> SimRecord:
        """The SIM with this number, as it was made."""
        pattern = self.pattern(index)
        bits = mix(self._key, index)
        ids = self.identities
        linked = bits % 9 != 0
        name = f"{_WORDS[bits % 8]}-{index:05d}"
        activated = moment(pattern.connected[0]) if pattern.connected else None
        created = moment(pattern.created + index // self.patterns % 3600)
        return SimRecord(
            index=index,
            iccid=ids.iccid(index),
            imsi=ids.imsi(index),
            msisdn=ids.msisdn(index),
            imei=ids.imei(index),
            eid=ids.eid(index),
            name=None if (bits >> 8) % 6 == 0 else name,
            device_id=ids.device_id(index) if linked else None,
            device_name=name.title() if linked else None,
            life=pattern.life,
            created_at=created,
            activated_at=activated,
            updated_at=self._updated(pattern, bits),
            group=pattern.group,
            plan=pattern.plan,
        )

    def _updated(self, pattern: Pattern, bits: int) -> datetime:
        """The last change: being blocked, or some day between creation and the start of this world."""
        if pattern.connected and pattern.connected[1] is not None:
            return moment(pattern.connected[1])
        first = pattern.connected[0] if pattern.connected else pattern.created + 3600
        return moment(first + (self.birth - first) * (bits >> 16 & 0xFFFF) // 0x10000)

    def find_iccid(self, iccid: str) -> int | None:
        """The number of the SIM with this ICCID, None when there is none."""
        return self.identities.find_iccid(iccid, self.sims)

    def find_device(self, device_id: str) -> int | None:
        """The number of the SIM linked to this device, None when there is none."""
        index = self.identities.find_device(device_id, self.sims)
        if index is None or self.sim(index).device_id is None:
            return None
        return index

    def pattern(self, index: int) -> Pattern:
        """The behaviour that this SIM shares with others."""
        return self._pattern(index % self.patterns)

    def weight(self, index: int) -> int:
        """How many times its pattern's bytes this SIM moves: 1..4."""
        return 1 + index // self.patterns % 4

    # Writes

    def block(self, index: int, at: datetime) -> None:
        """From this moment the SIM is off the network; an open session ends here."""
        cut = seconds(at)
        kept = [(start, _earlier(end, cut)) for start, end in self._connected(index) if start < cut]
        self._windows[index] = tuple(kept)

    def unblock(self, index: int, at: datetime) -> None:
        """From this moment the SIM may use the network; nothing changes if it already does."""
        windows = self._connected(index)
        if windows and windows[-1][1] is None:
            return
        self._windows[index] = (*windows, (seconds(at), None))

    def _connected(self, index: int) -> tuple[Window, ...]:
        if index in self._windows:
            return self._windows[index]
        connected = self.pattern(index).connected
        return (connected,) if connected else ()

    # Sessions and what follows from them

    def sessions(self, index: int, since: datetime, until: datetime) -> list[Session]:
        """The sessions that overlap the span, newest first, whole (not cut at its bounds)."""
        low, high = seconds(since), min(seconds(until), seconds(self.now()) + 1)
        found = [
            self._session(index, slot, place)
            for place, window in enumerate(self._connected(index))
            for slot in self._slots(index, window, low, high)
        ]
        return found[::-1]

    def latest_session(self, index: int) -> Session | None:
        """The open session or, failing that, the last one."""
        for place, window in reversed(list(enumerate(self._connected(index)))):
            end = min(seconds(self.now()), window[1] or 1 << 62)
            slots = self._slots(index, window, end - 3 * self.pattern(index).period, end + 1)
            if slots:
                return self._session(index, slots[-1], place)
        return None

    def session(self, index: int, number: int) -> Session | None:
        """The session with this number, None when there is none (yet)."""
        slot_number, place = divmod(number, 64)
        windows = self._connected(index)
        pattern = self.pattern(index)
        if place >= len(windows) or not pattern.mean_up:
            return None
        slot = _clipped(pattern.slot(slot_number), windows[place])
        if slot is None or slot.start > seconds(self.now()):
            return None
        return self._session(index, slot, place)

    def _slots(self, index: int, window: Window, low: int, high: int) -> list[Slot]:
        """The (clipped) sessions of one window that overlap [low, high), oldest first."""
        pattern = self.pattern(index)
        if not pattern.mean_up:
            return []
        low, high = max(low, window[0]), min(high, window[1] or high)
        if low >= high:
            return []
        numbers = range(pattern.slot_at(low), pattern.slot_at(high) + 1)
        slots = (_clipped(pattern.slot(number), window) for number in numbers)
        return [slot for slot in slots if slot and slot.start < high and slot.end > low]

    def _session(self, index: int, slot: Slot, place: int) -> Session:
        pattern, weight = self.pattern(index), self.weight(index)
        now = seconds(self.now())
        is_open = slot.end > now
        last = min(slot.end, now)
        before, after = pattern.meter(slot.start), pattern.meter(last)
        up, down = (after.up - before.up) * weight, (after.down - before.down) * weight
        operator = pattern.operator(slot.number)
        bits = mix(self._key ^ index, slot.number // 7)
        return Session(
            number=slot.number * 64 + place,
            start=moment(slot.start),
            end=None if is_open else moment(slot.end),
            updated=moment(last),
            operator=operator,
            rat=pattern.rat,
            up=up,
            down=down,
            packets_up=-(-up // 620),
            packets_down=-(-down // 1180),
            ip=f"100.{64 + bits % 64}.{bits >> 8 & 255}.{1 + (bits >> 16) % 254}",
            cell_id=str(1_000_000 + (bits >> 24) % 200_000_000),
            lat=round(operator.lat + ((bits >> 32 & 0xFFFF) - 0x8000) / 0x8000, 5),
            lon=round(operator.lon + ((bits >> 48 & 0xFFFF) - 0x8000) / 0x8000, 5),
            imei=self.identities.imei(index),
        )

    def events(self, index: int, since: datetime, until: datetime) -> list[Event]:
        """What happened in the span, newest first; it tells the same story as the sessions."""
        sessions = self.sessions(index, since, until)
        return events_of(self.pattern(index), self.weight(index), sessions, since, min(until, self._soon()))

    def _soon(self) -> datetime:
        """The end of a span that reaches up to now, now included."""
        return self.now() + timedelta(microseconds=1)

    # Sums

    def usage(self, index: int, since: datetime, until: datetime) -> Usage:
        """Bytes and messages in the span; a session across a bound counts by its share of time."""
        moved = self.data(index, since, until)
        to, back = messages_of(self.pattern(index), self._connected(index), *self._span(since, until))
        return Usage(moved.up, moved.down, to, back)

    def data(self, index: int, since: datetime, until: datetime) -> Usage:
        """As `usage` without counting messages: cheaper."""
        span = self._span(since, until)
        return data_of(self.pattern(index), self._connected(index), *span).times(self.weight(index))

    def data_by_operator(self, index: int, since: datetime, until: datetime) -> dict[Operator, Usage]:
        """Bytes in the span on each network; they add up to `data`."""
        weight = self.weight(index)
        found = data_by_operator(self.pattern(index), self._connected(index), *self._span(since, until))
        return {operator: usage.times(weight) for operator, usage in found.items()}

    def totals(
        self, since: datetime, until: datetime, apart: Collection[int] = ()
    ) -> dict[tuple[int, Operator], Usage]:
        """Bytes by (group, network) of all SIMs but those `apart`; the cost does not depend on how many SIMs."""
        span = self._span(since, until)
        odd = {*self._windows, *apart}
        found: dict[tuple[int, Operator], Usage] = {}
        for number in range(self.patterns):
            pattern, weight = self._pattern(number), self._weight_of(number, odd)
            windows = (pattern.connected,) if pattern.connected and weight else ()
            _add(found, pattern.group, data_by_operator(pattern, windows, *span), weight)
        for index in sorted(self._windows.keys() - set(apart)):
            _add(found, self.pattern(index).group, self.data_by_operator(index, since, until), 1)
        return found

    def message_totals(self, since: datetime, until: datetime) -> Usage:
        """Text messages of all SIMs in the span."""
        span = self._span(since, until)
        to = back = 0
        for number in range(self.patterns):
            members = range(number, self.sims, self.patterns)
            count = len(members) - sum(1 for index in self._windows if index in members)
            pattern = self._pattern(number)
            windows = (pattern.connected,) if pattern.connected else ()
            sent, got = messages_of(pattern, windows, *span)
            to, back = to + sent * count, back + got * count
        for index in self._windows:
            sent, got = messages_of(self.pattern(index), self._connected(index), *span)
            to, back = to + sent, back + got
        return Usage(0, 0, to, back)

    def _weight_of(self, number: int, odd: Collection[int]) -> int:
        """The weights of one pattern's SIMs together, without the odd ones: 1, 2, 3, 4, 1, 2, ..."""
        rounds, rest = divmod(len(range(number, self.sims, self.patterns)), 4)
        total = rounds * 10 + rest * (rest + 1) // 2
        gone = (index for index in odd if index < self.sims and index % self.patterns == number)
        return total - sum(self.weight(index) for index in gone)

    def _span(self, since: datetime, until: datetime) -> tuple[int, int]:
        return seconds(since), min(seconds(until), seconds(self.now()))

    # Commands

    def commands(self, index: int, since: datetime, until: datetime) -> list[Command]:
        """The commands of one SIM in the span, newest first."""
        numbers = command_numbers(self.pattern(index), self._connected(index), *self._span(since, until))
        return [self.command(index, number) for number in reversed(numbers)]

    def has_command(self, index: int, number: int) -> bool:
        """Whether the SIM has, by now, a command of this number."""
        at = self.pattern(index).command_moment(number)
        inside = any(start <= at and (end is None or at < end) for start, end in self._connected(index))
        return inside and at < seconds(self.now())

    def command(self, index: int, number: int) -> Command:
        """The command with this number; ask `has_command` first."""
        pattern = self.pattern(index)
        bits = mix(self._key ^ 0xC0, index * 4096 + number)
        direction, transport = command_kind(number)
        return Command(
            index=index,
            number=number,
            at=moment(pattern.command_moment(number)),
            direction=direction,
            transport=transport,
            payload=_PAYLOADS[bits % len(_PAYLOADS)],
            failed=direction == "to_sim" and bits >> 8 & 15 == 0,
        )

    def all_commands(self, since: datetime, until: datetime) -> CommandBook:
        """Every SIM's commands in the span, newest first, without listing them."""
        return CommandBook(self, *self._span(since, until))


def _earlier(end: int | None, cut: int) -> int:
    return cut if end is None else min(end, cut)


def _clipped(slot: Slot, window: Window) -> Slot | None:
    """The part of a session inside a window of connection, None when there is none."""
    start = max(slot.start, window[0])
    end = slot.end if window[1] is None else min(slot.end, window[1])
    return Slot(slot.number, start, end) if start < end else None


def _add(found: dict[tuple[int, Operator], Usage], group: int, more: dict[Operator, Usage], weight: int) -> None:
    for operator, usage in more.items():
        key = (group, operator)
        found[key] = found.get(key, Usage()).plus(usage.times(weight))
