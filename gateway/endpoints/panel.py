"""The live progress panel's own routes: POST /api/query, GET /api/stream/{workflow_id}, in the `steps` dialect."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from gateway.endpoints.events import AFTER, NOTHING_MORE, TOO_MANY_STREAMS, Events
from gateway.endpoints.runs import TOO_MANY, create
from gateway.operations import Operation, Parameter
from gateway.requests import json_object, text
from gateway.responses import json_response
from gateway.upstream import Upstream
from levada.v1.run_pb2 import RunRequest

ASKED = {
    "type": "object",
    "required": ["query"],
    "properties": {
        "query": {"type": "string", "description": "The question."},
        "tenant_id": {"type": "string", "description": "Taken, but who asks is told by authentication alone."},
        "user_id": {"type": "string", "description": "As tenant_id."},
    },
}
MADE = {
    "type": "object",
    "required": ["workflow_id", "stream_url"],
    "properties": {"workflow_id": {"type": "string"}, "stream_url": {"type": "string"}},
}
TOKEN = Parameter("token", "Taken, and not needed as long as no authentication is configured.")


class Panel:
    def __init__(self, upstream: Upstream, events: Events) -> None:
        self._upstream = upstream
        self._events = events

    def operations(self) -> list[Operation]:
        return [
            Operation(
                "POST",
                "/api/query",
                "Ask, for the progress panel.",
                self._query,
                ASKED,
                MADE,
                others=((429, TOO_MANY),),
            ),
            Operation(
                "GET",
                "/api/stream/{workflow_id}",
                "Watch the steps: data-only frames of {step, status, message, icon, progress, category, timestamp}.",
                self._stream,
                parameters=(*AFTER, TOKEN),
                media="text/event-stream",
                others=(NOTHING_MORE, TOO_MANY_STREAMS),
            ),
        ]

    async def _query(self, request: Request) -> Response:
        asked = await json_object(request)
        text(asked, "tenant_id")
        text(asked, "user_id")
        run = RunRequest(question=text(asked, "query", needed=True))
        run.request_id = request.headers.get("idempotency-key", "")
        created, standing = await create(self._upstream, run)
        workflow_id = created.run.run_id
        body = {"workflow_id": workflow_id, "stream_url": f"/api/stream/{workflow_id}"}
        return json_response(body, headers=standing)

    async def _stream(self, request: Request) -> ASGIApp:
        request.path_params["run_id"] = request.path_params["workflow_id"]
        return await self._events.stream(request, "steps")
