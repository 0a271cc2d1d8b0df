"""The page a browser gets at the GraphQL endpoint: GraphiQL or, where it was not built, what to do."""

import json
import shlex
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from string import Template

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from gateway.graphiql.bundle import ASSETS, SECURITY_HEADERS, Bundle, asset_endpoint, read_bundle
from gateway.graphiql.tabs import SAMPLE_ICCID, SAMPLE_SIM, example_tabs

__all__ = ["graphiql_page", "graphiql_routes"]

HERE = Path(__file__).parent
HEADERS = SECURITY_HEADERS | {"Cache-Control": "no-cache", "Vary": "Accept"}


def graphiql_routes(endpoint: str = "/graphql", assets: Path = ASSETS) -> list[BaseRoute]:
    """Routes of the files the page loads, under `<endpoint>/assets/`. The server routes the page itself."""
    return [Route(f"{endpoint}/assets/{{name}}", asset_endpoint(assets), methods=["GET"])]


def graphiql_page(request: Request, assets: Path = ASSETS) -> Response:
    """The HTML for a browser's GET of the endpoint, whatever path that is.

    `app.state.sample_iccid` and `app.state.sample_sim`, when the server sets them, are the ICCID of the SIM that the
    examples ask about and the id of the one that they change.
    """
    bundle = read_bundle(assets)
    text = _missing(request) if bundle is None else _graphiql(request, bundle)
    return HTMLResponse(text, headers=HEADERS)


def _graphiql(request: Request, bundle: Bundle) -> str:
    # Relative to the page, so that a proxy may serve it under another path.
    folder = f"./{request.url.path.rpartition('/')[2]}/assets"
    links = "\n".join(f'<link rel="stylesheet" href="{escape(f"{folder}/{name}")}">' for name in bundle.styles)
    return _fill(
        "page.html",
        endpoint=escape(_endpoint(request)),
        script=escape(f"{folder}/{bundle.script}"),
        styles=links,
        config=_config(request),
    )


def _config(request: Request) -> str:
    """The example tabs as JSON that cannot end the script element it stands in."""
    iccid = getattr(request.app.state, "sample_iccid", SAMPLE_ICCID)
    sim = getattr(request.app.state, "sample_sim", SAMPLE_SIM)
    tabs = [
        {
            "query": tab["query"],
            "variables": json.dumps(tab["variables"], indent=2) if tab["variables"] else None,
        }
        for tab in example_tabs(datetime.now(UTC), iccid, sim)
    ]
    return json.dumps({"tabs": tabs}).replace("<", "\\u003c")


def _missing(request: Request) -> str:
    endpoint = _endpoint(request)
    body = json.dumps({"query": "{ accounts { name provider health } }"})
    parts = [f"curl {shlex.quote(endpoint)}", "-H 'Content-Type: application/json'", f"--data {shlex.quote(body)}"]
    curl = " \\\n  ".join(parts)
    return _fill("missing.html", endpoint=escape(endpoint), curl=escape(curl))


def _endpoint(request: Request) -> str:
    return str(request.url.replace(query="", fragment=""))


def _fill(name: str, **values: str) -> str:
    return Template((HERE / name).read_text(encoding="utf-8")).substitute(values)
