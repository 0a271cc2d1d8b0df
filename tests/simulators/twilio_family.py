"""Ways for a test to reach a simulator of the Twilio family: the official client over a socket, or in process."""

import asyncio
import contextlib
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp
from twilio.base.exceptions import TwilioException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response

from gateway.simulation.serving import serving
from gateway.simulation.simulator import Simulator
from tests.simulators.published import Published

__all__ = ["Clock", "JudgedHttpClient", "every_page", "kore_client", "refusal", "served", "twilio_http"]

START = datetime(2026, 11, 20, 11, 0, 5, tzinfo=UTC)


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def tick(self, **span: float) -> None:
        """Move on, e.g. `tick(seconds=3)`."""
        self.at += timedelta(**span)


@contextlib.contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    """Serve an app from a thread of its own, for clients that block."""
    started, address = threading.Event(), []
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def run() -> None:
        async with serving(app) as url:
            address.append(url)
            started.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(run()))
    thread.start()
    assert started.wait(60)
    try:
        yield address[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(60)
        loop.close()


class JudgedHttpClient(TwilioHttpClient):  # type: ignore[misc]  # the twilio package has no types
    """The official client's own transport, sent to a local mount, every success judged by a published file."""

    def __init__(self, mounts: dict[str, str], judge: Published) -> None:
        super().__init__(timeout=60)
        self.mounts = mounts
        self.judge = judge
        self.operations: list[str] = []
        self.statuses: list[int] = []

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:  # Any: passed through
        for host, mount in self.mounts.items():
            url = url.replace(host, mount)
        response = super().request(method, url, *args, **kwargs)
        self.statuses.append(response.status_code)
        if response.status_code < 300:
            self.operations.append(self.judge.judge(method, url, response.status_code, response.text))
        return response


def refusal(client: JudgedHttpClient, call: Callable[..., object], **asked: object) -> tuple[int, int]:
    """(status, code) with which a call of the official client is refused, whichever way the client reports it."""
    with pytest.raises(TwilioException):
        call(**asked)
    answer = client._test_only_last_response
    body = json.loads(answer.text)
    assert body["status"] == answer.status_code
    assert body["more_info"].endswith(str(body["code"]))
    assert body["message"]
    return body["status"], body["code"]


@contextlib.asynccontextmanager
async def twilio_http(simulator: Simulator) -> AsyncIterator[httpx.AsyncClient]:
    """An httpx client with the simulator's Basic credentials, in process."""
    auth = (str(simulator.account["account_sid"]), str(simulator.account["auth_token"]))
    transport = httpx.ASGITransport(app=simulator.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://sim.test", auth=auth) as client:
        yield client


@contextlib.asynccontextmanager
async def kore_client(simulator: Simulator) -> AsyncIterator[httpx.AsyncClient]:
    """An httpx client with a fresh token, in process."""
    transport = httpx.ASGITransport(app=simulator.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://sim.test") as client:
        form = {
            "grant_type": "client_credentials",
            "client_id": simulator.account["client_id"],
            "client_secret": simulator.account["client_secret"],
        }
        token = (await client.post("/api-services/v1/auth/token", data=form)).json()["access_token"]
        client.headers["authorization"] = f"Bearer {token}"
        yield client


async def every_page(client: httpx.AsyncClient, path: str) -> list[dict[str, Any]]:
    """All rows of a list, by following next_page_url."""
    rows: list[dict[str, Any]] = []
    url: str | None = path
    while url:
        answer = await client.get(url)
        assert answer.status_code == 200, answer.text
        content = answer.json()
        rows += content[content["meta"]["key"]]
        url = content["meta"]["next_page_url"]
    return rows
