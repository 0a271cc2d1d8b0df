"""/v1/RatePlans. Four come with the world; only names can be changed."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gateway.providers.wireless.simulator.desk import Desk
from gateway.providers.wireless.simulator.registry import Registry
from gateway.simulation.twilio_call import Call, Refusal, Reply
from gateway.simulation.twilio_paging import Listing, Position, Rows, Snapshot
from gateway.simulation.world import moment

__all__ = ["RatePlan", "RatePlans"]

_METERINGS = ("payg", "quota-1", "quota-10", "quota-50")


@dataclass(frozen=True, slots=True)
class RatePlan:
    """One rate plan; limits are MB per month."""

    number: int
    name: str | None
    friendly: str | None
    created: datetime
    updated: datetime
    data: bool = True
    limit: int = 1000
    metering: str = "payg"
    messaging: bool = True
    voice: bool = False
    national: bool = False
    national_limit: int = 1000
    international: tuple[str, ...] = ()
    international_limit: int = 1000
    strategy: str = "block"


class RatePlans:
    """The rate plans of one account and their handlers."""

    def __init__(self, desk: Desk, registry: Registry) -> None:
        self._desk = desk
        self._registry = registry
        first = moment(desk.world.birth) - timedelta(days=725)
        second = first + timedelta(days=300)
        voice = ("data", "voice", "messaging")
        plans = (
            RatePlan(0, "standard", "Standard", first, second, national=True, international=("data", "messaging")),
            RatePlan(1, "sensors", "Sensors 10 MB", first, first, limit=10, metering="quota-10"),
            RatePlan(2, None, "", first, second, limit=5000, national=True, international=voice, strategy="throttle"),
            RatePlan(3, "quiet", None, second, second, limit=50, metering="quota-50", messaging=False),
        )
        self._plans: dict[int, RatePlan] = {plan.number: plan for plan in plans}
        self._next = len(plans)

    def get(self, number: int) -> RatePlan | None:
        """By number."""
        return self._plans.get(number)

    def find(self, key: str) -> int | None:
        """By SID or unique name."""
        decoded = self._desk.plans.decode(key)
        if decoded is not None:
            return decoded[0] if decoded[0] in self._plans else None
        return next((plan.number for plan in self._plans.values() if plan.name == key), None)

    def listing(self, call: Call) -> Listing:
        """All of them."""

        def read(position: Position, _: Snapshot) -> Rows:
            for number in [number for number in self._plans if number >= position[0]]:
                yield (number + 1,), self._shown(call, self._plans[number])

        return Listing("rate_plans", (0,), read)

    def fetch(self, call: Call) -> Reply:
        """By SID or unique name."""
        return Reply(self._shown(call, self._asked_for(call)))

    def create(self, call: Call) -> Reply:
        """Everything is optional."""
        national = call.flag("NationalRoamingEnabled", False, 33101)
        limit = call.whole("DataLimit", 1000, 0, 2_000_000, 33101)
        plan = RatePlan(
            number=self._next,
            name=self._free_name(call, None),
            friendly=call.given("FriendlyName") or None,
            created=call.now,
            updated=call.now,
            data=call.flag("DataEnabled", True, 33101),
            limit=limit,
            metering=call.word("DataMetering", _METERINGS, 33101) or "payg",
            messaging=call.flag("MessagingEnabled", True, 33101),
            voice=call.flag("VoiceEnabled", False, 33101),
            national=national,
            national_limit=call.whole("NationalRoamingDataLimit", 1000, 0, 2_000_000, 33101),
            international=_services(call),
            international_limit=call.whole("InternationalRoamingDataLimit", 1000, 0, 2_000_000, 33101),
            strategy=call.word("DataLimitStrategy", ("block", "throttle"), 33101) or "block",
        )
        self._next += 1
        self._plans[plan.number] = plan
        return Reply(self._shown(call, plan), int(self._desk.switches["plan_created"]))

    def update(self, call: Call) -> Reply:
        """UniqueName and FriendlyName."""
        plan = self._asked_for(call)
        friendly = call.given("FriendlyName")
        changed = replace(
            plan,
            name=self._free_name(call, plan),
            friendly=plan.friendly if friendly is None else friendly or None,
            updated=call.now,
        )
        self._plans[plan.number] = changed
        return Reply(self._shown(call, changed))

    def delete(self, call: Call) -> Reply:
        """A plan that SIMs have is refused; the code for that has no source."""
        plan = self._asked_for(call)
        if self._registry.plan_in_use(plan.number):
            raise Refusal(self._desk.conflict, 33101, "The rate plan is used by a SIM")
        del self._plans[plan.number]
        return Reply(None, 204)

    def _asked_for(self, call: Call) -> RatePlan:
        number = self.find(call.place["Sid"])
        if number is None:
            raise Refusal(404, 20404, f"The requested resource {call.path} was not found")
        return self._plans[number]

    def _free_name(self, call: Call, plan: RatePlan | None) -> str | None:
        name = call.given("UniqueName")
        if name is None:
            return plan.name if plan else None
        holder = self.find(name)
        if name and holder is not None and (plan is None or holder != plan.number):
            raise Refusal(400, 33101, f"The unique name {name} is already taken")
        return name or None

    def _shown(self, call: Call, plan: RatePlan) -> dict[str, object]:
        """One plan; only KORE echoes the limit strategy and the usage notification."""
        sid = self._desk.plans.encode(plan.number)
        shown: dict[str, object] = {
            "sid": sid,
            "unique_name": plan.name,
            "account_sid": self._desk.account,
            "friendly_name": plan.friendly,
            "data_enabled": plan.data,
            "data_metering": plan.metering,
            "data_limit": plan.limit,
            "messaging_enabled": plan.messaging,
            "voice_enabled": plan.voice,
            "national_roaming_enabled": plan.national,
            "national_roaming_data_limit": plan.national_limit,
            "international_roaming": list(plan.international),
            "international_roaming_data_limit": plan.international_limit,
            "date_created": self._desk.stamp(plan.created),
            "date_updated": self._desk.stamp(plan.updated),
            "url": f"{call.base}/v1/RatePlans/{sid}",
        }
        if self._desk.kore:
            shown["usage_notification_url"] = "https://hooks.example.com/usage"
            shown["usage_notification_method"] = "POST"
            shown["data_limit_strategy"] = plan.strategy
        return shown


def _services(call: Call) -> tuple[str, ...]:
    """A list: the same key repeated. Old plans have `voice` too, which no new one may."""
    services = tuple(value for value in call.form.get("InternationalRoaming", []) if value)
    if any(service not in {"data", "messaging"} for service in services):
        raise Refusal(400, 33101, "Invalid InternationalRoaming: data or messaging is needed")
    return services
