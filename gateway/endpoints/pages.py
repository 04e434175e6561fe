"""Pages for people: the built page at all its addresses, /docs, and /embed.js, with nothing from anywhere else."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.problems import Problem

STATIC = Path(__file__).parent.parent / "static"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
# Addresses of the page itself: it reads off them what to show (clients/web/src/shell/router.ts).
ADDRESSES = (
    *("/", "/runs", "/runs/{run}", "/runs/{run}/{tab}", "/steps", "/compare"),
    *("/sources", "/sources/{source}"),
)
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
EVERYWHERE = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Vary": "Accept-Encoding",
}
# Named by their content, so that they never change; and part of /embed.js, which other sites' pages load.
ASSET = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
FRESH = {"Cache-Control": "no-cache"}


@dataclass(frozen=True)
class File:
    """A file of the page, ready to send; `packed` is empty where packing saves nothing."""

    data: bytes
    packed: bytes
    headers: dict[str, str]

    def answer(self, request: Request) -> Response:
        if self.headers["ETag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=self.headers)
        if self.packed and "gzip" in request.headers.get("accept-encoding", ""):
            return Response(self.packed, headers={**self.headers, "Content-Encoding": "gzip"})
        return Response(self.data, headers=self.headers)


def paths() -> dict[str, Path]:
    """Return the files there are; only these are served, so that no address can lead elsewhere."""
    here = {path.name: path for path in STATIC.iterdir() if path.suffix in TYPES}
    return here | {f"assets/{path.name}": path for path in (STATIC / "assets").iterdir()}


@lru_cache(maxsize=128)
def read(name: str, path: Path, _changed: int) -> File:
    """Return a file that there is, read and packed once: when somebody first asks for it since it changed."""
    data = path.read_bytes()
    packed = gzip.compress(data, mtime=0)
    tag = f'W/"{hashlib.sha256(data).hexdigest()[:16]}"'  # weak: packed or not, it is the same
    headers = {**EVERYWHERE, **caching_of(name), "Content-Type": TYPES[path.suffix], "ETag": tag}
    return File(data, packed if len(packed) < len(data) else b"", headers)


def caching_of(name: str) -> dict[str, str]:
    if name.startswith("assets/"):
        return ASSET
    return {**ASSET, **FRESH} if name == "embed.js" else FRESH


def answer(request: Request, name: str) -> Response:
    try:
        path = paths()[name]
        found = read(name, path, path.stat().st_mtime_ns)
    except (KeyError, FileNotFoundError):  # the latter while the page is built anew
        raise Problem(404, "INVALID_REQUEST", "There is no such page.") from None
    return found.answer(request)


async def page(request: Request) -> Response:
    return answer(request, "index.html")


async def docs(request: Request) -> Response:
    return answer(request, "docs.html")


async def asset(request: Request) -> Response:
    return answer(request, f"assets/{request.path_params['name']}")


async def public(request: Request) -> Response:
    return answer(request, request.url.path.removeprefix("/"))


def routes() -> list[Route]:
    """Return the pages' routes."""
    return [
        *(Route(path, page) for path in ADDRESSES),
        Route("/docs", docs),
        Route("/embed.js", public),
        Route("/icon.svg", public),
        Route("/assets/{name}", asset),
    ]
