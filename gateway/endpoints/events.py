"""A run's events: as a stream, or as JSON pages for those who poll."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from functools import partial
from urllib.parse import quote

from google.protobuf.duration_pb2 import Duration
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from gateway.dialects import DIALECTS
from gateway.following import to_the_end
from gateway.hub import Hub
from gateway.operations import Operation, Parameter
from gateway.problems import Problem, invalid
from gateway.proto_json import to_json
from gateway.requests import cursor, number, parsed, said
from gateway.responses import json_response
from gateway.several import SeveralStream
from gateway.sse import EventStream
from gateway.upstream import Upstream
from levada.v1 import run_service_pb2 as pb
from levada.v1.event_pb2 import Event
from levada.v1.run_pb2 import RUN_STATE_CANCELLED, RUN_STATE_COMPLETED, RUN_STATE_FAILED, Run

# Seconds that a page waits for an event, so that nothing on the way gives up first.
LONGEST_WAIT = 20
ENDED = {RUN_STATE_COMPLETED, RUN_STATE_FAILED, RUN_STATE_CANCELLED}
AFTER = (
    Parameter("after", "Go on after this event's number.", kind="integer"),
    Parameter("Last-Event-ID", "The same, as browsers send it; it wins.", "header"),
)
PAGES = (
    Parameter("dialect", f"Vocabulary of the stream: {', '.join(DIALECTS)}."),
    Parameter("limit", "With Accept: application/json, events to return at most, 1 to 1,000.", kind="integer"),
    Parameter(
        "wait", "With Accept: application/json, seconds to wait for an event when there is none.", kind="integer"
    ),
)
MOST_RUNS = 50
RUN = Parameter("run", f"ID:AFTER, a run and the number to go on after; may be repeated, up to {MOST_RUNS} times.")
TOO_MANY_STREAMS = (
    429,
    "The caller, or their tenant, has as many streams open as they may. EventSource stops then, without saying why.",
)
TOO_MANY_WAIT = (
    "The caller, or their tenant, has as many streams open as they may, and whoever waits for a whole answer holds one "
    "of them. The run goes on, and metadata names it."
)
NOTHING_MORE = (204, "The cursor stands at the run's last event, so that EventSource stops.")


class Events:
    def __init__(self, upstream: Upstream, hub: Hub) -> None:
        self._upstream = upstream
        self._hub = hub

    def operations(self) -> list[Operation]:
        summary = "Watch a run's events, live or after its end; with Accept: application/json, a page of them."
        return [
            Operation(
                "GET",
                "/v1/runs/{run_id}/events",
                summary,
                self._events,
                gives=pb.ListRunEventsResponse,
                parameters=AFTER + PAGES,
                media="text/event-stream",
                others=(NOTHING_MORE, TOO_MANY_STREAMS),
            ),
            Operation(
                "GET",
                "/v1/events",
                "Watch several runs over one connection: their events as they come, each with its runId. A run that "
                "has ended is told by `ended` {runId}, one that can't be watched by `refused` {runId and a problem's "
                "members}, events that are no longer held by `gap` {runId, oldestSequence}. The stream ends with the "
                "last run. Ids are numbers within a run: come back with those of each.",
                self._several,
                parameters=(RUN,),
                media="text/event-stream",
            ),
        ]

    async def _several(self, request: Request) -> ASGIApp:
        return SeveralStream(self._hub, positions(request.query_params.getlist("run")))

    async def _events(self, request: Request) -> ASGIApp:
        if wants_json(request):
            return await self._page(request)
        return await self.stream(request, said(request, "dialect", "native"))

    async def stream(
        self, request: Request, dialect: str, headers: Mapping[str, str] | None = None, *, within: str = ""
    ) -> ASGIApp:
        """Return the answer that streams the run in the path, with *headers* of its own too. Raises Problem.

        Its ids name the run *within* which they count, if that is given.
        """
        if dialect not in DIALECTS:
            raise invalid("dialect", f"There is no dialect {dialect[:50]!r}; there is {', '.join(DIALECTS)}.")
        run_id, after = request.path_params["run_id"], cursor(request, within)
        check = partial(readable, self._upstream, run_id, after)
        # Else the watch itself says all this, and a stream is opened without a call of its own.
        if DIALECTS[dialect].remembers or not self._hub.connected:
            run = await check()
            if after == run.last_sequence and run.state in ENDED:
                return Response(status_code=204)
        return EventStream(self._hub, run_id, after, DIALECTS[dialect](), check, headers, within)

    def to_the_end(self, request: Request, run: Run) -> AsyncGenerator[Event, None]:
        """Return the events of *run* up to its end, for whoever waits for its answer. They raise Problem."""
        return to_the_end(self._hub, run.run_id, request.scope["levada.connection"])

    async def _page(self, request: Request) -> Response:
        run_id, after = request.path_params["run_id"], cursor(request)
        limit, wait = min(number(request, "limit"), 2**31 - 1), min(number(request, "wait"), LONGEST_WAIT)
        asked = pb.ListRunEventsRequest(
            run_id=run_id, after_sequence=after, page_size=limit, wait=Duration(seconds=wait)
        )
        found = await self._upstream.call(self._upstream.runs.ListRunEvents, asked)
        headers = {}
        if not found.ended:
            last = found.events[-1].sequence if found.events else after
            headers["Link"] = f'{following(run_id, last, limit, wait)}; rel="next"'
            if not found.events and not wait:
                headers["Retry-After"] = "1"
        return json_response(to_json(found), headers=headers)


async def readable(upstream: Upstream, run_id: str, after: int) -> Run:
    """Return the run, when it may be read after that number. Raises Problem."""
    run: Run = (await upstream.call(upstream.runs.GetRun, pb.GetRunRequest(run_id=run_id))).run
    if after > run.last_sequence:
        detail = f"The run's last event has number {run.last_sequence}; go on after that one or an earlier one."
        metadata = {"last_sequence": str(run.last_sequence)}
        raise Problem(400, "CURSOR_AHEAD", detail, violations={"after": detail}, metadata=metadata)
    return run


def following(run_id: str, after: int, limit: int, wait: int) -> str:
    """Return where the next page is, in angle brackets."""
    said = {"after": after, "limit": limit, "wait": wait}
    query = "&".join(f"{name}={value}" for name, value in said.items() if value or name == "after")
    return f"</v1/runs/{quote(run_id, safe='')}/events?{query}>"


def positions(runs: Sequence[str]) -> dict[str, int]:
    """Return each run's id with the number to go on after."""
    if not 1 <= len(runs) <= MOST_RUNS:
        raise invalid("run", f"Name 1 to {MOST_RUNS} runs, each as run=ID:AFTER.")
    found: dict[str, int] = {}
    for text in runs:
        run_id, _, after = text.rpartition(":")
        if not run_id or run_id in found:
            raise invalid("run", f"{text[:100]!r} is not ID:AFTER of a run that was not named before.")
        found[run_id] = parsed(after, "run")
    return found


def wants_json(request: Request) -> bool:
    accept = request.headers.get("accept", "")
    return "application/json" in accept and "text/event-stream" not in accept
