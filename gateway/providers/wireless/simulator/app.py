"""The whole simulated Programmable Wireless put together: 16 operations on 9 paths."""

from collections.abc import Callable
from datetime import timedelta

from gateway.providers.wireless.simulator.commands import Commands
from gateway.providers.wireless.simulator.desk import KORE_SWITCHES, TWILIO_SWITCHES, Desk, desk_of
from gateway.providers.wireless.simulator.plans import RatePlans
from gateway.providers.wireless.simulator.registry import Registry
from gateway.providers.wireless.simulator.sessions import DataSessions
from gateway.providers.wireless.simulator.sims import Sims
from gateway.providers.wireless.simulator.usage import UsageRecords
from gateway.simulation.simulator import SimulationOptions, Simulator, chosen
from gateway.simulation.twilio_auth import BasicGuard, Guard, TokenGuard
from gateway.simulation.twilio_call import Call, Reply
from gateway.simulation.twilio_paging import Listing, PagingRules, paged
from gateway.simulation.twilio_rest import KORE, TWILIO, Family, Route, TwilioServer, refusal_body, route

__all__ = ["kore_simulator", "twilio_simulator"]

_PASSWORD = "simulated-auth-token"  # noqa: S105 - opens only a simulator
_CLIENT = "simulated-wireless-client"
_SECRET = "simulated-client-secret"  # noqa: S105 - opens only a simulator
_TOKEN_PATH = "/api-services/v1/auth/token"  # noqa: S105 - a path


def twilio_simulator(options: SimulationOptions) -> Simulator:
    """Programmable Wireless as Twilio serves it: HTTP Basic."""
    desk = desk_of(options, "twilio-wireless", chosen(TWILIO_SWITCHES, options.switches))
    account: dict[str, object] = {
        "provider": "twilio-wireless",
        "account_sid": desk.account,
        "auth_token": _PASSWORD,
    }
    simulator = _simulator(desk, BasicGuard(desk.account, _PASSWORD), TWILIO, account)
    simulator.switches = TWILIO_SWITCHES
    return simulator


def kore_simulator(options: SimulationOptions) -> Simulator:
    """Programmable Wireless as KORE serves it: OAuth, and the differences its OpenAPI file shows."""
    desk = desk_of(options, "kore-wireless", chosen(KORE_SWITCHES, options.switches))
    guard = TokenGuard(_CLIENT, _SECRET, lambda: timedelta(seconds=desk.seconds("token_life")))
    account: dict[str, object] = {
        "provider": "kore-wireless",
        "client_id": _CLIENT,
        "client_secret": _SECRET,
        "token_path": _TOKEN_PATH,
    }
    simulator = _simulator(desk, guard, KORE, account)
    simulator.switches = KORE_SWITCHES
    return simulator


def _simulator(desk: Desk, guard: Guard, family: Family, account: dict[str, object]) -> Simulator:
    registry = Registry(desk)
    plans = RatePlans(desk, registry)
    sims = Sims(desk, registry, plans)
    commands = Commands(desk, registry, plans)
    usage = UsageRecords(desk, sims, commands)
    routes = [
        _listed(desk, "/v1/Sims", sims.listing),
        route("GET", "/v1/Sims/{Sid}", sims.fetch),
        route("POST", "/v1/Sims/{Sid}", sims.update),
        route("DELETE", "/v1/Sims/{Sid}", sims.delete),
        _listed(desk, "/v1/Sims/{SimSid}/DataSessions", DataSessions(desk, sims).listing),
        _listed(desk, "/v1/Sims/{SimSid}/UsageRecords", usage.of_sim),
        _listed(desk, "/v1/UsageRecords", usage.of_account),
        _listed(desk, "/v1/Commands", commands.listing, lambda: commands.written),
        route("POST", "/v1/Commands", commands.send),
        route("GET", "/v1/Commands/{Sid}", commands.fetch),
        route("DELETE", "/v1/Commands/{Sid}", commands.delete),
        _listed(desk, "/v1/RatePlans", plans.listing),
        route("POST", "/v1/RatePlans", plans.create),
        route("GET", "/v1/RatePlans/{Sid}", plans.fetch),
        route("POST", "/v1/RatePlans/{Sid}", plans.update),
        route("DELETE", "/v1/RatePlans/{Sid}", plans.delete),
    ]
    server = TwilioServer(
        routes=routes, guard=guard, family=family, switches=desk.switches, now=desk.world.now, before=registry.settle
    )
    return Simulator(
        app=server,
        account=account,
        refusal=lambda status: refusal_body(family, desk.switches["errors"], status),
    )


def _listed(desk: Desk, path: str, read: Callable[[Call], Listing], written: Callable[[], int] = lambda: 0) -> Route:
    rules = PagingRules(33103, desk.switches["page_trap"], desk.switches["meta_page"] == "yes")

    def handler(call: Call) -> Reply:
        return paged(call, read(call), written(), rules)

    return route("GET", path, handler)
