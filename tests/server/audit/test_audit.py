"""GraphQL over HTTP, as the audit of the reference implementation sees it."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from gateway.opening import open_accounts
from gateway.registry import platforms
from gateway.server.app import ServerOptions, build_app
from tests.node import installed, node
from tests.server.served import served
from tests.world import START

PACKAGE = "graphql-http@1.23.1"
SCRIPT = Path(__file__).with_name("audit.mjs")
CHECKS = 61


@pytest_asyncio.fixture
async def url() -> AsyncIterator[str]:
    """A gateway without accounts, as `serve` serves it."""

    async with served(
        lambda: build_app(ServerOptions(), lambda _: open_accounts([], platforms(), lambda: START))
    ) as port:
        yield f"http://127.0.0.1:{port}/graphql"


async def test_the_audit_finds_nothing(url: str, request: pytest.FixtureRequest) -> None:
    """Every check of it passes, with neither an error nor a warning, and none was left out."""
    modules = await asyncio.to_thread(installed, PACKAGE, Path(request.config.cache.mkdir("graphql-http")))
    command = [*node(), str(SCRIPT), str(modules), url]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    async with asyncio.timeout(120):
        told, _ = await process.communicate()
    checks = json.loads(told)

    assert [check for check in checks if check["status"] != "ok"] == []
    assert len({check["id"] for check in checks}) == CHECKS
