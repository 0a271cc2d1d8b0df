"""What the world says about a SIM, in words that belong to no provider."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from gateway.simulation.operators import Operator

__all__ = ["Command", "Event", "Session", "SimRecord", "Usage"]


@dataclass(frozen=True, slots=True)
class SimRecord:
    """One SIM as it was made; what was written to it since is the simulator's to keep.

    `life` is one of inventory, ready, active, suspended, deactivated, terminated. `activated_at` is its first
    moment on a network, None when it never was. `group` is 0..5 (group 5 has no data), `plan` is 0..3.
    """

    index: int
    iccid: str
    imsi: str
    msisdn: str
    imei: str
    eid: str
    name: str | None
    device_id: str | None
    device_name: str | None
    life: str
    created_at: datetime
    activated_at: datetime | None
    updated_at: datetime
    group: int
    plan: int


@dataclass(frozen=True, slots=True)
class Session:
    """One data session. `number` is unique within its SIM; `end` is None while it is open.

    Bytes and packets of an open session are those so far; `updated` is when they were last counted.
    """

    number: int
    start: datetime
    end: datetime | None
    updated: datetime
    operator: Operator
    rat: str
    up: int
    down: int
    packets_up: int
    packets_down: int
    ip: str
    cell_id: str
    lat: float
    lon: float
    imei: str


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a SIM: connection, disconnection, network_change, location_update, data_usage.

    `previous` is the network left behind and only set on a network_change. `bytes_so_far` counts the session.
    """

    number: int
    kind: str
    at: datetime
    session: Session
    operator: Operator
    previous: Operator | None
    bytes_so_far: int


@dataclass(frozen=True, slots=True)
class Command:
    """A message to (`to_sim`) or from (`from_sim`) a device, by `sms` or `ip`. `failed` says how it ended."""

    index: int
    number: int
    at: datetime
    direction: str
    transport: str
    payload: str
    failed: bool


class Usage(NamedTuple):
    """Bytes and text messages over a span of time."""

    up: int = 0
    down: int = 0
    sms_to: int = 0
    sms_from: int = 0

    @property
    def total(self) -> int:
        """Bytes both ways."""
        return self.up + self.down

    def times(self, weight: int) -> "Usage":
        """So many times as much."""
        return Usage(self.up * weight, self.down * weight, self.sms_to * weight, self.sms_from * weight)

    def plus(self, other: "Usage") -> "Usage":
        """The sum of two."""
        return Usage(
            self.up + other.up,
            self.down + other.down,
            self.sms_to + other.sms_to,
            self.sms_from + other.sms_from,
        )
