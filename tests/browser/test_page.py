"""What the gateway answers to a browser, without a browser."""

import gzip
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.graphiql.bundle import read_bundle
from gateway.graphiql.page import graphiql_page, graphiql_routes

SCRIPT = b"console.log('built')"
MANIFEST = {
    "source/entry.jsx": {"file": "entry-1.js", "imports": ["_shared.js"], "css": ["entry-1.css"]},
    "_shared.js": {"file": "shared-1.js", "css": ["shared-1.css"]},
}


@pytest.fixture
def assets(tmp_path: Path) -> Path:
    """A folder as the build hook leaves it."""
    folder = tmp_path / "assets"
    folder.mkdir()
    (folder / "manifest.json").write_text(json.dumps(MANIFEST))
    (folder / "entry-1.js.gz").write_bytes(gzip.compress(SCRIPT))
    (folder / "licences.txt").write_text("MIT")
    (tmp_path / "secret.js.gz").write_bytes(gzip.compress(b"secret"))
    return folder


def client(assets: Path, endpoint: str = "/graphql", **state: str) -> httpx.AsyncClient:
    """A client of an application that serves the page and its files from that folder."""

    def page(request: Request) -> Response:
        return graphiql_page(request, assets)

    app = Starlette(routes=[*graphiql_routes(endpoint, assets), Route(endpoint, page)])
    for name, value in state.items():
        setattr(app.state, name, value)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway.test")


def config(html: str) -> dict[str, list[dict[str, str]]]:
    """The JSON that the page gives to GraphiQL."""
    found = re.search(r'<script type="application/json" id="graphiql-config">(.*?)</script>', html)
    assert found is not None
    content: dict[str, list[dict[str, str]]] = json.loads(found[1])
    return content


async def test_the_page_loads_what_was_built(assets: Path) -> None:
    """The page names the built script and styles, relative to itself, and they are where it says."""
    async with client(assets, "/api/graphql") as http:
        page = await http.get("/api/graphql")
        script = await http.get(page.url.join("./graphql/assets/entry-1.js"))

    assert 'src="./graphql/assets/entry-1.js"' in page.text
    assert 'href="./graphql/assets/entry-1.css"' in page.text
    assert 'href="./graphql/assets/shared-1.css"' in page.text
    assert script.content == SCRIPT


@pytest.mark.parametrize("path", ["/graphql", "/graphql/assets/entry-1.js", "/graphql/assets/no-such.js"])
async def test_a_policy_keeps_every_answer_at_home(assets: Path, path: str) -> None:
    """Page, scripts (workers obey their own answer's headers) and errors forbid other hosts and inline scripts."""
    async with client(assets) as http:
        answer = await http.get(path)

    rules = answer.headers["content-security-policy"].split("; ")
    assert {"default-src 'none'", "script-src 'self'", "connect-src 'self'", "worker-src 'self'"} <= set(rules)
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_there_is_no_inline_script(assets: Path) -> None:
    """Every script element loads a file or holds JSON, which browsers do not run."""
    async with client(assets) as http:
        page = await http.get("/graphql")

    scripts = re.findall(r"<script([^>]*)>", page.text)
    assert len(scripts) == 2
    assert all("src=" in script or 'type="application/json"' in script for script in scripts)
    assert "<noscript>" in page.text


async def test_built_files_may_be_kept_for_ever(assets: Path) -> None:
    """A file named by its hash is compressed, typed and immutable."""
    async with client(assets) as http:
        answer = await http.get("/graphql/assets/entry-1.js", headers={"Accept-Encoding": "gzip"})

    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.content == SCRIPT


async def test_who_cannot_unpack_gets_it_unpacked(assets: Path) -> None:
    """Without gzip in Accept-Encoding the content comes as it is."""
    async with client(assets) as http:
        answer = await http.get("/graphql/assets/entry-1.js", headers={"Accept-Encoding": "identity"})

    assert "content-encoding" not in answer.headers
    assert answer.content == SCRIPT


async def test_licences_can_be_read(assets: Path) -> None:
    """The licence texts of what is bundled are served beside it."""
    async with client(assets) as http:
        answer = await http.get("/graphql/assets/licences.txt")

    assert answer.text == "MIT"


@pytest.mark.parametrize(
    "name",
    [
        "..%2Fsecret.js",
        "%2E%2E%2Fsecret.js",
        "..%5Csecret.js",
        "manifest.json",
        "entry-1.js.gz",
        ".js",
        "%00.js",
        f"{'a' * 300}.js",
    ],
)
async def test_nothing_else_is_served(assets: Path, name: str) -> None:
    """Only built files, by their own names: no way out of the folder."""
    async with client(assets) as http:
        answer = await http.get(f"/graphql/assets/{name}")

    assert answer.status_code == 404


async def test_the_example_asks_about_a_sim_there_is(assets: Path) -> None:
    """Where the server knows a SIM, the example about one SIM asks for that one, however odd its name."""
    async with client(assets, sample_iccid="</script><b>") as http:
        page = await http.get("/graphql")

    variables = [json.loads(tab["variables"]) for tab in config(page.text)["tabs"] if tab["variables"]]
    assert any(values.get("iccid") == "</script><b>" for values in variables)
    assert any(values.get("since", "").startswith(f"{datetime.now(UTC):%Y-%m}-01T") for values in variables)


async def test_without_assets_the_page_says_what_to_do(tmp_path: Path) -> None:
    """Where GraphiQL was not built the page tells why, the commands that build it, and how to use the API as it is."""
    async with client(tmp_path / "absent") as http:
        page = await http.get("/graphql?query=x", headers={"Host": "a'b<c"})

    assert read_bundle(tmp_path / "absent") is None
    assert page.status_code == 200
    assert "GraphiQL is not installed" in page.text
    assert "python -m pip install -v --no-deps --force-reinstall ." in page.text
    assert "curl " in page.text
    assert "/graphql" in page.text
    assert "b<c" not in page.text
