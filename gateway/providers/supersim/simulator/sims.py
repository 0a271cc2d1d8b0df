"""/v1/Sims: list, register, fetch, update, and the two lists below a SIM."""

from datetime import datetime

from gateway.providers.supersim.simulator.desk import Desk
from gateway.providers.supersim.simulator.fleets import Fleets
from gateway.providers.supersim.simulator.periods import periods_of
from gateway.providers.supersim.simulator.registry import Registry, SimView
from gateway.simulation.twilio_call import Call, Refusal, Reply
from gateway.simulation.twilio_paging import Listing, Position, Rows, Snapshot, of_sequence

__all__ = ["Sims", "registration_code"]

_STATUSES = ("new", "ready", "active", "inactive", "scheduled")
_SETTABLE = ("ready", "active", "inactive")


def registration_code(iccid: str) -> str:
    """The ten digits printed on a simulated card: the last ten of its ICCID, reversed."""
    return iccid[:-11:-1]


class Sims:
    """The handlers of one account."""

    def __init__(self, desk: Desk, registry: Registry, fleets: Fleets) -> None:
        self._desk = desk
        self._registry = registry
        self._fleets = fleets

    def listing(self, call: Call) -> Listing:
        """Filters: Status, Fleet, Iccid."""
        status = call.asked_word("Status", _STATUSES)
        iccid, fleet = call.asked("Iccid"), call.asked("Fleet")
        if iccid is not None:
            return self._by_iccid(call, iccid, status, fleet)
        wanted = None if fleet is None else self._fleets.find(fleet)
        if fleet is not None and wanted is None:
            return of_sequence("sims", [])

        def read(position: Position, _: Snapshot) -> Rows:
            for place, index in self._registry.indexes(position[0]):
                if self._matches(index, status, wanted):
                    yield (place + 1,), self._shown(call, self._registry.view(index))

        return Listing("sims", (0,), read)

    def _by_iccid(self, call: Call, iccid: str, status: str | None, fleet: str | None) -> Listing:
        index = self._registry.find_iccid(iccid)
        wanted = None if fleet is None else self._fleets.find(fleet)
        if index is None or (fleet and wanted is None) or not self._matches(index, status, wanted):
            return of_sequence("sims", [])
        return of_sequence("sims", [self._shown(call, self._registry.view(index))])

    def _matches(self, index: int, status: str | None, fleet: int | None) -> bool:
        if fleet is not None and self._registry.fleet(index) != fleet:
            return False
        return status is None or self._registry.status(index) == status

    def register(self, call: Call) -> Reply:
        """Codes 83001 to 83003 as in the digest of KORE's error dictionary (api-evangelist/kore-wireless)."""
        iccid, code = call.needed("Iccid", 83001), call.needed("RegistrationCode", 83001)
        index = self._registry.printed(iccid)
        if index is not None and self._registry.has(index):
            sid = self._desk.sims.encode(index)
            raise Refusal(400, 83003, f"This SIM is already registered to your account as {sid}")
        if index is None or code != registration_code(iccid):
            raise Refusal(400, 83002, "This SIM cannot be registered: check the ICCID and the registration code")
        self._registry.register(index)
        return Reply(self._shown(call, self._registry.view(index)), 201)

    def spare_card(self) -> tuple[str, str]:
        """What is printed on the first card still in the drawer. LookupError when the drawer is empty."""
        index = self._registry.next_in_stock()
        if index is None:
            raise LookupError("no card is left")
        iccid = self._desk.world.identities.iccid(index)
        return iccid, registration_code(iccid)

    def fetch(self, call: Call) -> Reply:
        """By SID or unique name."""
        return Reply(self._shown(call, self._registry.view(self.index_of(call, "Sid"))))

    def update(self, call: Call) -> Reply:
        """Everything is checked before anything is changed."""
        view = self._registry.view(self.index_of(call, "Sid"))
        target = call.word("Status", _SETTABLE)
        call.url("CallbackUrl", None)
        call.word("CallbackMethod", ("GET", "POST"))
        fleet = self._new_fleet(call, view)
        name = self._new_name(call, view)
        self._check_account(call, view)
        if target is not None and target != view.status:
            self._check_transition(view, target, fleet)
        is_slow = fleet is not None and self._desk.switches["fleet_change"] == "202"
        self._registry.change(view.index, name, None if is_slow else fleet)
        if is_slow or (target is not None and target != view.status):
            self._registry.schedule(view.index, target or view.status, fleet)
            return Reply(self._shown(call, self._registry.view(view.index)), 202)
        return Reply(self._shown(call, self._registry.view(view.index)))

    def _new_fleet(self, call: Call, view: SimView) -> int | None:
        key = call.given("Fleet")
        if key is None:
            return None
        if view.status == "scheduled":
            raise Refusal(400, 83009, "The fleet cannot be changed while the SIM is scheduled")
        if key == "":
            raise Refusal(400, 83008, "A SIM cannot leave its fleet without joining another")
        fleet = self._fleets.find(key)
        if fleet is None:
            raise Refusal(400, 83006, f"Fleet {key} was not found")
        return fleet

    def _new_name(self, call: Call, view: SimView) -> str | None:
        name = call.given("UniqueName")
        if name and name != view.name:
            holder = self._registry.find(name)
            if holder is not None and holder != view.index:
                raise Refusal(400, 83011, f"The unique name {name} is already taken")
        return name

    def _check_account(self, call: Call, view: SimView) -> None:
        account = call.given("AccountSid")
        if account is None:
            return
        if view.status != "new" or account != self._desk.account:
            raise Refusal(
                400, 20001, "Invalid AccountSid: only a new SIM can move, to your own account or a subaccount"
            )

    def _check_transition(self, view: SimView, target: str, fleet: int | None) -> None:
        """Which changes are legal: Twilio's page "How to Determine a Super SIM's Status"; two by switch."""
        legal = {
            ("new", "ready"),
            ("new", "active"),
            ("ready", "active"),
            ("inactive", "active"),
            ("active", "inactive"),
        }
        switches = self._desk.switches
        if switches["ready_to_inactive"] == "yes":
            legal.add(("ready", "inactive"))
        if switches["new_to_inactive"] == "yes":
            legal.add(("new", "inactive"))
        if (view.status, target) not in legal:
            raise Refusal(400, 83010, f"A SIM that is {view.status} cannot become {target}")
        if target != "inactive" and fleet is None and view.fleet is None:
            raise Refusal(400, 83007, "A SIM needs a fleet before it can be activated")

    def periods(self, call: Call) -> Listing:
        """Billing periods, newest first."""
        view = self._registry.view(self.index_of(call, "SimSid"))
        rows = [self._period(view, *period) for period in periods_of(view, call.now)]
        return of_sequence("billing_periods", rows)

    def _period(self, view: SimView, number: int, kind: str, start: datetime, end: datetime) -> dict[str, object]:
        stamp = self._desk.stamp
        return {
            "sid": self._desk.periods.encode(view.index, number),
            "account_sid": self._desk.account,
            "sim_sid": view.sid,
            "start_time": stamp(start),
            "end_time": stamp(end),
            "period_type": kind,
            "date_created": stamp(start),
            "date_updated": stamp(start),
        }

    def addresses(self, call: Call) -> Listing:
        """The addresses assigned to the SIM; none if it was never connected."""
        index = self.index_of(call, "SimSid")
        session = self._desk.world.latest_session(index)
        if session is None:
            return of_sequence("ip_addresses", [])
        rows: list[object] = [{"ip_address": session.ip, "ip_address_version": "IPv4"}]
        if index % 4 == 0:
            rows.append({"ip_address": f"2001:db8:{index >> 16:x}:{index & 0xFFFF:x}::1", "ip_address_version": "IPv6"})
        return of_sequence("ip_addresses", rows)

    def index_of(self, call: Call, name: str) -> int:
        """The SIM a path names, or 404."""
        index = self._registry.find(call.place[name])
        if index is None:
            raise Refusal(404, 20404, f"The requested resource {call.path} was not found")
        return index

    def _shown(self, call: Call, view: SimView) -> dict[str, object]:
        url = f"{call.base}/v1/Sims/{view.sid}"
        return {
            "sid": view.sid,
            "unique_name": view.name or self._no_name(view.index),
            "account_sid": self._desk.account,
            "iccid": view.record.iccid,
            "status": view.status,
            "fleet_sid": None if view.fleet is None else self._desk.fleets.encode(view.fleet),
            "date_created": self._desk.stamp(view.created),
            "date_updated": self._desk.stamp(view.updated),
            "url": url,
            "links": {"billing_periods": f"{url}/BillingPeriods", "sim_ip_addresses": f"{url}/IpAddresses"},
        }

    def _no_name(self, index: int) -> str | None:
        """The published examples have both `""` and null."""
        choice = self._desk.switches["absent_name"]
        return "" if choice == "empty" or (choice == "mixed" and index % 2) else None
