"""Tokens: who may ask here gets one, and opens a WebSocket with it."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from core.identity import LOCAL
from gateway.operations import Operation
from gateway.proto_json import instant
from gateway.responses import json_response
from gateway.tokens import Tokens

GIVEN: dict[str, Any] = {
    "type": "object",
    "required": ["token", "expiresAt"],
    "properties": {
        "token": {"type": "string", "description": "Goes into ?token= of a WebSocket's address."},
        "expiresAt": {"type": "string", "format": "date-time", "description": "Until then it opens connections."},
    },
}


class Issuing:
    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    def operations(self) -> list[Operation]:
        summary = "Get a token that opens a WebSocket (/v1/ws) within the next minute."
        return [Operation("POST", "/v1/tokens", summary, self._issue, gives=GIVEN, status=201)]

    async def _issue(self, request: Request) -> Response:
        token, expires = self._tokens.issue(LOCAL.subject)
        body = {"token": token, "expiresAt": f"{instant(expires)}Z"}
        return json_response(body, 201, {"Cache-Control": "no-store"})
