"""/v1/ESimProfiles: every fifth SIM came as an eSIM; an order becomes a profile with a SIM after a while."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.providers.supersim.simulator.desk import Desk
from gateway.providers.supersim.simulator.registry import Registry
from gateway.simulation.twilio_call import Call, Refusal, Reply
from gateway.simulation.twilio_paging import Listing, Position, Rows, Snapshot

__all__ = ["EsimProfiles"]

_STATUSES = ("new", "reserving", "available", "downloaded", "installed", "failed")
_EVERY = 5
_ORDERED = 1 << 39
_SMDP = "https://sm-dp-plus.example.com"
_RESERVING = timedelta(seconds=1)
_AVAILABLE = timedelta(seconds=4)


@dataclass(frozen=True, slots=True)
class _Profile:
    """One profile; `index` is its SIM, None while none is reserved."""

    first: int
    second: int
    index: int | None
    status: str
    eid: str | None
    matching: str | None
    created: datetime
    updated: datetime


@dataclass(slots=True)
class _Order:
    """A profile that a caller asked for."""

    eid: str | None
    matching: str | None
    at: datetime
    index: int | None = None
    failed: bool = False


class EsimProfiles:
    """The handlers, and the orders so far."""

    def __init__(self, desk: Desk, registry: Registry) -> None:
        self._desk = desk
        self._registry = registry
        self._orders: list[_Order] = []

    @property
    def written(self) -> int:
        """How many profiles were ordered."""
        return len(self._orders)

    def settle(self, now: datetime) -> None:
        """Give a SIM to every order whose time has come."""
        for order in self._orders:
            if order.index is None and not order.failed and now >= order.at + _AVAILABLE:
                order.index = self._registry.next_in_stock()
                order.failed = order.index is None
                if order.index is not None:
                    self._registry.register(order.index)

    def create(self, call: Call) -> Reply:
        """Needs an EID, or GenerateMatchingId=true in its place."""
        generate = call.flag("GenerateMatchingId", False)
        eid = call.given("Eid") or None
        call.url("CallbackUrl", None)
        call.word("CallbackMethod", ("GET", "POST"))
        if eid is None and not generate:
            raise Refusal(400, 20002, "Missing required parameter Eid in the post body")
        if eid is not None and not (eid.isascii() and eid.isdigit() and len(eid) == 32):
            raise Refusal(400, 20001, "Invalid Eid: 32 digits are needed")
        number = len(self._orders)
        matching = f"MATCH-{number:04d}-{self._desk.world.seed:04d}" if generate else None
        self._orders.append(_Order(eid, matching, call.now))
        return Reply(self._shown(call, self._ordered(number, call.now)), 201)

    def fetch(self, call: Call) -> Reply:
        """By SID."""
        decoded = self._desk.esims.decode(call.place["Sid"])
        profile = None if decoded is None else self._find(*decoded, call.now)
        if profile is None:
            raise Refusal(404, 20404, f"The requested resource {call.path} was not found")
        return Reply(self._shown(call, profile))

    def listing(self, call: Call) -> Listing:
        """Filters: Eid, SimSid, Status."""
        eid, sim, status = call.asked("Eid"), call.asked("SimSid"), call.asked_word("Status", _STATUSES)

        def read(position: Position, snapshot: Snapshot) -> Rows:
            for place, profile in self._all(position, snapshot, call.now):
                if eid is not None and profile.eid != eid:
                    continue
                if sim is not None and (profile.index is None or self._desk.sims.encode(profile.index) != sim):
                    continue
                if status is None or profile.status == status:
                    yield place, self._shown(call, profile)

        return Listing("esim_profiles", (0, 0), read)

    def _all(self, position: Position, snapshot: Snapshot, now: datetime) -> Iterator[tuple[Position, _Profile]]:
        """Orders, newest first, then those the world came with."""
        mine, begin = position
        for place in range(mine, snapshot.written):
            yield (place + 1, 0), self._ordered(snapshot.written - 1 - place, now)
        for index in range(begin, self._desk.world.sims, _EVERY):
            yield (snapshot.written, index + _EVERY), self._original(index)

    def _find(self, first: int, second: int, now: datetime) -> _Profile | None:
        if second == _ORDERED:
            return self._ordered(first, now) if first < len(self._orders) else None
        return self._original(first) if first < self._desk.world.sims and first % _EVERY == 0 else None

    def _original(self, index: int) -> _Profile:
        record = self._desk.world.sim(index)
        status = "available" if record.life == "inventory" else ("installed", "installed", "downloaded")[index // 5 % 3]
        matching = f"MATCH-{index:08d}" if index % 2 else None
        status = "failed" if index % 85 == 80 else status
        return _Profile(index, 0, index, status, record.eid, matching, record.created_at, record.updated_at)

    def _ordered(self, number: int, now: datetime) -> _Profile:
        order = self._orders[number]
        status, at = "new", order.at
        if order.failed:
            status, at = "failed", order.at + _AVAILABLE
        elif order.index is not None:
            status, at = "available", order.at + _AVAILABLE
        elif now >= order.at + _RESERVING:
            status, at = "reserving", order.at + _RESERVING
        matching = order.matching if status == "available" else None
        return _Profile(number, _ORDERED, order.index, status, order.eid, matching, order.at, at)

    def _shown(self, call: Call, profile: _Profile) -> dict[str, object]:
        sid = self._desk.esims.encode(profile.first, profile.second)
        ready = profile.status in {"available", "downloaded", "installed"}
        code = f"LPA:1${_SMDP.removeprefix('https://')}${profile.matching or ''}"
        failed = profile.status == "failed"
        return {
            "sid": sid,
            "account_sid": self._desk.account,
            "iccid": None if profile.index is None else self._desk.world.identities.iccid(profile.index),
            "sim_sid": None if profile.index is None else self._desk.sims.encode(profile.index),
            "status": profile.status,
            "eid": profile.eid,
            "smdp_plus_address": _SMDP if ready else None,
            "matching_id": profile.matching,
            "activation_code": code if ready and profile.matching else None,
            "error_code": "83500" if failed else None,
            "error_message": "No eSIM profile is available" if failed else None,
            "date_created": self._desk.stamp(profile.created),
            "date_updated": self._desk.stamp(profile.updated),
            "url": f"{call.base}/v1/ESimProfiles/{sid}",
        }
