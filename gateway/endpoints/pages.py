"""Pages for people: the first page and /docs, with nothing on them that does not come from here."""

from functools import cache
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
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",
}


@cache
def files() -> dict[str, Path]:
    """Return the files there are; only these are served, so that no path can lead elsewhere."""
    return {path.name: path for path in STATIC.iterdir() if path.suffix in TYPES}


def page(name: str) -> Response:
    path = files().get(name)
    if path is None:
        raise Problem(404, "INVALID_REQUEST", "There is no such page.")
    return Response(path.read_bytes(), headers={**HEADERS, "Content-Type": TYPES[path.suffix]})


async def first(request: Request) -> Response:
    return page("page.html")


async def docs(request: Request) -> Response:
    return page("docs.html")


async def static(request: Request) -> Response:
    return page(request.path_params["name"])


def routes() -> list[Route]:
    """Return the pages' routes."""
    return [Route("/", first), Route("/docs", docs), Route("/static/{name}", static)]
