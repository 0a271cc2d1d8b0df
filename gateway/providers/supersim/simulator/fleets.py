"""/v1/Fleets. Six come with the world; the sixth has data disabled."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gateway.providers.supersim.simulator.desk import Desk
from gateway.providers.supersim.simulator.networks import Networks
from gateway.simulation.pattern import NO_DATA_GROUP
from gateway.simulation.twilio_call import Call, Refusal, Reply
from gateway.simulation.twilio_paging import Listing, of_sequence
from gateway.simulation.world import moment

__all__ = ["Fleet", "Fleets"]

_NAMES = ("field-sensors", "vehicles", "retail", "charging", None, "sms-only")
_METHODS = ("GET", "POST")


@dataclass(frozen=True, slots=True)
class Fleet:
    """One fleet. `limit` is MB per SIM and billing period; `profile` a network access profile's number."""

    number: int
    name: str | None
    created: datetime
    updated: datetime
    profile: int
    data: bool = True
    limit: int = 1000
    sms: bool = True
    sms_url: str | None = None
    sms_method: str = "POST"
    ip_url: str | None = None
    ip_method: str = "POST"


class Fleets:
    """The fleets of one account and their handlers."""

    def __init__(self, desk: Desk, networks: Networks) -> None:
        self._desk = desk
        self._networks = networks
        birth = moment(desk.world.birth)
        self._fleets = [
            Fleet(
                number=number,
                name=name,
                created=birth - timedelta(days=720 - number),
                updated=birth - timedelta(days=90 + number),
                profile=number % 3,
                data=number != NO_DATA_GROUP,
                limit=(250, 1000, 5000, 2000, 1000, 1)[number],
                sms=number != 3,
                sms_url="https://hooks.example.com/sms" if number < 2 else None,
            )
            for number, name in enumerate(_NAMES)
        ]

    def get(self, number: int) -> Fleet:
        """By number."""
        return self._fleets[number]

    def find(self, key: str) -> int | None:
        """By SID or unique name."""
        decoded = self._desk.fleets.decode(key)
        if decoded is not None:
            return decoded[0] if decoded[0] < len(self._fleets) else None
        return next((fleet.number for fleet in self._fleets if fleet.name == key), None)

    def listing(self, call: Call) -> Listing:
        """Filter: NetworkAccessProfile."""
        key = call.asked("NetworkAccessProfile")
        profile = None if key is None else self._networks.find_profile(key)
        fleets = [fleet for fleet in self._fleets if key is None or fleet.profile == profile]
        return of_sequence("fleets", [self._shown(call, fleet) for fleet in fleets])

    def fetch(self, call: Call) -> Reply:
        """By SID or unique name."""
        return Reply(self._shown(call, self._asked_for(call)))

    def create(self, call: Call) -> Reply:
        """Defaults are those of the create parameters; the description of the fields disagrees with itself."""
        profile = self._profile(call.needed("NetworkAccessProfile"))
        fleet = Fleet(
            number=len(self._fleets),
            name=self._free_name(call, None),
            created=call.now,
            updated=call.now,
            profile=profile,
            data=call.flag("DataEnabled", True),
            limit=call.whole("DataLimit", 1000, 1, 2_000_000),
            sms=call.flag("SmsCommandsEnabled", True),
        )
        self._fleets.append(self._with_urls(call, fleet))
        return Reply(self._shown(call, self._fleets[-1]), 201)

    def update(self, call: Call) -> Reply:
        """Whether data and messages are enabled cannot be changed."""
        fleet = self._asked_for(call)
        key = call.given("NetworkAccessProfile")
        changed = replace(
            fleet,
            name=self._free_name(call, fleet),
            profile=fleet.profile if not key else self._profile(key),
            limit=call.whole("DataLimit", fleet.limit, 1, 2_000_000),
            updated=call.now,
        )
        self._fleets[fleet.number] = self._with_urls(call, changed)
        return Reply(self._shown(call, self._fleets[fleet.number]))

    def _with_urls(self, call: Call, fleet: Fleet) -> Fleet:
        return replace(
            fleet,
            sms_url=call.url("SmsCommandsUrl", fleet.sms_url),
            sms_method=call.word("SmsCommandsMethod", _METHODS) or fleet.sms_method,
            ip_url=call.url("IpCommandsUrl", fleet.ip_url),
            ip_method=call.word("IpCommandsMethod", _METHODS) or fleet.ip_method,
        )

    def _asked_for(self, call: Call) -> Fleet:
        number = self.find(call.place["Sid"])
        if number is None:
            raise Refusal(404, 20404, f"The requested resource {call.path} was not found")
        return self._fleets[number]

    def _profile(self, key: str) -> int:
        profile = self._networks.find_profile(key)
        if profile is None:
            raise Refusal(400, 20001, f"Invalid NetworkAccessProfile: {key} was not found")
        return profile

    def _free_name(self, call: Call, fleet: Fleet | None) -> str | None:
        """A unique name not in use; the code for a clash has no source and is the SIM's."""
        name = call.given("UniqueName")
        if name is None:
            return fleet.name if fleet else None
        holder = self.find(name)
        if name and holder is not None and (fleet is None or holder != fleet.number):
            raise Refusal(400, 83011, f"The unique name {name} is already taken")
        return name or None

    def _shown(self, call: Call, fleet: Fleet) -> dict[str, object]:
        sid = self._desk.fleets.encode(fleet.number)
        return {
            "account_sid": self._desk.account,
            "sid": sid,
            "unique_name": fleet.name,
            "date_created": self._desk.stamp(fleet.created),
            "date_updated": self._desk.stamp(fleet.updated),
            "url": f"{call.base}/v1/Fleets/{sid}",
            "data_enabled": fleet.data,
            "data_limit": fleet.limit,
            "data_metering": "payg",
            "sms_commands_enabled": fleet.sms,
            "sms_commands_url": fleet.sms_url,
            "sms_commands_method": fleet.sms_method,
            "network_access_profile_sid": self._desk.profiles.encode(fleet.profile),
            "ip_commands_url": fleet.ip_url,
            "ip_commands_method": fleet.ip_method,
        }
