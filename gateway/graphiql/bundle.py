"""The built GraphiQL files: which there are, and how a browser gets them.

The build hook (hatch_build.py) puts them into assets/: Vite's manifest, the licence texts, and the rest
gzipped as `<name>.gz`.
"""

import gzip
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

__all__ = ["ASSETS", "LICENCES", "SECURITY_HEADERS", "Bundle", "asset_endpoint", "read_bundle"]

ASSETS = Path(__file__).parent / "assets"
LICENCES = "licences.txt"
ENTRY = "source/entry.jsx"
MEDIA_TYPES = {".js": "text/javascript", ".css": "text/css", ".ttf": "font/ttf"}

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")
"""A file of Vite's. No other name is looked for: some systems refuse longer ones with an error."""

# Monaco, GraphiQL's editor, writes <style> elements, hence 'unsafe-inline' for style only; its fonts and
# images are data: URLs.
# Workers take the policy of their own script's response, so assets carry the same headers as the page.
SECURITY_HEADERS = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "worker-src 'self'",
            "connect-src 'self'",
            "style-src 'self' 'unsafe-inline'",
            "font-src 'self' data:",
            "img-src 'self' data:",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


@dataclass(frozen=True)
class Bundle:
    """What the page must load: one module and the style sheets it needs at once, as file names."""

    script: str
    styles: tuple[str, ...]


def read_bundle(assets: Path = ASSETS) -> Bundle | None:
    """What was built, from Vite's manifest; None when nothing was."""
    try:
        chunks = json.loads((assets / "manifest.json").read_bytes())
    except FileNotFoundError:
        return None
    entry = chunks[ENTRY]
    static = [entry, *(chunks[name] for name in entry.get("imports", []))]
    styles = dict.fromkeys(style for chunk in static for style in chunk.get("css", []))
    return Bundle(entry["file"], tuple(styles))


def asset_endpoint(assets: Path = ASSETS) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint for `{name}`: the built file of that name, gzipped for whoever accepts it."""

    async def endpoint(request: Request) -> Response:
        name: str = request.path_params["name"]
        media_type = MEDIA_TYPES.get(Path(name).suffix)
        if name == LICENCES and (assets / name).is_file():
            return FileResponse(assets / name, media_type="text/plain", headers=SECURITY_HEADERS)
        compressed = assets / f"{name}.gz"
        if media_type is None or not _NAME.fullmatch(name) or not compressed.is_file():
            return PlainTextResponse("No such file\n", 404, headers=SECURITY_HEADERS)
        return await _hashed_file(request, compressed, media_type)

    return endpoint


async def _hashed_file(request: Request, compressed: Path, media_type: str) -> Response:
    """A file whose name holds a hash of its content, so that it may be kept for ever."""
    headers = SECURITY_HEADERS | {
        "Cache-Control": "public, max-age=31536000, immutable",
        "Vary": "Accept-Encoding",
    }
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return FileResponse(compressed, media_type=media_type, headers=headers)
    content = await run_in_threadpool(lambda: gzip.decompress(compressed.read_bytes()))
    return Response(content, media_type=media_type, headers=headers)
