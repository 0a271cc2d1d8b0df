"""All simulators behind one address: each under its provider's name, with a request log, latency and faults.

/<provider>/...            the simulator itself
/<provider>/__requests     GET: what it was asked; DELETE: forget
/<provider>/__faults       GET; PUT a JSON list of faults; DELETE
"""

import asyncio
import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime

from starlette.types import Message, Receive, Scope, Send

from gateway.simulation.faults import KINDS, Fault, FaultSet, FaultSyntaxError
from gateway.simulation.faulty import Answer, Exchange, Sleep, line_of, misbehave, send_answer
from gateway.simulation.request_log import Request, RequestLog, shown_body
from gateway.simulation.simulator import Simulator

__all__ = ["SimulationHost"]

_MOST_BODY = 1024 * 1024


class SimulationHost:
    """An ASGI app over several simulators.

    `latency` is seconds added to every answer, one number for all or one by provider. `faults` are (provider, fault)
    pairs as `parse_faults` gives them.
    """

    def __init__(
        self,
        simulators: Mapping[str, Simulator],
        latency: float | Mapping[str, float] = 0.0,
        faults: Iterable[tuple[str, Fault]] = (),
        *,
        sleep: Sleep = asyncio.sleep,
        log_size: int = 10_000,
    ) -> None:
        self.simulators = dict(simulators)
        by_name = latency if isinstance(latency, Mapping) else dict.fromkeys(self.simulators, latency)
        self.latency = dict(by_name)
        self._sleep = sleep
        self._logs = {name: RequestLog(log_size) for name in self.simulators}
        self._faults = {name: FaultSet() for name in self.simulators}
        for name, fault in faults:
            self._faults[name].faults.append(fault)

    def requests(self, provider: str) -> list[Request]:
        """What this provider was asked, newest last."""
        return self._logs[provider].all()

    def clear(self) -> None:
        """Forget every request and every fault."""
        for name in self.simulators:
            self._logs[name].clear()
            self._faults[name].faults.clear()

    def fault(
        self,
        provider: str,
        kind: str,
        value: str | float | None = None,
        *,
        probability: float = 1.0,
        count: int | None = None,
        path: str = "",
    ) -> Fault:
        """Add a fault; FaultSyntaxError when it makes no sense."""
        added = Fault(kind, None if value is None else str(value), probability, count, path)
        if problems := added.problems():
            raise FaultSyntaxError(problems)
        self._faults[provider].faults.append(added)
        return added

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; simulators need no start-up, so lifespan is only acknowledged."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})
        else:
            await self._http(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        root = scope.get("root_path", "")
        name, _, rest = scope["path"].removeprefix(root).lstrip("/").partition("/")
        body = await _read(receive)
        if name not in self.simulators:
            known = {each: f"/{each}{simulator.path}" for each, simulator in self.simulators.items()}
            await _send_json(send, 200 if not name else 404, {"providers": known})
        elif rest in {"__requests", "__faults"}:
            await self._admin(name, rest, scope["method"], body, send)
        elif body is None:
            await _send_json(send, 413, {"message": "body too large"})
        else:
            inner = {**scope, "root_path": f"{root}/{name}"}
            await self._serve(name, f"/{rest}", Exchange(inner, body, receive, send, line_of(send)))

    async def _serve(self, name: str, path: str, exchange: Exchange) -> None:
        scope, body = exchange.scope, exchange.body
        query = scope.get("query_string", b"").decode("latin-1")
        request = Request(scope["method"], path, query, datetime.now(UTC), shown_body(body))
        self._logs[name].add(request)
        began = time.perf_counter()

        async def noted(message: Message) -> None:
            # The delay is inside the simulator's own work, so that a limit on concurrency can be met.
            if message["type"] == "http.response.start":
                if delay := self.latency.get(name, 0):
                    await self._sleep(delay)
                request.status = message["status"]
            await exchange.send(message)

        try:
            fault = self._faults[name].take(path)
            request.fault = fault.kind if fault else None
            if fault is None:
                replay = _replay(body, exchange.receive)
                await self.simulators[name].app(scope, replay, noted)
            else:
                heard = replace(exchange, send=noted)
                await misbehave(fault, self.simulators[name], heard, self._sleep)
        finally:
            request.ms = round((time.perf_counter() - began) * 1000, 3)

    async def _admin(self, name: str, what: str, method: str, body: bytes | None, send: Send) -> None:
        log, faults = self._logs[name], self._faults[name]
        if what == "__requests" and method == "GET":
            await _send_json(send, 200, [request.shown() for request in log.all()])
        elif what == "__requests" and method == "DELETE":
            log.clear()
            await send_answer(Answer(204, [], b""), send)
        elif what == "__faults" and method == "GET":
            await _send_json(send, 200, [fault.shown() for fault in faults.faults])
        elif what == "__faults" and method == "DELETE":
            faults.faults.clear()
            await send_answer(Answer(204, [], b""), send)
        elif what == "__faults" and method == "PUT":
            await self._put_faults(faults, body or b"", send)
        else:
            await _send_json(send, 405, {"message": f"{method} is not for {what}"})

    async def _put_faults(self, faults: FaultSet, body: bytes, send: Send) -> None:
        try:
            faults.faults = _read_faults(body)
        except FaultSyntaxError as error:
            await _send_json(send, 400, {"problems": error.problems, "kinds": KINDS})
            return
        await _send_json(send, 200, [fault.shown() for fault in faults.faults])


def _read_faults(body: bytes) -> list[Fault]:
    """A JSON list of faults, checked as a whole."""
    try:
        given = json.loads(body)
    except ValueError as error:
        raise FaultSyntaxError(["the body is not JSON"]) from error
    if not isinstance(given, list):
        raise FaultSyntaxError(["the body is not a list"])
    names = {field.name for field in fields(Fault)}
    found, problems = [], []
    for place, item in enumerate(given):
        wrong, fault = _read_fault(item, names)
        problems += [f"fault {place}: {problem}" for problem in wrong]
        if fault is not None:
            found.append(fault)
    if problems:
        raise FaultSyntaxError(problems)
    return found


def _read_fault(item: object, names: set[str]) -> tuple[list[str], Fault | None]:
    if not isinstance(item, dict) or not isinstance(item.get("kind"), str):
        return ["is not an object with a kind"], None
    if unknown := item.keys() - names:
        return [f"unknown key {name!r}" for name in sorted(unknown)], None
    value, count = item.get("value"), item.get("count")
    probability = item.get("probability", 1.0)
    if not isinstance(probability, int | float) or not isinstance(count, int | None):
        return ["probability and count are numbers"], None
    text = None if value is None else str(value)
    fault = Fault(item["kind"], text, float(probability), count, str(item.get("path", "")))
    return fault.problems(), fault


async def _read(receive: Receive) -> bytes | None:
    """The whole request body, None when it is larger than any provider takes."""
    body = b""
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return body
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > _MOST_BODY:
            return None
    return body


def _replay(body: bytes, receive: Receive) -> Receive:
    """A receive that gives the body already read, then whatever comes."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


async def _send_json(send: Send, status: int, content: object) -> None:
    body = json.dumps(content).encode()
    await send_answer(Answer(status, [(b"content-type", b"application/json")], body), send)


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
