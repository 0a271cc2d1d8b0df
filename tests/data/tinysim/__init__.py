"""A provider from outside the repository, as small as one can be: one list, one fetch, one key."""

from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.page import Page, PageRequest
from gateway.platform import Platform, Settings, Wiring
from gateway.provider import Provider
from gateway.secret import Secret
from gateway.simulation.simulator import SimulationOptions, Simulator
from gateway.upstream.auth import Header
from gateway.upstream.client import Refusal
from gateway.where import SimWhere
from schema.sim import Sim
from schema.status import SimStatus

__all__ = ["PLATFORMS", "simulator"]

STATUS = {"on": SimStatus.ACTIVE, "off": SimStatus.SUSPENDED}


class WireCard(msgspec.Struct):
    id: str
    number: str
    state: str


class WireCards(msgspec.Struct):
    cards: list[WireCard]
    more: bool


class TinySettings(Settings, frozen=True, kw_only=True):
    api_key: Secret


class TinySim(Provider):
    page_size = 10

    async def load_sim(self, native_id: str) -> Sim | None:
        if not native_id.isdigit():
            return None
        card = await self.client.find(f"cards/{native_id}", WireCard)
        return None if card is None else read(card)

    async def list_sims(self, where: SimWhere, page: PageRequest) -> Page[Sim]:
        del where  # nothing can be filtered there
        start = int(page.token or 0)
        wire = await self.client.get("cards", WireCards, [("from", str(start)), ("count", str(page.size))])
        return Page([read(card) for card in wire.cards], str(start + page.size) if wire.more else None)


def read(card: WireCard) -> Sim:
    return Sim(
        native_id=card.id,
        iccid=card.number,
        status=STATUS.get(card.state, SimStatus.UNKNOWN),
        native_status=card.state,
    )


def connect(settings: TinySettings, wiring: Wiring) -> TinySim:
    def read_refusal(_status: int, _body: bytes) -> Refusal:
        return Refusal()

    return TinySim(wiring.client(Header(settings.api_key, lambda key: ("X-Key", key)), read_refusal), wiring.now)


def simulator(options: SimulationOptions) -> Simulator:
    cards = [{"id": str(i), "number": f"89{i:017d}", "state": "on"} for i in range(1, options.sims + 1)]

    async def listed(request: Request) -> Response:
        start, count = int(request.query_params["from"]), int(request.query_params["count"])
        page: dict[str, Any] = {"cards": cards[start : start + count], "more": start + count < len(cards)}
        return JSONResponse(page)

    async def fetched(request: Request) -> Response:
        found = [card for card in cards if card["id"] == request.path_params["id"]]
        return JSONResponse(found[0] if found else {}, 200 if found else 404)

    app = Starlette(routes=[Route("/cards", listed), Route("/cards/{id}", fetched)])
    return Simulator(app, account={"provider": "tinysim", "api_key": "tiny-demo-key"})


PLATFORMS = (Platform("tinysim", TinySim, TinySettings, connect, simulator="tinysim:simulator"),)
