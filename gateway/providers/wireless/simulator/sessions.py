"""/v1/Sims/{SimSid}/DataSessions: the sessions of the last 30 days, newest first."""

from datetime import timedelta

from gateway.providers.wireless.simulator.desk import Desk
from gateway.providers.wireless.simulator.sims import Sims
from gateway.simulation.records import Session
from gateway.simulation.twilio_call import Call
from gateway.simulation.twilio_paging import Listing, Position, Rows, Snapshot
from gateway.simulation.world import moment

__all__ = ["ALPHA_3", "DataSessions"]

_KEPT = timedelta(days=30)

ALPHA_3 = {
    "US": "USA", "CA": "CAN", "MX": "MEX", "BR": "BRA", "GB": "GBR", "DE": "DEU", "FR": "FRA", "IT": "ITA",
    "ES": "ESP", "NL": "NLD", "NO": "NOR", "SE": "SWE", "DK": "DNK", "CH": "CHE", "AT": "AUT", "PL": "POL",
    "JP": "JPN", "AU": "AUS", "SG": "SGP", "ZA": "ZAF",
}  # fmt: skip
"""ISO 3166-1 alpha-3 by alpha-2, for the countries of the simulated operators."""


class DataSessions:
    """The one handler."""

    def __init__(self, desk: Desk, sims: Sims) -> None:
        self._desk = desk
        self._sims = sims

    def listing(self, call: Call) -> Listing:
        """No filter. The pages of one list share the time of the first."""
        index = self._sims.index_of(call, "SimSid")

        def read(position: Position, snapshot: Snapshot) -> Rows:
            at = moment(snapshot.at)
            found = self._desk.world.sessions(index, at - _KEPT, at + timedelta(seconds=1))
            for place in range(position[0], len(found)):
                yield (place + 1,), self._shown(index, found[place])

        return Listing("data_sessions", (0,), read)

    def _shown(self, index: int, session: Session) -> dict[str, object]:
        """One session; one in ten each lacks its operator, its location, or has it at 0/0."""
        operator = session.operator
        gap = (session.number // 64 + index) % 10 if self._desk.switches["locations"] == "mixed" else 9
        location: dict[str, float] = {"lat": session.lat, "lon": session.lon}
        if gap < 2:
            location = {} if gap == 0 else {"lat": 0, "lon": 0}
        shown: dict[str, object] = {
            "sid": self._desk.sessions.encode(index, session.number),
            "sim_sid": self._desk.sims.encode(index),
            "account_sid": self._desk.account,
            "radio_link": session.rat,
            "operator_mcc": operator.mcc,
            "operator_mnc": operator.mnc,
            "operator_country": ALPHA_3[operator.country],
            "operator_name": "" if gap == 2 else operator.name,
            "cell_id": "" if gap in {0, 2} else session.cell_id,
            "cell_location_estimate": location,
            "packets_uploaded": session.packets_up,
            "packets_downloaded": session.packets_down,
            "last_updated": self._desk.stamp(session.updated),
            "start": self._desk.stamp(session.start),
            "end": None if session.end is None else self._desk.stamp(session.end),
            "imei": session.imei,
        }
        return self._with_packets(shown, gap)

    def _with_packets(self, shown: dict[str, object], gap: int) -> dict[str, object]:
        """At KORE the counters may be null, or absent as in the documented sample."""
        choice = self._desk.switches.get("packets", "present")
        if choice == "mixed" and gap == 3:
            return {**shown, "packets_uploaded": None, "packets_downloaded": None}
        if choice == "absent":
            return {name: value for name, value in shown.items() if not name.startswith("packets")}
        return shown
