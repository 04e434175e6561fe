"""Sessions, which are runs in the `query` dialect: list them, see how far they are, go on watching, stop them."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from gateway.dialects import Query
from gateway.endpoints.events import AFTER, NOTHING_MORE, TOO_MANY_STREAMS, Events
from gateway.following import so_far
from gateway.gathering import Gathered
from gateway.operations import Operation, Parameter
from gateway.problems import Problem, invalid
from gateway.proto_json import timestamp
from gateway.requests import number
from gateway.responses import json_response
from gateway.upstream import Upstream
from levada.v1 import run_service_pb2 as pb
from levada.v1.error_reason_pb2 import ErrorReason
from levada.v1.event_pb2 import Event
from levada.v1.run_pb2 import Run, RunState

STATES = {"completed": "complete", "failed": "error"}
STATUS = {
    number: STATES.get(word, word)
    for name, number in RunState.items()
    if number and (word := name.removeprefix("RUN_STATE_").lower())
}
SESSION: dict[str, Any] = {
    "type": "object",
    "required": ["session_id", "status", "question", "percentage", "stream_url"],
    "properties": {
        "session_id": {"type": "string"},
        "status": {"type": "string", "enum": list(STATUS.values())},
        "question": {"type": "string"},
        "percentage": {"type": "integer"},
        "last_event_id": {"type": "integer", "description": "Number of the last event so far."},
        "stream_url": {"type": "string"},
    },
}
ANSWER: dict[str, Any] = {
    "type": "object",
    "required": ["session_id", "status", "sql", "rows", "analysis"],
    "properties": {
        "session_id": {"type": "string"},
        "status": {"type": "string"},
        "databases": {"type": "array", "items": {"type": "string"}},
        "sql": {"type": ["string", "null"], "description": "The query that was run; of several, the last."},
        "columns": {"type": "array", "items": {"type": "object"}},
        "rows": {"type": "array", "items": {"type": "object"}},
        "row_count": {"type": "integer"},
        "analysis": {"type": ["string", "null"], "description": "Markdown; null unless asked for."},
    },
}
SESSIONS: dict[str, Any] = {
    "type": "object",
    "required": ["sessions", "next_page_token"],
    "properties": {"sessions": {"type": "array", "items": SESSION}, "next_page_token": {"type": "string"}},
}
SO_FAR = {**SESSION, "properties": {**ANSWER["properties"], **SESSION["properties"]}}
PAGE = (
    Parameter("page_size", "Sessions to return at most, 1 to 1,000; 50 when left out.", kind="integer"),
    Parameter("page_token", "next_page_token of the page before."),
    Parameter("status", f"Only sessions of this status: {', '.join(STATUS.values())}; may be repeated."),
    Parameter("conversation_id", "Only sessions of this conversation."),
)


class Sessions:
    def __init__(self, upstream: Upstream, events: Events) -> None:
        self._upstream = upstream
        self._events = events

    def operations(self) -> list[Operation]:
        stop = "Stop a session, if it is not over. What it said stays readable for as long as it is kept."
        so_far = "See how far a session is, with what it has found out so far."
        return [
            Operation("GET", "/sessions", "List sessions, newest first.", self._list, gives=SESSIONS, parameters=PAGE),
            Operation("GET", "/sessions/{session_id}", so_far, self._get, gives=SO_FAR),
            Operation("DELETE", "/sessions/{session_id}", stop, self._stop, gives=SESSION),
            Operation(
                "GET",
                "/sessions/{session_id}/stream",
                "Watch a session, from its beginning or on from an event.",
                self._stream,
                parameters=AFTER,
                media="text/event-stream",
                others=(NOTHING_MORE, TOO_MANY_STREAMS),
            ),
        ]

    async def _list(self, request: Request) -> Response:
        query = request.query_params
        asked = pb.ListRunsRequest(
            page_size=min(number(request, "page_size"), 2**31 - 1),
            page_token=query.get("page_token", ""),
            states=[state(word) for word in query.getlist("status")],
            conversation_id=query.get("conversation_id", ""),
        )
        found = await self._upstream.call(self._upstream.runs.ListRuns, asked)
        sessions = [session(run) for run in found.runs]
        return json_response({"sessions": sessions, "next_page_token": found.next_page_token})

    async def _get(self, request: Request) -> Response:
        run = await self._run(request)
        gathered = await gather(so_far(self._upstream, run))
        return json_response({**gathered.answer(), **session(run)})

    async def _stop(self, request: Request) -> Response:
        asked = pb.CancelRunRequest(run_id=request.path_params["session_id"])
        try:
            await self._upstream.call(self._upstream.runs.CancelRun, asked)
        except Problem as problem:
            if problem.reason != "RUN_ENDED":
                raise
        return json_response(session(await self._run(request)))

    async def _stream(self, request: Request) -> ASGIApp:
        request.path_params["run_id"] = request.path_params["session_id"]
        return await self._events.stream(request, "query")

    async def _run(self, request: Request) -> Run:
        asked = pb.GetRunRequest(run_id=request.path_params["session_id"])
        run: Run = (await self._upstream.call(self._upstream.runs.GetRun, asked)).run
        return run


async def gather(said: AsyncGenerator[Event, None]) -> Gathered:
    """Return what the events that a run has *said* amount to. Raises their Problem, with the session's id."""
    dialect, gathered = Query(), Gathered()
    try:
        async with aclosing(said) as events:
            async for event in events:
                gathered.add(dialect.say(event))
    except Problem as problem:
        problem.metadata["session_id"] = problem.metadata.pop("run_id")
        raise
    return gathered


def session(run: Run) -> dict[str, Any]:
    """Return how a session is, without what it found out."""
    times = {"created_at": "create_time", "started_at": "start_time", "ended_at": "end_time"}
    return {
        "session_id": run.run_id,
        "status": STATUS.get(run.state, ""),
        "question": run.request.question,
        "pipeline": run.request.pipeline,
        "conversation_id": run.request.conversation_id,
        "percentage": round(run.progress * 100),
        "position": run.queue_position,
        **{name: timestamp(getattr(run, time)) if run.HasField(time) else None for name, time in times.items()},
        "summary": run.summary,
        "message": run.message,
        "reason": ErrorReason.Name(run.reason).removeprefix("ERROR_REASON_") if run.reason else None,
        "last_event_id": run.last_sequence,
        "stream_url": f"/sessions/{run.run_id}/stream",
    }


def state(word: str) -> Any:
    for known, name in STATUS.items():
        if name == word:
            return known
    raise invalid("status", f"There is no status {word[:50]!r}; there is {', '.join(STATUS.values())}.")
