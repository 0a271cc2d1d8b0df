"""A real Chromium for GraphiQL, with every host but loopback out of its reach and every request written down."""

import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import NoReturn

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from gateway.graphiql.bundle import read_bundle
from tests.browser.visit import Visit, visiting
from tests.ports import free_port, wait_for_port

ROOT = Path(__file__).parents[2]
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


@pytest.fixture(scope="module")
def server_url() -> Iterator[str]:
    """The demo, as a person would start it: simulators and the gateway, on a port of its own."""
    port = free_port()
    command = [sys.executable, "-m", "gateway", "demo", "--port", str(port), "--sims", "60"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        try:
            wait_for_port(port)
            yield f"http://127.0.0.1:{port}/graphql"
        finally:
            process.terminate()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """Chromium, started with a new profile."""
    path = shutil.which("chromium") or absent("Chromium is not installed (Debian: apt-get install chromium)")
    if read_bundle() is None:
        absent("GraphiQL is not built (pip install -e .)")
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=path, headless=True, chromium_sandbox=False, args=FLAGS
        )
        yield chromium
        await chromium.close()


@pytest_asyncio.fixture(loop_scope="module")
async def visit(browser: Browser, server_url: str) -> AsyncIterator[Visit]:
    """A tab nobody has used before. However a test goes, only loopback may have been asked."""
    async with visiting(browser, server_url) as visited:
        yield visited


def absent(reason: str) -> NoReturn:
    """Skip on a developer's machine; fail where the checks decide."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
