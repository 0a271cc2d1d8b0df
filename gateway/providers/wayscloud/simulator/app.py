"""The simulated GlobalSIM API: its routes, and what every request passes before it is answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from gateway.providers.wayscloud.simulator.activity import Activity
from gateway.providers.wayscloud.simulator.asked import Page, event_type_asked, page_asked, span_asked
from gateway.providers.wayscloud.simulator.behaviour import Behaviour
from gateway.providers.wayscloud.simulator.billing import bill
from gateway.providers.wayscloud.simulator.feed import Feed
from gateway.providers.wayscloud.simulator.limit import MinuteLimit
from gateway.providers.wayscloud.simulator.networks import network_type, thin
from gateway.providers.wayscloud.simulator.refusal import Refusal, bad_key, not_found
from gateway.providers.wayscloud.simulator.sessions import Sessions, stamp
from gateway.providers.wayscloud.simulator.sims import Sims

__all__ = ["API_KEY", "GlobalSim"]

API_KEY: Final = "wayscloud_globalsim_demo_key"
_OTHER_SERVICES: Final = ("wayscloud_storage_", "wayscloud_llm_", "wayscloud_dns_", "wayscloud_sms_")
_ROOT: Final = "/v1/globalsim"

Call = Callable[[Request], Mapping[str, object]]


class GlobalSim:
    """One account's SIMs, as an ASGI app under `/v1/globalsim`."""

    def __init__(self, sims: Sims, behaviour: Behaviour) -> None:
        self._sims = sims
        self._behaviour = behaviour
        self._sessions = Sessions(sims, behaviour)
        self._activity = Activity(sims, behaviour)
        self._feed = Feed(sims, self._activity, behaviour)
        self._limit = MinuteLimit(sims.world.now, behaviour.rate, retry_after=behaviour.retry_after)
        self.app = Starlette(routes=self._routes())

    def _routes(self) -> list[Route]:
        """Fixed paths come before those with an ICCID, else `activity` would be taken for one."""
        calls: dict[str, Call] = {
            "/sims/activity": self._all_activity,
            "/sims/billing": self._billing,
            "/sims/{iccid}/sessions": lambda request: self._sim_sessions(self._by_iccid(request), request),
            "/sims/{iccid}/activity": lambda request: self._sim_activity(self._by_iccid(request), request),
            "/devices/{device}/sim": self._device_sim,
            "/devices/{device}/sim/sessions": lambda request: self._sim_sessions(self._by_device(request), request),
            "/devices/{device}/sim/activity": lambda request: self._sim_activity(self._by_device(request), request),
        }
        if self._behaviour.sim_list:
            calls["/sims"] = self._list
        routes = [self._route(_ROOT + path, call) for path, call in calls.items()]
        return [*routes, self._route("/{rest:path}", self._unknown, "GET", "POST", "PUT", "PATCH", "DELETE")]

    def _route(self, path: str, call: Call, *methods: str) -> Route:
        async def endpoint(request: Request) -> JSONResponse:
            try:
                _check_key(request.headers)
                self._limit.take()
                return JSONResponse(call(request))
            except Refusal as refusal:
                return refusal.response(self._behaviour.errors)

        return Route(path, endpoint, methods=methods or ("GET",))

    def _unknown(self, _request: Request) -> Mapping[str, object]:
        raise not_found("Not found")

    def _by_iccid(self, request: Request) -> int:
        return self._sims.by_iccid(request.path_params["iccid"])

    def _by_device(self, request: Request) -> int:
        return self._sims.by_device(request.path_params["device"])

    def _page(self, request: Request) -> Page:
        return page_asked(request.query_params, status=self._behaviour.invalid_status)

    def _sim_sessions(self, index: int, request: Request) -> Mapping[str, object]:
        span = span_asked(
            request.query_params,
            inclusive=self._behaviour.inclusive_end,
            status=self._behaviour.invalid_status,
        )
        return self._sessions.page(index, span, self._page(request))

    def _sim_activity(self, index: int, request: Request) -> Mapping[str, object]:
        word = event_type_asked(request.query_params, status=self._behaviour.invalid_status)
        return self._activity.page(index, word, self._page(request))

    def _all_activity(self, request: Request) -> Mapping[str, object]:
        query, status = request.query_params, self._behaviour.invalid_status
        word = event_type_asked(query, status=status)
        span = span_asked(query, inclusive=self._behaviour.inclusive_end, status=status)
        page = self._page(request)
        wanted = self._filtered(query)
        if len(wanted) > 1 or None in wanted:
            return {"activity": [], "total": 0, "limit": page.limit, "offset": page.offset}
        return self._feed.page(word, span, page, next(iter(wanted), None))

    def _filtered(self, query: Mapping[str, str]) -> set[int | None]:
        """The SIMs that `iccid` and `device_id` name, None for one that is unknown: both must name the same."""
        wanted: set[int | None] = set()
        if "iccid" in query:
            wanted.add(self._sims.world.find_iccid(query["iccid"]))
        if "device_id" in query:
            wanted.add(self._sims.find_device(query["device_id"]))
        return wanted

    def _billing(self, request: Request) -> Mapping[str, object]:
        query = request.query_params
        span = span_asked(query, inclusive=self._behaviour.inclusive_end, status=self._behaviour.invalid_status)
        asked = (query.get("start_date"), query.get("end_date"))
        return bill(self._sims, self._behaviour, span, asked, query.get("iccid"))

    def _device_sim(self, request: Request) -> Mapping[str, object]:
        index = self._by_device(request)
        return {
            "device_id": self._sims.device_id(index),
            "device_name": self._sims.world.sim(index).device_name,
            "sim": self._sim_of_device(index),
        }

    def _sim_of_device(self, index: int) -> dict[str, object]:
        """The month's usage, since no period is stated; `current_network` null where there is no open session."""
        iccid, msisdn = self._sims.numbers(index)
        session = self._sims.latest_session(index)
        here = session is not None and session.end is None
        now = self._sims.world.now()
        return {
            "iccid": iccid,
            "status": self._sims.status(index, more=self._behaviour.more_statuses),
            "msisdn": msisdn,
            "current_network": {**thin(session.operator), "network_type": network_type(session.rat)}
            if session is not None and here
            else None,
            "data_usage_mb": self._behaviour.megabytes(self._sims.this_month(index, now)),
            "linked_at": stamp(self._sims.linked_at(index)),
        }

    def _list(self, request: Request) -> Mapping[str, object]:
        """`GET /sims`: invented. No public source has a list of SIMs; this one follows the other pages' habits."""
        page = self._page(request)
        everyone = range(self._sims.world.sims)
        shown = everyone[page.offset : page.offset + page.limit]
        return {
            "sims": [self._listed(index) for index in shown],
            "total": len(everyone),
            "limit": page.limit,
            "offset": page.offset,
        }

    def _listed(self, index: int) -> dict[str, object]:
        iccid, msisdn = self._sims.numbers(index)
        status = self._sims.status(index, more=self._behaviour.more_statuses)
        return {
            "iccid": iccid,
            "msisdn": msisdn,
            "status": status,
            "device_id": self._sims.device_id(index),
        }


def _check_key(headers: Mapping[str, str]) -> None:
    """`Authorization: Bearer KEY`, spelled exactly so, or `X-API-Key: KEY` (Authentication page).

    Raises:
        Refusal: 401 for no or a wrong key, 403 for a key of another service.
    """
    given = headers.get("x-api-key") or ""
    if not given:
        scheme, _, given = headers.get("authorization", "").partition(" ")
        given = given if scheme == "Bearer" else ""
    if given.startswith(_OTHER_SERVICES):
        message = "API key does not have permission for this service"
        raise Refusal(403, "INSUFFICIENT_PERMISSIONS", message)
    if given != API_KEY:
        raise bad_key()
