"""The SIMs of the account, and where each one can be seen: in the feed, on the bill, behind a device."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from gateway.providers.wayscloud.simulator.refusal import not_found
from gateway.simulation.records import Event, Session, Usage
from gateway.simulation.world import World

__all__ = ["Sims"]

_PREFIX = "iot_dev_"


class Sims:
    """The world's SIMs as this provider knows them.

    One in twenty (number 4 of each) was never used and is seen on the bill only. With `some_unbilled`, one in ten
    (number 7) has no subscription and is seen in the feed only. Devices are named `iot_dev_...`.
    """

    def __init__(self, world: World, *, some_unbilled: bool = False) -> None:
        self.world = world
        self._some_unbilled = some_unbilled
        self._names: list[tuple[str, str]] | None = None

    def by_iccid(self, iccid: str) -> int:
        """The number of the SIM with this ICCID.

        Raises:
            Refusal: 404 when there is none.
        """
        found = self.world.find_iccid(iccid)
        if found is None:
            raise not_found("SIM not found")
        return found

    def by_device(self, device_id: str) -> int:
        """The number of the SIM in this device.

        Raises:
            Refusal: 404 when there is none.
        """
        found = self.find_device(device_id)
        if found is None:
            raise not_found("Device not found or without a SIM")
        return found

    def find_device(self, device_id: str) -> int | None:
        """The number of the SIM in this device, None when there is none."""
        if not device_id.startswith(_PREFIX):
            return None
        found = self.world.find_device("dev-" + device_id.removeprefix(_PREFIX))
        return None if found is None or self.unused(found) else found

    def unused(self, index: int) -> bool:
        """Whether the SIM was never put to use: no device, no sessions, no events."""
        return index % 20 == 4

    def device_id(self, index: int) -> str | None:
        """The device the SIM is in, None when it is in none."""
        own = self.world.sim(index).device_id
        return None if own is None or self.unused(index) else _PREFIX + own.removeprefix("dev-")

    def numbers(self, index: int) -> tuple[str, str]:
        """ICCID and MSISDN (with a plus sign); kept, because a bill names every SIM."""
        if self._names is None:
            sims = (self.world.sim(each) for each in range(self.world.sims))
            self._names = [(sim.iccid, sim.msisdn) for sim in sims]
        return self._names[index]

    def sessions(self, index: int, since: datetime, until: datetime) -> list[Session]:
        """The sessions that began in the span, newest first."""
        if self.unused(index):
            return []
        found = self.world.sessions(index, since, until)
        return [session for session in found if since <= session.start < until]

    def latest_session(self, index: int) -> Session | None:
        """The open session or the last one."""
        return None if self.unused(index) else self.world.latest_session(index)

    def events(self, index: int, since: datetime, until: datetime) -> Sequence[Event]:
        """What happened in the span, newest first."""
        return () if self.unused(index) else self.world.events(index, since, until)

    def data(self, index: int, since: datetime, until: datetime) -> Usage:
        """Bytes moved in the span."""
        return Usage() if self.unused(index) else self.world.data(index, since, until)

    def this_month(self, index: int, until: datetime) -> int:
        """Bytes moved from the start of the month (UTC) to a moment in it."""
        start = until.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        return self.data(index, start, until).total

    def subscribed(self, index: int, since: datetime, until: datetime) -> bool:
        """Whether a subscription ran at some time in the span: from creation until the SIM was terminated.

        SIMs alike begin with the first of them: within the same hour.
        """
        if self._some_unbilled and index % 10 == 7:
            return False
        pattern = self.world.pattern(index)
        ended = pattern.connected[1] if pattern.connected and pattern.life == "terminated" else None
        return pattern.created < until.timestamp() and (ended is None or ended > since.timestamp())

    def status(self, index: int, *, more: bool) -> str:
        """`active` is the only word a source has; with `more`, two invented ones beside it."""
        life = self.world.pattern(index).life
        if not more or life == "active":
            return "active"
        return "suspended" if life in {"suspended", "deactivated"} else "inactive"

    def linked_at(self, index: int) -> datetime:
        """When the SIM was put into its device: its first use, or a day after it was made."""
        sim = self.world.sim(index)
        return sim.activated_at or sim.created_at + timedelta(days=1)
