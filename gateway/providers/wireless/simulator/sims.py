"""/v1/Sims: list, fetch, update, delete."""

from gateway.providers.wireless.simulator.desk import Desk
from gateway.providers.wireless.simulator.plans import RatePlans
from gateway.providers.wireless.simulator.registry import Registry, SimView
from gateway.simulation.twilio_call import Call, Refusal, Reply
from gateway.simulation.twilio_paging import Listing, Position, Rows, Snapshot, of_sequence

__all__ = ["Sims", "registration_code"]

_STATUSES = ("new", "ready", "active", "suspended", "deactivated", "canceled", "scheduled", "updating")
_SETTABLE = ("ready", "active", "suspended", "deactivated")
_RUNNING = ("scheduled", "updating")
_FINAL = ("canceled", "deleted")
_METHODS = ("GET", "POST")
_URLS = {
    "CommandsCallbackUrl": "commands_callback_url",
    "SmsFallbackUrl": "sms_fallback_url",
    "SmsUrl": "sms_url",
    "VoiceFallbackUrl": "voice_fallback_url",
    "VoiceUrl": "voice_url",
}


def registration_code(iccid: str) -> str:
    """The ten digits printed on a simulated card: the last ten of its ICCID, reversed."""
    return iccid[:-11:-1]


class Sims:
    """The handlers of one account."""

    def __init__(self, desk: Desk, registry: Registry, plans: RatePlans) -> None:
        self._desk = desk
        self._registry = registry
        self._plans = plans

    def listing(self, call: Call) -> Listing:
        """Filters: Status, Iccid, RatePlan, EId, SimRegistrationCode."""
        words = (*_STATUSES, "deleted") if self._desk.kore else _STATUSES
        status = call.asked_word("Status", words, 33101)
        plan_key = call.asked("RatePlan")
        plan = None if plan_key is None else self._plans.find(plan_key)
        eid, code, iccid = call.asked("EId"), call.asked("SimRegistrationCode"), call.asked("Iccid")
        if plan_key is not None and plan is None:
            return of_sequence("sims", [])

        def read(position: Position, _: Snapshot) -> Rows:
            found = None if iccid is None else self._registry.find_iccid(iccid)
            one = [] if found is None or found < position[0] else [found]
            for index in self._registry.indexes(position[0]) if iccid is None else one:
                if plan is not None and self._registry.plan(index) != plan:
                    continue
                if status is not None and self._registry.status(index) != status:
                    continue
                if code is not None and registration_code(self._desk.world.identities.iccid(index)) != code:
                    continue
                if eid is not None and self._eid(index) != eid:
                    continue
                yield (index + 1,), self.shown(call, self._registry.view(index))

        return Listing("sims", (0,), read)

    def fetch(self, call: Call) -> Reply:
        """By SID or unique name."""
        return Reply(self.shown(call, self._registry.view(self.index_of(call, "Sid"))))

    def delete(self, call: Call) -> Reply:
        """Which statuses allow it has no source: a switch."""
        view = self._registry.view(self.index_of(call, "Sid"))
        if view.status not in self._desk.switches["deletable"].split(","):
            raise Refusal(self._desk.conflict, 33105, f"A SIM that is {view.status} cannot be deleted")
        self._registry.delete(view.index)
        return Reply(None, 204)

    def update(self, call: Call) -> Reply:
        """Everything is checked before anything is changed; 200 even when the change is only begun."""
        view = self._registry.view(self.index_of(call, "Sid"))
        target = call.word("Status", _SETTABLE, 33101)
        reset = call.word("ResetStatus", ("resetting",), 33101)
        plan_key = call.given("RatePlan")
        if (target and reset) or (target == "suspended" and plan_key == ""):
            raise Refusal(400, 33121, "These changes cannot be combined")
        if view.status in _RUNNING and (target or reset or plan_key is not None):
            raise Refusal(self._desk.conflict, 33010, "Another change of this SIM is running")
        plan = self._new_plan(plan_key, view)
        name = self._new_name(call, view)
        settings = self._new_settings(call)
        self._check_account(call, view)
        if target is not None and target != view.status:
            self._check_transition(view, target, plan)
        if reset:
            self._check_reset(view)
        self._carry_out(call, view, plan, name, settings)
        if reset:
            self._registry.reset(view.index)
        if target is not None and target != view.status:
            self._registry.schedule(view.index, target)
        return Reply(self.shown(call, self._registry.view(view.index)))

    def _carry_out(
        self, call: Call, view: SimView, plan: int | None, name: str | None, settings: dict[str, str | None]
    ) -> None:
        written = self._registry.write(view.index)
        written.plan = plan
        written.settings.update(settings)
        friendly = call.given("FriendlyName")
        if friendly is not None:
            written.friendly = friendly or None
        if name is not None:
            self._registry.rename(view.index, name)

    def _new_plan(self, key: str | None, view: SimView) -> int | None:
        if key is None:
            return view.plan
        if key == "":
            return None
        plan = self._plans.find(key)
        if plan is None:
            raise Refusal(400, 33108, f"RatePlan {key} was not found")
        return plan

    def _new_name(self, call: Call, view: SimView) -> str | None:
        name = call.given("UniqueName")
        if name and name != view.name:
            holder = self._registry.find(name)
            if holder is not None and holder != view.index:
                raise Refusal(400, 33101, f"The unique name {name} is already taken")
        return name

    def _new_settings(self, call: Call) -> dict[str, str | None]:
        call.url("CallbackUrl", None, 33101)
        call.word("CallbackMethod", _METHODS, 33101)
        found: dict[str, str | None] = {}
        for parameter, name in _URLS.items():
            if call.given(parameter) is not None:
                found[name] = call.url(parameter, None, 33101)
            method = call.word(parameter.replace("Url", "Method"), _METHODS, 33101)
            if method is not None:
                found[name.replace("url", "method")] = method
        return found

    def _check_account(self, call: Call, view: SimView) -> None:
        account = call.given("AccountSid")
        if account is not None and (view.status != "new" or account != self._desk.account):
            raise Refusal(
                400, 33101, "Invalid AccountSid: only a new SIM can move, to your own account or a subaccount"
            )

    def _check_transition(self, view: SimView, target: str, plan: int | None) -> None:
        """Twilio's page "Understanding SIM states"; what it leaves open is by switch."""
        switches = self._desk.switches
        legal = {
            ("new", "ready"),
            ("new", "active"),
            ("ready", "active"),
            ("ready", "suspended"),
            ("active", "suspended"),
            ("suspended", "active"),
        }
        if switches["deactivated_to_active"] == "yes":
            legal.add(("deactivated", "active"))
        if switches["suspended_to_ready"] == "yes":
            legal.add(("suspended", "ready"))
        stoppable = target == "deactivated" and view.status not in _FINAL
        if not stoppable and (view.status, target) not in legal:
            raise Refusal(self._desk.conflict, 33105, f"A SIM that is {view.status} cannot become {target}")
        if target in {"ready", "active"} and plan is None:
            raise Refusal(400, 33104, "A SIM needs a rate plan before it can be activated")

    def _check_reset(self, view: SimView) -> None:
        if view.resetting:
            raise Refusal(self._desk.conflict, 33120, "The connectivity of this SIM is already being reset")
        if view.status != "active":
            raise Refusal(400, 33119, f"The connectivity of a SIM that is {view.status} cannot be reset")

    def index_of(self, call: Call, name: str) -> int:
        """The SIM a path names, or 404."""
        index = self._registry.find(call.place[name])
        if index is None:
            raise Refusal(404, 20404, f"The requested resource {call.path} was not found")
        return index

    def _eid(self, index: int) -> str | None:
        return self._desk.world.identities.eid(index) if index % 5 == 0 else None

    def shown(self, call: Call, view: SimView) -> dict[str, object]:
        """One SIM. The eUICC id is `e_id` at Twilio and `eid` at KORE."""
        url = f"{call.base}/v1/Sims/{view.sid}"
        plan = None if view.plan is None else self._desk.plans.encode(view.plan)
        shown: dict[str, object] = {
            "sid": view.sid,
            "unique_name": view.name,
            "account_sid": self._desk.account,
            "rate_plan_sid": plan,
            "friendly_name": view.friendly,
            "iccid": view.record.iccid,
            "eid" if self._desk.kore else "e_id": self._eid(view.index),
            "status": view.status,
            "reset_status": "resetting" if view.resetting else None,
            "date_created": self._desk.stamp(view.record.created_at),
            "date_updated": self._desk.stamp(view.updated),
            "url": url,
            "links": {
                "data_sessions": f"{url}/DataSessions",
                "rate_plan": f"{call.base}/v1/RatePlans/{plan}" if plan else None,
                "usage_records": f"{url}/UsageRecords",
            },
            "ip_address": f"10.64.{view.index >> 8 & 255}.{view.index & 255}" if view.index % 10 == 7 else None,
        }
        for name in _URLS.values():
            method = name.replace("url", "method")
            shown[name] = view.settings.get(name)
            shown[method] = view.settings.get(method, "POST" if name.startswith("commands") else None)
        return shown
