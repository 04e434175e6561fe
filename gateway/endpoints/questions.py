"""The `query` dialect's own routes: POST /query and /cross-database-query, whole or as a stream."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from gateway.dialects.query.memory import Said
from gateway.endpoints.asked import Asked, schema
from gateway.endpoints.ended import problem
from gateway.endpoints.events import NOTHING_MORE, TOO_MANY_STREAMS, TOO_MANY_WAIT, Events
from gateway.endpoints.runs import IDEMPOTENCY, TOO_MANY, create
from gateway.endpoints.sessions import ANSWER, gather
from gateway.gathering import MOST_ROWS
from gateway.operations import Handler, Operation, Parameter
from gateway.problems import Problem, invalid
from gateway.responses import json_response
from gateway.upstream import Upstream
from levada.v1.run_service_pb2 import CreateRunResponse

ROUTES = {
    "/query": ("", "Ask: one database, or several where the question needs them"),
    "/cross-database-query": ("federated", "Ask several databases at once"),
}
PREFER = Parameter("Prefer", "respond-async: do not wait, but say at once where the session is (202).", "header")
AGAIN = Parameter("Last-Event-ID", "Go on with the stream that the same Idempotency-Key began.", "header")
COME_BACK = (202, "The session has begun: session_id, and stream_url where it can be watched.")


class Questions:
    def __init__(self, upstream: Upstream, events: Events) -> None:
        self._upstream = upstream
        self._events = events

    def operations(self) -> list[Operation]:
        return [each for path, (pipeline, summary) in ROUTES.items() for each in self._of(path, pipeline, summary)]

    def _of(self, path: str, pipeline: str, summary: str) -> list[Operation]:
        async def answer(request: Request) -> Response:
            return await self._answer(request, pipeline)

        async def stream(request: Request) -> ASGIApp:
            return await self._stream(request, pipeline)

        whole: Handler = answer
        takes = schema(Asked)
        return [
            Operation(
                "POST",
                path,
                f"{summary}; the answer comes once it is whole.",
                whole,
                takes,
                ANSWER,
                parameters=(IDEMPOTENCY, PREFER),
                others=(COME_BACK, (429, f"{TOO_MANY} Or: {TOO_MANY_WAIT}")),
            ),
            Operation(
                "POST",
                f"{path}/stream",
                f"{summary}, and watch: data-only frames of {{type, timestamp, session_id, percentage, ...}}.",
                stream,
                takes,
                parameters=(IDEMPOTENCY, AGAIN),
                media="text/event-stream",
                others=(NOTHING_MORE, (429, f"{TOO_MANY} Or: {TOO_MANY_STREAMS[1]}")),
            ),
        ]

    async def _answer(self, request: Request, pipeline: str) -> Response:
        asked = await Asked.of(request)
        later = "respond-async" in request.headers.get("prefer", "")
        if asked.row_limit > MOST_ROWS and not later:
            detail = f"A whole answer holds {MOST_ROWS:,} rows at most. For more, take the stream or export the run."
            raise invalid("row_limit", detail)
        created, standing = await self._create(request, asked, pipeline)
        session_id = created.run.run_id
        headers = {"Location": f"/sessions/{session_id}", **standing}
        if later:
            body = {"session_id": session_id, "stream_url": f"/sessions/{session_id}/stream"}
            return json_response(body, 202, {"Preference-Applied": "respond-async", **headers})
        gathered = await gather(self._events.to_the_end(request, created.run))
        if gathered.last.get("type") == "error":
            raise failure(gathered.last)
        return json_response({**ended(gathered.last), **gathered.answer()}, headers=headers)

    async def _stream(self, request: Request, pipeline: str) -> ASGIApp:
        asked = await Asked.of(request)
        if request.headers.get("last-event-id") and not request.headers.get("idempotency-key"):
            detail = (
                "Last-Event-ID goes on with a stream, but without the Idempotency-Key that began it this would be "
                "another session. Send both, or GET /sessions/{session_id}/stream."
            )
            raise invalid("Last-Event-ID", detail)
        created, standing = await self._create(request, asked, pipeline)
        request.path_params["run_id"] = session_id = created.run.run_id
        return await self._events.stream(request, "query", {"Location": f"/sessions/{session_id}", **standing})

    async def _create(self, request: Request, asked: Asked, pipeline: str) -> tuple[CreateRunResponse, dict[str, str]]:
        run = asked.to_run(pipeline, request.headers.get("idempotency-key", ""))
        try:
            return await create(self._upstream, run)
        except Problem as refusal:  # in the words of this body
            named = ((field.removeprefix("options."), text) for field, text in refusal.violations.items())
            refusal.violations = {field.replace("sources", "databases"): text for field, text in named}
            raise


def ended(frame: Said) -> Said:
    """Return how a session ended, from its last frame."""
    names = ("session_id", "outcome", "summary", "clarification", "seconds")
    return {"status": frame.get("type"), **{name: frame[name] for name in names if name in frame}}


def failure(frame: Said) -> Problem:
    """Return the problem that says why a session failed."""
    suggestion = " ".join(frame["suggestions"])
    about = {"session_id": frame["session_id"], "suggestion": suggestion}
    return problem(frame["reason"], frame["message"], retryable=frame["retryable"], **about)
