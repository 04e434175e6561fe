"""Workflows: make one, execute it, watch or ask how far it is, cancel it. A workflow is a run, held until executed.

Executing is safe to repeat: a workflow that is executed already is not executed again. Whoever waits for it is told
how that one ends, or ended.
"""

from collections.abc import Iterator
from contextlib import aclosing, contextmanager
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from gateway.dialects import Workflow
from gateway.endpoints.asked import schema
from gateway.endpoints.boards import Boards
from gateway.endpoints.events import AFTER, NOTHING_MORE, TOO_MANY_STREAMS, TOO_MANY_WAIT, Events
from gateway.endpoints.panel import TOKEN
from gateway.endpoints.planned import Planned, in_words_of_the_body
from gateway.endpoints.runs import IDEMPOTENCY, TOO_MANY, create
from gateway.endpoints.standing import STATUSES, WORKFLOW, progress, ran, states, status, workflow
from gateway.operations import Operation, Parameter
from gateway.problems import Problem, invalid
from gateway.requests import number
from gateway.responses import json_response
from gateway.upstream import Upstream
from levada.v1 import run_service_pb2 as pb
from levada.v1.run_pb2 import Run

LIST: dict[str, Any] = {
    "type": "object",
    "required": ["workflows", "next_page_token"],
    "properties": {"workflows": {"type": "array", "items": WORKFLOW}, "next_page_token": {"type": "string"}},
}
PAGE = (
    Parameter("page_size", "Workflows to return at most, 1 to 1,000; 50 when left out.", kind="integer"),
    Parameter("page_token", "next_page_token of the page before."),
    Parameter("status", f"Only workflows of this status: {', '.join(STATUSES)}; may be repeated."),
)
STREAM = Parameter(
    "stream", "true: do not wait, but say at once where it can be watched (202, metadata.stream_url).", kind="boolean"
)
NOT_FOUND = (404, "Workflow not found.")


class Workflows:
    def __init__(self, upstream: Upstream, events: Events) -> None:
        self._upstream = upstream
        self._events = events
        self._boards = Boards(upstream)

    def operations(self) -> list[Operation]:
        at, all_of_it = "/api/v1/workflows/{workflow_id}", "/api/v1/workflows/"
        takes = schema(Planned)
        make = "Make a workflow of tasks, or of an objective whose tasks are found out. It waits to be executed."
        execute = (
            "Execute a workflow; the results come once it is over. One that was executed is not executed again: "
            "how that ends, or ended, is told."
        )
        watch = "Watch a workflow: named events of it, its iterations and its tasks, from its beginning on."
        gives, gone = WORKFLOW, (NOT_FOUND,)
        streaming = (*gone, NOTHING_MORE, TOO_MANY_STREAMS)
        return [
            Operation(
                "POST", all_of_it, make, self._make, takes, gives, 201, (IDEMPOTENCY,), others=((429, TOO_MANY),)
            ),
            Operation("GET", all_of_it, "List workflows, newest first.", self._list, None, LIST, parameters=PAGE),
            Operation("GET", at, "Get a workflow with its tasks.", self._get, gives=gives, others=gone),
            Operation(
                "POST",
                f"{at}/execute",
                execute,
                self._execute,
                gives=gives,
                parameters=(STREAM,),
                others=(
                    *gone,
                    (202, "It is executed from here on: status, and metadata.stream_url."),
                    (429, TOO_MANY_WAIT),
                ),
            ),
            Operation(
                "GET",
                f"{at}/stream",
                watch,
                self._stream,
                parameters=(*AFTER, TOKEN),
                media="text/event-stream",
                others=streaming,
            ),
            Operation("GET", f"{at}/status", "See how far it is.", self._status, gives=gives, others=gone),
            Operation(
                "POST",
                f"{at}/cancel",
                "Cancel a workflow.",
                self._cancel,
                gives=gives,
                others=(*gone, (409, "It is over already.")),
            ),
        ]

    async def _make(self, request: Request) -> Response:
        planned = await Planned.of(request)
        run = planned.to_run(request.headers.get("idempotency-key", ""))
        try:
            created, standing = await create(self._upstream, run)
        except Problem as problem:
            raise in_words_of_the_body(problem) from None
        headers = {"Location": f"/api/v1/workflows/{created.run.run_id}", **standing}
        return json_response(workflow(created.run, await self._boards.of(created.run)), 201, headers)

    async def _list(self, request: Request) -> Response:
        query = request.query_params
        asked = pb.ListRunsRequest(
            page_size=min(number(request, "page_size"), 2**31 - 1),
            page_token=query.get("page_token", ""),
            states=dict.fromkeys(state for word in query.getlist("status") for state in states(word)),
        )
        found = await self._upstream.call(self._upstream.runs.ListRuns, asked)
        wanted = query.getlist("status")
        workflows = [workflow(run) for run in found.runs if not wanted or status(run) in wanted]
        return json_response({"workflows": workflows, "next_page_token": found.next_page_token})

    async def _get(self, request: Request) -> Response:
        run = await self._run(request)
        return json_response(workflow(run, await self._boards.of(run)))

    async def _status(self, request: Request) -> Response:
        run = await self._run(request)
        return json_response(progress(run, await self._boards.of(run)))

    async def _execute(self, request: Request) -> Response:
        streams = request.query_params.get("stream", "false").lower()
        if streams not in ("true", "false", "1", "0"):
            raise invalid("stream", "stream is either true or false.")
        run = await self._going(request)
        if streams in ("true", "1"):
            return json_response(workflow(run), 202)
        told, dialect = None, Workflow()
        async with aclosing(self._events.to_the_end(request, run)) as events:
            async for event in events:
                told = dialect.say(event) or told
        return json_response(ran(await self._run(request), dialect.board, told))

    async def _going(self, request: Request) -> Run:
        """Return the workflow, which goes on from here on, unless it was executed before."""
        run = await self._run(request)
        if not run.pause_by:
            return run
        asked = pb.ResumeRunRequest(run_id=run.run_id)
        try:
            run = (await self._upstream.call(self._upstream.runs.ResumeRun, asked)).run
        except Problem as problem:
            if problem.reason not in ("RUN_NOT_PAUSED", "RUN_ENDED"):  # somebody else was faster
                raise
            run = await self._run(request)
        return run

    async def _stream(self, request: Request) -> ASGIApp:
        request.path_params["run_id"] = request.path_params["workflow_id"]
        with naming():
            return await self._events.stream(request, "workflow")

    async def _cancel(self, request: Request) -> Response:
        asked = pb.CancelRunRequest(run_id=request.path_params["workflow_id"], cause="Cancelled by the user.")
        with naming():
            run = (await self._upstream.call(self._upstream.runs.CancelRun, asked)).run
        return json_response(workflow(run))

    async def _run(self, request: Request) -> Run:
        asked = pb.GetRunRequest(run_id=request.path_params["workflow_id"])
        with naming():
            run: Run = (await self._upstream.call(self._upstream.runs.GetRun, asked)).run
        return run


@contextmanager
def naming() -> Iterator[None]:
    """Call a run that there is not what it is called here."""
    try:
        yield
    except Problem as problem:
        if problem.status == 404:
            problem.detail = "Workflow not found"
        raise
