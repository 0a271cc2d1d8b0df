"""The simulated Control Center: its routes, and what every call passes before it is answered."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
from collections.abc import Callable, Mapping
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from gateway.providers.cisco_control_center.simulator.behaviour import Behaviour
from gateway.providers.cisco_control_center.simulator.details import details, partly
from gateway.providers.cisco_control_center.simulator.edit import edit
from gateway.providers.cisco_control_center.simulator.fleet import USER, Fleet
from gateway.providers.cisco_control_center.simulator.history import audit_trails, location_history
from gateway.providers.cisco_control_center.simulator.messages import Messages
from gateway.providers.cisco_control_center.simulator.plan_usage import plan_usage
from gateway.providers.cisco_control_center.simulator.refusal import Refusal
from gateway.providers.cisco_control_center.simulator.reports import account_usage
from gateway.providers.cisco_control_center.simulator.search import search
from gateway.providers.cisco_control_center.simulator.session import session_details, session_info
from gateway.providers.cisco_control_center.simulator.throttle import Throttle
from gateway.providers.cisco_control_center.simulator.usage import cycle_to_date, in_zones, metrics

__all__ = ["API_KEY", "ControlCenter"]

API_KEY: Final = "demo-control-center-key"
_BULK_MOST: Final = 50

Answer = Mapping[str, object] | JSONResponse
DeviceCall = Callable[[int, Request, object], Answer]
AccountCall = Callable[[Request], Answer]


class ControlCenter:
    """One account over one fleet, as an ASGI app under `/rws/api/v1`."""

    def __init__(self, fleet: Fleet, behaviour: Behaviour) -> None:
        self._fleet = fleet
        self._behaviour = behaviour
        self._messages = Messages(
            fleet, limit=behaviour.sms_limit, delay=behaviour.sms_seconds, by_change=behaviour.sms_by_change
        )
        self._throttle = Throttle(
            fleet.world.now,
            rate=behaviour.rate,
            serial=behaviour.serial,
            status=behaviour.throttle_status,
        )
        self.app = Starlette(routes=self._routes())

    def _routes(self) -> list[Route]:
        """Paths that a switch hides fall through to the last route, which knows nothing."""
        device: dict[str, tuple[str, DeviceCall]] = {
            "": ("GET", self._details),
            "/sessionInfo": ("GET", self._session_info),
            "/ctdUsages": ("GET", lambda index, _request, _body: cycle_to_date(self._fleet, index)),
            "/usageInZone": ("GET", self._in_zones),
            "/auditTrails": ("GET", lambda index, request, _: audit_trails(self._fleet, index, _q(request))),
            "/locationHistory": (
                "GET",
                lambda index, request, _: location_history(self._fleet, index, _q(request)),
            ),
            "/smsMessages": ("POST", self._send),
        }
        if self._behaviour.session_details:
            device["/sessionDetails"] = ("GET", self._session_details)
        if self._behaviour.device_usage:
            device["/usage"] = ("GET", lambda index, request, _: metrics(self._fleet, index, _q(request)))
        account: dict[str, AccountCall] = {
            "/devices": lambda request: search(self._fleet, _q(request), total_count=self._behaviour.total_count),
            "/usages": lambda request: plan_usage(self._fleet, _q(request)),
            "/smsMessages": lambda request: self._messages.search(_q(request)),
            "/smsMessages/{id}": lambda request: self._messages.read(request.path_params["id"], _q(request)),
            "/echo/{param}": lambda request: {"context": request.path_params["param"]},
            "/dynareport/acct/usage": lambda request: account_usage(self._fleet, _q(request)),
        }
        if self._behaviour.bulk:
            account["/bulk/devices/{iccids}"] = self._bulk
        return [
            *(self._account_route(path, call) for path, call in account.items()),
            *(self._device_route(path, method, call) for path, (method, call) in device.items()),
            self._device_route("", "PUT", self._edit),
            Route("/{rest:path}", self._unknown, methods=["GET", "PUT", "POST", "DELETE", "PATCH"]),
        ]

    def _account_route(self, path: str, call: AccountCall) -> Route:
        async def endpoint(request: Request) -> JSONResponse:
            return await self._answer(request, lambda _body: call(request))

        return Route(f"/rws/api/{{version}}{path}", endpoint, methods=["GET"])

    def _device_route(self, path: str, method: str, call: DeviceCall) -> Route:
        async def endpoint(request: Request) -> JSONResponse:
            def with_device(body: object) -> Answer:
                return call(self._fleet.index(request.path_params["iccid"]), request, body)

            return await self._answer(request, with_device)

        return Route(f"/rws/api/{{version}}/devices/{{iccid}}{path}", endpoint, methods=[method])

    async def _unknown(self, request: Request) -> JSONResponse:
        def nothing(_body: object) -> Answer:
            raise Refusal("20000001", message="Resource not found.")

        return await self._answer(request, nothing)

    async def _answer(self, request: Request, call: Callable[[object], Answer]) -> JSONResponse:
        """Credentials, version, throttle, then the call; the account is busy until its answer is made."""
        try:
            self._check(request)
            with self._throttle.call():
                body = await _json(request)
                # Also with no time to pass, whoever calls at the same moment must find the account busy.
                await asyncio.sleep(self._behaviour.busy)
                self._fleet.settle()
                answer = call(body)
        except Refusal as refusal:
            return refusal.response()
        return answer if isinstance(answer, JSONResponse) else JSONResponse(answer)

    def _check(self, request: Request) -> None:
        if not self._behaviour.ip_allowed or _credentials(request) != f"{USER}:{API_KEY}":
            raise Refusal("10000001")
        if request.path_params.get("version", "v1") != "v1":
            raise Refusal("10000024")

    def _details(self, index: int, request: Request, _body: object) -> Answer:
        whole = details(self._fleet, index, eid_key=self._behaviour.eid_key)
        if self._behaviour.fields and "fields" in request.query_params:
            return partly(whole, request.query_params["fields"].split(","))
        return whole

    def _edit(self, index: int, _request: Request, body: object) -> Answer:
        return edit(self._fleet, index, body, delay=self._behaviour.edit_seconds)

    def _session_info(self, index: int, _request: Request, _body: object) -> dict[str, object]:
        null_ip, apn = self._behaviour.null_ip, self._behaviour.apn
        return session_info(self._fleet, index, null_ip=null_ip, apn=apn)

    def _session_details(self, index: int, request: Request, body: object) -> Answer:
        return session_details(self._session_info(index, request, body))

    def _in_zones(self, index: int, request: Request, _body: object) -> Answer:
        key_case, iso_dates = self._behaviour.sms_key_case, self._behaviour.iso_zone_dates
        return in_zones(self._fleet, index, _q(request), key_case=key_case, iso_dates=iso_dates)

    def _send(self, index: int, _request: Request, body: object) -> Answer:
        return {self._behaviour.sms_id_key: self._messages.send(index, body)}

    def _bulk(self, request: Request) -> Answer:
        """At most fifty ICCIDs, unknown ones left out (one community client; unverified)."""
        iccids = request.path_params["iccids"].split(",")
        if len(iccids) > _BULK_MOST:
            raise Refusal("10000902", message="At most 50 ICCIDs.")
        found = [self._fleet.world.find_iccid(iccid) for iccid in iccids]
        eid_key = self._behaviour.eid_key
        return {"devices": [details(self._fleet, i, eid_key=eid_key) for i in found if i is not None]}


def _q(request: Request) -> Mapping[str, str]:
    """The query, with `+` read as a blank, as servers do."""
    return request.query_params


async def _json(request: Request) -> object:
    """The request's body, None when there is none or it is not JSON."""
    body = await request.body()
    try:
        return json.loads(body) if body else None
    except ValueError:
        return None


def _credentials(request: Request) -> str:
    """`user:key` out of a Basic header, empty for anything else."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
