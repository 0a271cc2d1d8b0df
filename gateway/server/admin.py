"""What administrators do beside asking: have the cache forget."""

from dataclasses import dataclass

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from gateway.cache.below import KINDS, below, lists_below
from gateway.cache.cache import Cache
from gateway.cache.question import Change
from gateway.context import Process
from gateway.kinds import NESTED
from gateway.rights import Caller
from gateway.server.body import decoded, read_body, refuse_other_types
from gateway.server.door import Door
from gateway.server.media import JSON
from gateway.server.refusal import BadRequest, refused
from schema.errors import Invalid
from schema.fleet import Fleet
from schema.ids import GlobalId, decode_id
from schema.network import NetworkAccessProfile
from schema.query import NODE_TYPES
from schema.rate_plan import RatePlan
from schema.sim import Sim

__all__ = ["admin_routes"]

MOST_BYTES = 4096
KEYS = ("account", "id", "type")

OF_ACCOUNT = (Sim, Fleet, RatePlan, NetworkAccessProfile)
"""Types whose lists are of the account; those of the others may be of a SIM or of an access profile."""


def admin_routes(body_timeout: float) -> list[BaseRoute]:
    """For an application with its door in `state.door` and the rest in `state.process`."""

    async def forget(request: Request) -> Response:
        try:
            refuse_other_types(request)
            door: Door = request.app.state.door
            caller = await door.administrator(request.headers)
            standing = await door.counted(caller)
            asked = decoded(await read_body(request, MOST_BYTES, body_timeout), "the body")
            process: Process = request.app.state.process
            told = await _forgotten(_read(asked), caller, process)
        except BadRequest as bad:
            return refused(",".join(request.headers.getlist("accept")).lower(), bad)
        answer = {"forgotten": told, "by": "this process" if process.scripts is None else "every replica"}
        return Response(msgspec.json.encode(answer), headers=standing.headers(), media_type=JSON)

    return [Route("/admin/forget", forget, methods=["POST"])]


@dataclass(frozen=True)
class _Asked:
    """What is to be forgotten: a thing, else what there is, of one account and of one type if that is said."""

    account: str | None = None
    type: str | None = None
    id: GlobalId | None = None


# --- what is asked -------------------------------------------------------------------------------------------------


def _read(body: object) -> _Asked:
    """Raises BadRequest, naming every mistake."""
    if not isinstance(body, dict):
        raise BadRequest(400, "the body must be an object: {} for all, or account, type, both, or id")
    mistakes = [f"{each[:40]!r}: unknown key; known: {', '.join(KEYS)}" for each in body if each not in KEYS]
    given = {each: body[each] for each in KEYS if each in body}
    mistakes += [f"{each}: it must be text" for each, value in given.items() if not isinstance(value, str)]
    if "type" in given and given["type"] not in KINDS:
        mistakes.append(f"type: there is no such type; known: {', '.join(KINDS)}")
    if "id" in given and len(given) > 1:
        mistakes.append("id: it says account and type by itself; give nothing else")
    thing = _thing(given["id"], mistakes) if isinstance(given.get("id"), str) else None
    if mistakes:
        raise BadRequest(400, "; ".join(mistakes))
    return _Asked(given.get("account"), given.get("type"), thing)


def _thing(text: str, mistakes: list[str]) -> GlobalId | None:
    try:
        wanted = decode_id(text)
    except Invalid as error:
        mistakes.append(error.message)
        return None
    if wanted.kind not in NODE_TYPES:
        mistakes.append(f"id: nothing is remembered of a {wanted.kind[:40]}")
    return wanted


# --- doing it ------------------------------------------------------------------------------------------------------


async def _forgotten(asked: _Asked, caller: Caller, process: Process) -> list[dict[str, str]]:
    """What was: a line for each account. Raises BadRequest for an account that does not exist for the caller."""
    visible = process.visible(caller.reach)
    account = asked.id.account if asked.id is not None else asked.account
    if account is not None and account not in visible:
        raise BadRequest(404, f"there is no account {account[:80]!r}", "NOT_FOUND")
    if asked.id is not None:
        await _forget_thing(process.cache, asked.id)
        return [{"account": asked.id.account, "type": asked.id.kind, "nativeId": asked.id.native_id}]
    names = sorted(visible) if account is None else [account]
    if asked.type is None and visible.keys() == process.accounts.keys() == set(names):
        await process.cache.forget_all()
    elif names:
        await process.cache.forget_below([prefix for each in names for prefix in below(each, asked.type)])
    return [{"account": each} | ({"type": asked.type} if asked.type else {}) for each in names]


async def _forget_thing(cache: Cache, thing: GlobalId) -> None:
    """The thing, and every list that may hold it. Where nobody knows of which SIM or profile those are, all are."""
    account, name, native_id = thing
    kind = NODE_TYPES[name]
    parent: str | None = native_id.partition("/")[0] if kind in NESTED else None
    if parent is None and kind not in OF_ACCOUNT:
        known = (await cache.things(account, kind, [native_id], None)).get(native_id)
        parent = getattr(known, "sim_id", None)
    await cache.forget(account, Change(kind, native_id, parent))
    if parent is None and kind not in OF_ACCOUNT:
        await cache.forget_below(lists_below(account, name))
