"""POST /classify and /classify/stream: which databases a question needs, in the `query` dialect. Nothing is run."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.dialects import Frame
from gateway.dialects.query.endings import error
from gateway.dialects.query.memory import Said
from gateway.dialects.query.planning import looked_at, selected
from gateway.encoding import message
from gateway.endpoints.asked import Classified, schema
from gateway.operations import Operation
from gateway.problems import Problem
from gateway.responses import json_response
from gateway.sse import HEADERS
from gateway.upstream import Upstream
from levada.v1.query_service_pb2 import ClassifyRequest, ClassifyResponse

BEGINNING: Said = {"type": "classifying", "message": "Determining relevant databases..."}
TEXT = {"type": "string"}
CLASSIFIED = {
    "type": "object",
    "required": ["databases", "pipeline", "reason"],
    "properties": {
        "databases": {"type": "array", "items": TEXT, "description": "Best first."},
        "choices": {"type": "array", "items": {"type": "object", "properties": {"database": TEXT, "reason": TEXT}}},
        "cross_database": {"type": "boolean", "description": "Whether it takes several of them together."},
        "pipeline": {"type": "string", "description": "What would answer it."},
        "reason": TEXT,
        "problems": {"type": "array", "items": TEXT, "description": "What could not be looked at, and why."},
    },
}


class Classifying:
    def __init__(self, upstream: Upstream, heartbeat: float) -> None:
        self._upstream = upstream
        self._heartbeat = heartbeat

    def operations(self) -> list[Operation]:
        summary = "Say which databases a question needs, and why, without running anything"
        takes = schema(Classified)
        return [
            Operation("POST", "/classify", f"{summary}.", self._classify, takes, CLASSIFIED),
            Operation(
                "POST",
                "/classify/stream",
                f"{summary}, as data-only frames.",
                self._stream,
                takes,
                media="text/event-stream",
            ),
        ]

    async def _classify(self, request: Request) -> Response:
        asked = await Classified.of(request)
        found = await self._upstream.call(self._upstream.queries.Classify, asked.to_classify())
        return json_response(classified(found))

    async def _stream(self, request: Request) -> ASGIApp:
        return ClassifyStream(self._upstream, (await Classified.of(request)).to_classify(), self._heartbeat)


class ClassifyStream:
    """Answers with the frames of one classification. It is no session: there is nothing to come back to."""

    def __init__(self, upstream: Upstream, asked: ClassifyRequest, heartbeat: float) -> None:
        self._upstream = upstream
        self._asked = asked
        self._heartbeat = heartbeat

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await send({"type": "http.response.body", "body": written([BEGINNING], 0), "more_body": True})
        async with asyncio.TaskGroup() as group:
            beating = group.create_task(self._beat(send))
            said = await self._said()
            beating.cancel()
        await send({"type": "http.response.body", "body": written(said, 100)})

    async def _said(self) -> list[Said]:
        try:
            found = await self._upstream.call(self._upstream.queries.Classify, self._asked)
        except Problem as problem:
            return [error(problem.detail, problem.reason, retryable="Retry-After" in problem.headers)]
        chunks = [frame for schema in found.schemas for frame in looked_at(schema)]
        return [selected(found.sources), *chunks, {"type": "complete", **classified(found)}]

    async def _beat(self, send: Send) -> None:
        while True:
            await asyncio.sleep(self._heartbeat)
            await send({"type": "http.response.body", "body": b":\n\n", "more_body": True})


def classified(found: ClassifyResponse) -> dict[str, Any]:
    return {
        **{name: value for name, value in selected(found.sources).items() if name != "type"},
        "cross_database": len(found.sources) > 1,
        "pipeline": found.pipeline,
        "reason": found.cause,
        "problems": list(found.problems),
    }


def written(said: Iterable[Said], percentage: int) -> bytes:
    """Return frames on the wire, with what every frame of the dialect says of itself."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    about = {"timestamp": now, "session_id": None, "percentage": percentage, "stage": "classify_sources", "attempt": 1}
    return b"".join(message(Frame("", orjson.dumps(each | about))) for each in said)
