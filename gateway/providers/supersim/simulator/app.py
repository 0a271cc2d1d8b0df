"""The whole simulated Super SIM put together: 31 operations on 20 paths."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.providers.supersim.simulator.desk import SWITCHES, Desk, desk_of
from gateway.providers.supersim.simulator.esims import EsimProfiles
from gateway.providers.supersim.simulator.fleets import Fleets
from gateway.providers.supersim.simulator.ip import IpCommands
from gateway.providers.supersim.simulator.networks import Networks
from gateway.providers.supersim.simulator.registry import Registry
from gateway.providers.supersim.simulator.sims import Sims
from gateway.providers.supersim.simulator.sms import SmsCommands
from gateway.providers.supersim.simulator.updates import SettingsUpdates
from gateway.providers.supersim.simulator.usage import UsageRecords
from gateway.simulation.simulator import SimulationOptions, Simulator, chosen
from gateway.simulation.twilio_auth import BasicGuard, Guard, TokenGuard
from gateway.simulation.twilio_call import Call, Reply
from gateway.simulation.twilio_paging import Listing, PagingRules, paged
from gateway.simulation.twilio_rest import KORE, TWILIO, Family, Route, TwilioServer, refusal_body, route

__all__ = ["kore_simulator", "twilio_simulator"]

_PASSWORD = "simulated-auth-token"  # noqa: S105 - opens only a simulator
_CLIENT = "simulated-supersim-client"
_SECRET = "simulated-client-secret"  # noqa: S105 - opens only a simulator
_TOKEN_PATH = "/api-services/v1/auth/token"  # noqa: S105 - a path


def twilio_simulator(options: SimulationOptions) -> Simulator:
    """Super SIM as Twilio serves it: HTTP Basic."""
    switches = chosen(SWITCHES, options.switches)
    desk = desk_of(options, "twilio-supersim", switches)
    guard = BasicGuard(desk.account, _PASSWORD)
    account: dict[str, object] = {"provider": "twilio-supersim", "account_sid": desk.account, "auth_token": _PASSWORD}
    return _simulator(desk, guard, TWILIO, account)


def kore_simulator(options: SimulationOptions) -> Simulator:
    """Super SIM as KORE serves it: OAuth client credentials, otherwise the same."""
    switches = chosen(SWITCHES, options.switches)
    desk = desk_of(options, "kore-supersim", switches)
    guard = TokenGuard(_CLIENT, _SECRET, lambda: timedelta(seconds=desk.seconds("token_life")))
    account: dict[str, object] = {
        "provider": "kore-supersim",
        "client_id": _CLIENT,
        "client_secret": _SECRET,
        "token_path": _TOKEN_PATH,
    }
    return _simulator(desk, guard, KORE, account)


@dataclass(frozen=True, slots=True)
class _Parts:
    registry: Registry
    networks: Networks
    fleets: Fleets
    sims: Sims
    sms: SmsCommands
    ip: IpCommands
    usage: UsageRecords
    esims: EsimProfiles
    updates: SettingsUpdates


def _simulator(desk: Desk, guard: Guard, family: Family, account: dict[str, object]) -> Simulator:
    registry, networks = Registry(desk), Networks(desk)
    fleets = Fleets(desk, networks)
    parts = _Parts(
        registry=registry,
        networks=networks,
        fleets=fleets,
        sims=Sims(desk, registry, fleets),
        sms=SmsCommands(desk, registry, fleets),
        ip=IpCommands(desk, registry, fleets),
        usage=UsageRecords(desk, registry, fleets, networks),
        esims=EsimProfiles(desk, registry),
        updates=SettingsUpdates(desk, registry),
    )

    def settle(now: datetime) -> None:
        registry.settle(now)
        parts.esims.settle(now)

    server = TwilioServer(
        routes=_routes(desk, parts),
        guard=guard,
        family=family,
        switches=desk.switches,
        now=desk.world.now,
        before=settle,
    )
    return Simulator(
        app=server,
        account=account,
        switches=SWITCHES,
        refusal=lambda status: refusal_body(family, desk.switches["errors"], status),
        spare_card=parts.sims.spare_card,
    )


def _routes(desk: Desk, parts: _Parts) -> list[Route]:
    rules = PagingRules(20001, desk.switches["page_trap"])

    def listed(path: str, read: Callable[[Call], Listing], written: Callable[[], int] = lambda: 0) -> Route:
        def handler(call: Call) -> Reply:
            return paged(call, read(call), written(), rules)

        return route("GET", path, handler)

    profile, member = "/v1/NetworkAccessProfiles/{Sid}", "/v1/NetworkAccessProfiles/{NetworkAccessProfileSid}/Networks"
    return [
        listed("/v1/Sims", parts.sims.listing),
        route("POST", "/v1/Sims", parts.sims.register),
        route("GET", "/v1/Sims/{Sid}", parts.sims.fetch),
        route("POST", "/v1/Sims/{Sid}", parts.sims.update),
        listed("/v1/Sims/{SimSid}/BillingPeriods", parts.sims.periods),
        listed("/v1/Sims/{SimSid}/IpAddresses", parts.sims.addresses),
        listed("/v1/Fleets", parts.fleets.listing),
        route("POST", "/v1/Fleets", parts.fleets.create),
        route("GET", "/v1/Fleets/{Sid}", parts.fleets.fetch),
        route("POST", "/v1/Fleets/{Sid}", parts.fleets.update),
        listed("/v1/SmsCommands", parts.sms.listing, lambda: parts.sms.written),
        route("POST", "/v1/SmsCommands", parts.sms.send),
        route("GET", "/v1/SmsCommands/{Sid}", parts.sms.fetch),
        listed("/v1/IpCommands", parts.ip.listing, lambda: parts.ip.written),
        route("POST", "/v1/IpCommands", parts.ip.send),
        route("GET", "/v1/IpCommands/{Sid}", parts.ip.fetch),
        listed("/v1/UsageRecords", parts.usage.listing),
        listed("/v1/ESimProfiles", parts.esims.listing, lambda: parts.esims.written),
        route("POST", "/v1/ESimProfiles", parts.esims.create),
        route("GET", "/v1/ESimProfiles/{Sid}", parts.esims.fetch),
        listed("/v1/Networks", parts.networks.listing),
        route("GET", "/v1/Networks/{Sid}", parts.networks.fetch),
        listed("/v1/NetworkAccessProfiles", parts.networks.profiles),
        route("POST", "/v1/NetworkAccessProfiles", parts.networks.create_profile),
        route("GET", profile, parts.networks.fetch_profile),
        route("POST", profile, parts.networks.update_profile),
        listed(member, parts.networks.profile_networks),
        route("POST", member, parts.networks.add_member),
        route("GET", f"{member}/{{Sid}}", parts.networks.fetch_member),
        route("DELETE", f"{member}/{{Sid}}", parts.networks.remove_member),
        listed("/v1/SettingsUpdates", parts.updates.listing),
    ]
