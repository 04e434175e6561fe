"""How it goes: /livez says that this process answers, /readyz and /health that the server behind it does too."""

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import Response

from gateway.operations import Operation
from gateway.problems import RETRY_AFTER, UNREACHABLE, Problem
from gateway.responses import json_response
from gateway.upstream import Upstream

STATUS = {"type": "object", "required": ["status"], "properties": {"status": {"type": "string", "enum": ["ok"]}}}


class Health:
    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream

    def operations(self) -> list[Operation]:
        return [
            Operation("GET", "/livez", "Whether the gateway answers.", self._live, gives=STATUS),
            Operation("GET", "/readyz", "Whether the gateway and the server serve.", self._ready, gives=STATUS),
            Operation("GET", "/health", "The same as /readyz.", self._ready, gives=STATUS),
            Operation("GET", "/metrics", "Metrics for Prometheus.", self._metrics, media="text/plain"),
        ]

    async def _live(self, request: Request) -> Response:
        return json_response({"status": "ok"})

    async def _ready(self, request: Request) -> Response:
        if not await self._upstream.serving():
            raise Problem(503, "STORE_UNAVAILABLE", UNREACHABLE, retry_after=RETRY_AFTER)
        return json_response({"status": "ok"})

    async def _metrics(self, request: Request) -> Response:
        return Response(generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})
