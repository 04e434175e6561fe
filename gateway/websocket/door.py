"""Where WebSockets come in: nobody without a token, and no page that may not ask here; it is told why over HTTP."""

import logging
from collections.abc import Callable
from typing import Any

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.routing import WebSocketRoute
from starlette.types import Receive, Scope, Send

from gateway.hub import Hub
from gateway.operations import Operation, Parameter
from gateway.problems import Problem
from gateway.tokens import Tokens
from gateway.tracing import Asking
from gateway.upstream import Upstream
from gateway.websocket import words
from gateway.websocket.session import Session
from gateway.websocket.words import Plain, Tongue

BEARER = "bearer."
SPOKEN = "levada"
INTERNAL_ERROR = 1011
FAILED = "Something failed in the gateway that should not have; come back and go on after the last sequence."
TOKEN = Parameter("token", f"From POST /v1/tokens; or as the subprotocol {BEARER}TOKEN, beside {SPOKEN}.")
OPENED = (101, "The connection is a WebSocket now. It closes with 1007, 1009, 1011 or 1012 as RFC 6455 means them.")
NO_WEBSOCKET = (426, "The request does not ask for a WebSocket.")
REFUSED = (401, "There is no token, or it opens nothing any more.")

log = logging.getLogger(__name__)


class Door:
    """What stands at one path: opens a WebSocket, and says to others that there is one."""

    def __init__(
        self,
        path: str,
        described: tuple[str, str],
        speak: Callable[[Scope], Tongue],
        upstream: Upstream,
        hub: Hub,
        tokens: Tokens,
    ) -> None:
        self._path = path
        self._described = described
        self._speak = speak
        self._upstream = upstream
        self._hub = hub
        self._tokens = tokens

    def operations(self) -> list[Operation]:
        summary, description = self._described
        return [
            Operation(
                "GET",
                self._path,
                summary,
                self._missed,
                status=101,
                parameters=(TOKEN,),
                others=(OPENED, REFUSED, NO_WEBSOCKET),
                description=description,
            )
        ]

    def route(self) -> WebSocketRoute:
        return WebSocketRoute(self._path, self)

    async def _missed(self, request: Request) -> Any:
        detail = "This address is a WebSocket: open it with ws:// or wss://, and a token from POST /v1/tokens."
        raise Problem(426, "INVALID_REQUEST", detail, headers={"Upgrade": "websocket"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        offered: list[str] = scope["subprotocols"]
        told = token(scope, offered)
        scope["query_string"] = b""  # so that the token is in nobody's log
        self._tokens.check(told)
        await receive()  # that it connects
        await send({"type": "websocket.accept", "subprotocol": chosen(offered)})
        session = Session(self._upstream, self._hub, self._speak(scope), Asking(scope), receive, send)
        try:
            await session.run()
        except Exception:
            log.exception("a WebSocket session broke off")
            await send({"type": "websocket.close", "code": INTERNAL_ERROR, "reason": FAILED})


def plain(upstream: Upstream, hub: Hub, tokens: Tokens) -> Door:
    """Return the door of /v1/ws."""
    described = ("Ask, watch and steer several runs over one WebSocket.", words.__doc__ or "")
    return Door("/v1/ws", described, lambda scope: Plain(), upstream, hub, tokens)


def token(scope: Scope, offered: list[str]) -> str:
    """Return the token in the address, else the one among the subprotocols, which browsers can set too."""
    in_address = QueryParams(scope["query_string"]).get("token", "")
    return in_address or next((each.removeprefix(BEARER) for each in offered if each.startswith(BEARER)), "")


def chosen(offered: list[str]) -> str | None:
    """Return the subprotocol to speak: browsers leave when they offered some and none is taken."""
    return SPOKEN if SPOKEN in offered else next((each for each in offered if each.startswith(BEARER)), None)
