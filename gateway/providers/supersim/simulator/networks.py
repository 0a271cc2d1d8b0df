"""/v1/Networks, and /v1/NetworkAccessProfiles with the networks in each."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.providers.supersim.simulator.desk import Desk
from gateway.simulation.operators import OPERATORS, Operator
from gateway.simulation.twilio_call import Call, Refusal, Reply
from gateway.simulation.twilio_paging import Listing, of_sequence
from gateway.simulation.world import moment

__all__ = ["Networks"]

_AMERICA = {"US", "CA", "MX"}
_ELSEWHERE = {"US", "CA", "MX", "BR", "JP", "AU", "SG", "ZA"}
_MORE_CODES = {("310", "260"): ("310", "160")}
"""A network may have several codes: T-Mobile USA also broadcasts 310-160."""


@dataclass(slots=True)
class _Profile:
    """A network access profile: the numbers of the networks it allows, in the order they were added."""

    name: str | None
    created: datetime
    updated: datetime
    networks: list[int]


class Networks:
    """Networks never change; profiles do."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        birth = moment(desk.world.birth)
        everywhere = list(range(len(OPERATORS)))
        europe = [n for n in everywhere if OPERATORS[n].country not in _ELSEWHERE]
        america = [n for n in everywhere if OPERATORS[n].country in _AMERICA]
        named = (("worldwide", everywhere), ("europe", europe), ("north-america", america))
        self._profiles = [
            _Profile(name, birth - timedelta(days=730 - place), birth - timedelta(days=200 + place), list(networks))
            for place, (name, networks) in enumerate(named)
        ]

    # Networks

    def listing(self, call: Call) -> Listing:
        """Filters: IsoCountry, Mcc, Mnc."""
        country = (call.asked("IsoCountry") or "").upper()
        codes = call.asked("Mcc"), call.asked("Mnc")
        rows: list[object] = []
        for number, operator in enumerate(OPERATORS):
            fits = any(
                (not codes[0] or code["mcc"] == codes[0]) and (not codes[1] or code["mnc"] == codes[1])
                for code in _identifiers(operator)
            )
            if fits and (not country or operator.country == country):
                rows.append(self._network(call, number))
        return of_sequence("networks", rows)

    def fetch(self, call: Call) -> Reply:
        """By SID."""
        number = self.find(call.place["Sid"])
        if number is None:
            raise _absent(call)
        return Reply(self._network(call, number))

    def find(self, sid: str) -> int | None:
        """The number of a network."""
        decoded = self._desk.networks.decode(sid)
        return decoded[0] if decoded and decoded[0] < len(OPERATORS) else None

    def sid_of(self, operator: Operator) -> str:
        """The SID of a network."""
        return self._desk.networks.encode(OPERATORS.index(operator))

    def _network(self, call: Call, number: int) -> dict[str, object]:
        operator = OPERATORS[number]
        sid = self._desk.networks.encode(number)
        return {
            "sid": sid,
            "friendly_name": operator.name,
            "url": f"{call.base}/v1/Networks/{sid}",
            "iso_country": operator.country,
            "identifiers": _identifiers(operator),
        }

    # Profiles

    def profiles(self, call: Call) -> Listing:
        """All of them."""
        rows: list[object] = [self._profile(call, number) for number in range(len(self._profiles))]
        return of_sequence("network_access_profiles", rows)

    def find_profile(self, key: str) -> int | None:
        """By SID or unique name."""
        decoded = self._desk.profiles.decode(key)
        if decoded is not None:
            return decoded[0] if decoded[0] < len(self._profiles) else None
        return next((n for n, profile in enumerate(self._profiles) if profile.name == key), None)

    def fetch_profile(self, call: Call) -> Reply:
        """By SID or unique name."""
        return Reply(self._profile(call, self._asked_for(call, "Sid")))

    def create_profile(self, call: Call) -> Reply:
        """Networks is a list: the same key repeated."""
        numbers = [self._known(sid) for sid in call.form.get("Networks", []) if sid]
        name = self._free_name(call, None)
        self._profiles.append(_Profile(name, call.now, call.now, list(dict.fromkeys(numbers))))
        return Reply(self._profile(call, len(self._profiles) - 1), 201)

    def update_profile(self, call: Call) -> Reply:
        """Only the name can change."""
        number = self._asked_for(call, "Sid")
        profile = self._profiles[number]
        profile.name = self._free_name(call, number)
        profile.updated = call.now
        return Reply(self._profile(call, number))

    def profile_networks(self, call: Call) -> Listing:
        """The networks a profile allows."""
        number = self._asked_for(call, "NetworkAccessProfileSid")
        rows: list[object] = [self._member(call, number, network) for network in self._profiles[number].networks]
        return of_sequence("networks", rows)

    def fetch_member(self, call: Call) -> Reply:
        """One network of a profile."""
        return Reply(self._member(call, *self._asked_member(call)))

    def add_member(self, call: Call) -> Reply:
        """Adding one twice changes nothing; what the provider does then has no source."""
        number = self._asked_for(call, "NetworkAccessProfileSid")
        network = self._known(call.needed("Network"))
        if network not in self._profiles[number].networks:
            self._profiles[number].networks.append(network)
            self._profiles[number].updated = call.now
        return Reply(self._member(call, number, network), 201)

    def remove_member(self, call: Call) -> Reply:
        """204 without a body."""
        number, network = self._asked_member(call)
        self._profiles[number].networks.remove(network)
        self._profiles[number].updated = call.now
        return Reply(None, 204)

    def _known(self, sid: str) -> int:
        number = self.find(sid)
        if number is None:
            raise Refusal(400, 20001, f"Invalid Network: {sid} was not found")
        return number

    def _asked_for(self, call: Call, name: str) -> int:
        number = self.find_profile(call.place[name])
        if number is None:
            raise _absent(call)
        return number

    def _asked_member(self, call: Call) -> tuple[int, int]:
        number = self._asked_for(call, "NetworkAccessProfileSid")
        network = self.find(call.place["Sid"])
        if network is None or network not in self._profiles[number].networks:
            raise _absent(call)
        return number, network

    def _free_name(self, call: Call, number: int | None) -> str | None:
        name = call.given("UniqueName")
        if name is None:
            return None if number is None else self._profiles[number].name
        holder = self.find_profile(name)
        if name and holder is not None and holder != number:
            raise Refusal(400, 83011, f"The unique name {name} is already taken")
        return name or None

    def _profile(self, call: Call, number: int) -> dict[str, object]:
        profile = self._profiles[number]
        sid = self._desk.profiles.encode(number)
        url = f"{call.base}/v1/NetworkAccessProfiles/{sid}"
        return {
            "sid": sid,
            "unique_name": profile.name,
            "account_sid": self._desk.account,
            "date_created": self._desk.stamp(profile.created),
            "date_updated": self._desk.stamp(profile.updated),
            "url": url,
            "links": {"networks": f"{url}/Networks"},
        }

    def _member(self, call: Call, number: int, network: int) -> dict[str, object]:
        """The country is lower case here and upper case in /v1/Networks, as in the published examples."""
        operator = OPERATORS[network]
        profile = self._desk.profiles.encode(number)
        sid = self._desk.networks.encode(network)
        return {
            "sid": sid,
            "network_access_profile_sid": profile,
            "friendly_name": operator.name,
            "iso_country": operator.country.lower(),
            "identifiers": _identifiers(operator),
            "url": f"{call.base}/v1/NetworkAccessProfiles/{profile}/Networks/{sid}",
        }


def _identifiers(operator: Operator) -> list[dict[str, str]]:
    codes = [(operator.mcc, operator.mnc)]
    if more := _MORE_CODES.get(codes[0]):
        codes.append(more)
    return [{"mcc": mcc, "mnc": mnc} for mcc, mnc in codes]


def _absent(call: Call) -> Refusal:
    return Refusal(404, 20404, f"The requested resource {call.path} was not found")
