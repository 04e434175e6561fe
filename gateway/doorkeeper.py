"""Who may knock: as long as nobody has to say who they are, only pages of this machine and of allowed origins.

A foreign Host is how a page elsewhere reaches a loopback server by rebinding its name (DNS rebinding); a foreign
Origin on anything but reading is how it asks in the user's name.
"""

import re
from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from core.settings import Settings
from gateway.problems import Problem

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
DEVELOPMENT_PORTS = (5173, 3000, 8501, 8080)
ASKED = {b"host", b"origin", b"sec-fetch-site"}
READING = {"GET", "HEAD", "OPTIONS"}
PORT = re.compile(r":\d*$")


def origins(settings: Settings) -> tuple[str, ...]:
    """Return the exact origins that may call from a browser."""
    development = [f"http://{host}:{port}" for host in ("localhost", "127.0.0.1") for port in DEVELOPMENT_PORTS]
    return (*settings.cors_origins, *(development if settings.demo else ()))


class Doorkeeper:
    """Guards *app*. What is at the paths that are *making* something does more than read, whatever the method."""

    def __init__(self, app: ASGIApp, settings: Settings, making: Collection[str] = ()) -> None:
        self._app = app
        self._making = set(making)
        self._hosts = {*LOOPBACK, PORT.sub("", settings.http), *settings.http_hosts}
        self._origins = set(origins(settings))
        self._expression = re.compile(settings.cors_origin_regex) if settings.cors_origin_regex else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            # A WebSocket is more than reading, and no browser asks before it opens one to another origin.
            reads = scope.get("method") in READING and scope["path"] not in self._making
            # The first of each name. Every stream passes here, so this looks at the raw headers, and once.
            said = {name: text.decode("latin-1") for name, text in reversed(scope["headers"]) if name in ASKED}
            problem = self._refusal(said, reads=reads)
            if problem is not None:
                await problem.response()(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _refusal(self, said: Mapping[bytes, str], *, reads: bool) -> Problem | None:
        host = said.get(b"host", "")
        if PORT.sub("", host).lower() not in self._hosts:
            detail = f"This server does not answer to the name {host[:100]!r}. Use localhost, or set LEVADA_HTTP_HOSTS."
            return Problem(403, "PERMISSION_DENIED", detail)
        if reads or self._welcome(said.get(b"origin"), said.get(b"sec-fetch-site"), host):
            return None
        detail = "Pages of other origins may not ask here. Add theirs to LEVADA_CORS_ORIGINS if they should."
        return Problem(403, "PERMISSION_DENIED", detail)

    def _welcome(self, origin: str | None, site: str | None, host: str) -> bool:
        if origin is None:  # no browser, or one that says where the page is from in another way
            return site in (None, "same-origin", "none")
        if origin in self._origins or place(origin) == host:
            return True
        return self._expression is not None and self._expression.fullmatch(origin) is not None


def place(origin: str) -> str:
    """Return an origin's host and port; nothing for what is no origin."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""
