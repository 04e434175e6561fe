"""Runs under /v1/runs: make them, look at them, steer them."""

from collections.abc import Callable
from typing import Any

from google.protobuf.message import Message
from starlette.requests import Request
from starlette.responses import Response

from gateway.operations import Handler, Operation, Parameter
from gateway.problems import Problem, invalid
from gateway.proto_json import to_dict, to_json
from gateway.requests import number, read
from gateway.responses import json_response
from gateway.upstream import Upstream
from levada.v1 import run_service_pb2 as pb
from levada.v1.run_pb2 import InputAnswer, RunRequest, RunState

CREATED = {
    "type": "object",
    "required": ["run", "streamUrl"],
    "properties": {
        "run": {"$ref": "#/components/schemas/Run"},
        "streamUrl": {"type": "string", "description": "Where the run's events are."},
    },
}
TOO_MANY = (
    "The caller or their tenant has made as many runs as they may in a minute, or the queue is full; Retry-After says "
    "when to come back. RateLimit-Policy, RateLimit and X-RateLimit-* (Reset: seconds since 1970) say how the caller "
    "stands, also with a run that is made."
)
IDEMPOTENCY = Parameter("Idempotency-Key", "The same as requestId in the body.", "header")
PAGE = (
    Parameter("pageSize", "Runs to return at most, 1 to 1,000; 50 when left out.", kind="integer"),
    Parameter("pageToken", "nextPageToken of the page before."),
    Parameter("states", "Only runs in these states, for instance RUN_STATE_RUNNING; may be repeated."),
    Parameter("conversationId", "Only runs of this conversation."),
)


class Runs:
    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream

    def operations(self) -> list[Operation]:
        stub = self._upstream.runs
        steer = self._steer
        return [
            Operation(
                "POST",
                "/v1/runs",
                "Ask: make a run. 200 in place of 201 when its request id was known.",
                self._create,
                RunRequest,
                CREATED,
                201,
                (IDEMPOTENCY,),
                others=((429, TOO_MANY),),
            ),
            Operation("GET", "/v1/runs", "List runs, newest first.", self._list, None, pb.ListRunsResponse, 200, PAGE),
            Operation("GET", "/v1/runs/{run_id}", "Get a run.", self._get, None, pb.GetRunResponse),
            steer("cancel", "Cancel a run.", stub.CancelRun, pb.CancelRunRequest, pb.CancelRunResponse),
            steer("pause", "Pause a run.", stub.PauseRun, pb.PauseRunRequest, pb.PauseRunResponse),
            steer("resume", "Resume a paused run.", stub.ResumeRun, pb.ResumeRunRequest, pb.ResumeRunResponse),
            Operation(
                "POST",
                "/v1/runs/{run_id}:respond",
                "Answer what a run asked.",
                self._respond,
                InputAnswer,
                pb.RespondToRunResponse,
            ),
            Operation(
                "POST",
                "/v1/runs/{run_id}:fork",
                "Make a run from a completed step of another. 200 in place of 201 when its request id was known.",
                self._fork,
                pb.ForkRunRequest,
                CREATED,
                201,
                (IDEMPOTENCY,),
                others=((429, TOO_MANY),),
            ),
        ]

    async def _create(self, request: Request) -> Response:
        run = await read(request, RunRequest())
        take_key(request, run)
        return made(*await create(self._upstream, run))

    async def _fork(self, request: Request) -> Response:
        asked = await read(request, pb.ForkRunRequest())
        take_run(request, asked)
        take_key(request, asked)
        return made(*await self._upstream.told(self._upstream.runs.ForkRun, asked))

    async def _list(self, request: Request) -> Response:
        query = request.query_params
        asked = pb.ListRunsRequest(
            page_size=min(number(request, "pageSize"), 2**31 - 1),
            page_token=query.get("pageToken", ""),
            states=[state(name) for name in query.getlist("states")],
            conversation_id=query.get("conversationId", ""),
        )
        return json_response(to_json(await self._upstream.call(self._upstream.runs.ListRuns, asked)))

    async def _get(self, request: Request) -> Response:
        asked = pb.GetRunRequest(run_id=request.path_params["run_id"])
        return json_response(to_json(await self._upstream.call(self._upstream.runs.GetRun, asked)))

    async def _respond(self, request: Request) -> Response:
        answer = await read(request, InputAnswer())
        asked = pb.RespondToRunRequest(run_id=request.path_params["run_id"], answer=answer)
        return json_response(to_json(await self._upstream.call(self._upstream.runs.RespondToRun, asked)))

    def _steer(
        self, verb: str, summary: str, method: Any, takes: Callable[..., Message], gives: type[Message]
    ) -> Operation:
        """Return the operation POST /v1/runs/{run_id}:VERB, whose body is the request without the run's id."""

        async def handle(request: Request) -> Response:
            asked: Any = await read(request, takes())
            take_run(request, asked)
            answer, standing = await self._upstream.told(method, asked)
            return json_response(to_json(answer), headers=standing)

        handler: Handler = handle
        return Operation("POST", f"/v1/runs/{{run_id}}:{verb}", summary, handler, takes, gives)  # type: ignore[arg-type]


def take_run(request: Request, asked: Any) -> None:
    """Take the run's id from the path."""
    run_id = request.path_params["run_id"]
    if asked.run_id not in ("", run_id):
        raise invalid("runId", "runId in the body differs from the one in the path.")
    asked.run_id = run_id


def take_key(request: Request, asked: RunRequest | pb.ForkRunRequest) -> None:
    """Take the request's id from its header."""
    key = request.headers.get("idempotency-key", "")
    if key and asked.request_id not in ("", key):
        raise invalid("requestId", "Idempotency-Key and requestId differ; send one of them, or the same twice.")
    asked.request_id = asked.request_id or key


def made(created: pb.CreateRunResponse | pb.ForkRunResponse, standing: dict[str, str]) -> Response:
    url = f"/v1/runs/{created.run.run_id}"
    body = {"run": to_dict(created.run), "streamUrl": f"{url}/events"}
    return json_response(body, 200 if created.existed else 201, {"Location": url, **standing})


async def create(upstream: Upstream, run: RunRequest) -> tuple[pb.CreateRunResponse, dict[str, str]]:
    """Create a run, and return with it the headers of `Upstream.told`.

    Fields are named in problems as in the body, where the request stands by itself.
    """
    try:
        return await upstream.told(upstream.runs.CreateRun, pb.CreateRunRequest(run=run))
    except Problem as problem:
        problem.violations = {field.removeprefix("run."): text for field, text in problem.violations.items()}
        raise


def state(name: str) -> str:
    if name not in RunState.keys():  # noqa: SIM118 an enum of protobuf's is no mapping
        known = ", ".join(RunState.keys()[1:])
        raise invalid("states", f"There is no state {name[:50]!r}; there is {known}.")
    return name
