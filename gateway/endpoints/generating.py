"""Exercises' own routes: make one of a topic, as a stream of its steps or whole; and the models that take part."""

from contextlib import aclosing
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from gateway.dialects import Generate
from gateway.endpoints.asked import schema, wrong
from gateway.endpoints.ended import failure
from gateway.endpoints.events import NOTHING_MORE, TOO_MANY_STREAMS, TOO_MANY_WAIT, Events
from gateway.endpoints.panel import TOKEN
from gateway.endpoints.runs import IDEMPOTENCY, TOO_MANY, create
from gateway.operations import Operation, Parameter
from gateway.problems import Problem, invalid
from gateway.requests import json_object
from gateway.responses import json_response
from gateway.upstream import Upstream
from levada.v1.catalog_service_pb2 import ListModelsRequest
from levada.v1.run_pb2 import AssessmentParameters, RunOptions, RunRequest
from levada.v1.run_service_pb2 import CreateRunResponse

STREAM = "/api/generate-stream"
NUMBERS = ("max_attempts", "seed")
FINAL: dict[str, Any] = {
    "type": "object",
    "required": ["success", "differentiation_achieved", "total_attempts", "stopped_at_step", "assessment", "metadata"],
    "properties": {
        "success": {"type": "boolean"},
        "differentiation_achieved": {"type": "boolean"},
        "total_attempts": {"type": "integer"},
        "stopped_at_step": {"type": "integer", "description": "The last step that was taken, 1 to 7."},
        "assessment": {"type": ["object", "null"], "description": "title, difficulty, content_type, code, errors."},
        "metadata": {"type": "object"},
    },
}
MODELS: dict[str, Any] = {
    "type": "object",
    "properties": {
        "models": {
            "type": "object",
            "description": "By role: default, strong, mid, weak, fast. A role that is not here uses the default's.",
            "additionalProperties": {"type": "object"},
        }
    },
}
COME_BACK = Parameter(
    "Last-Event-ID",
    "Go on with the stream that gave this id, RUN:NUMBER; browsers send it when they come back.",
    "header",
)


class Wanted(BaseModel):
    """An exercise to be made."""

    model_config = ConfigDict(extra="forbid", strict=True)

    topic: str = Field(description="What it is about.")
    max_attempts: int = Field(3, ge=1, le=5, description="How often a challenge is made, answered and judged at most.")
    difficulty: str = Field("", description="Beginner, Intermediate or Advanced; chosen at random when empty.")
    sub_topic: str = Field("", description="Chosen at random when empty.")
    seed: int | None = Field(
        None, ge=-(2**63), lt=2**63, description="Makes the random choice one that can be repeated."
    )

    @classmethod
    def of(cls, value: dict[str, Any]) -> Self:
        """Return what is wanted. Raises Problem."""
        try:
            return cls.model_validate(value)
        except ValidationError as error:
            raise wrong(error, cls) from None

    def to_run(self, request_id: str) -> RunRequest:
        return RunRequest(
            pipeline="assessment",
            question=self.topic,
            request_id=request_id,
            options=RunOptions(interactive=False, max_attempts=self.max_attempts),
            assessment=AssessmentParameters(difficulty=self.difficulty, sub_topic=self.sub_topic, seed=self.seed),
        )


class Generating:
    def __init__(self, upstream: Upstream, events: Events) -> None:
        self._upstream = upstream
        self._events = events

    def operations(self) -> list[Operation]:
        fields = schema(Wanted)["properties"]
        parameters = [
            Parameter(name, field["description"], kind="integer" if name in NUMBERS else "string")
            for name, field in fields.items()
        ]
        return [
            Operation(
                "GET",
                STREAM,
                "Make an exercise of a topic, and watch: named events start, step, done, error.",
                self._stream,
                parameters=(*parameters, COME_BACK, TOKEN),
                media="text/event-stream",
                description="The result is a step of type final. Ids are RUN:NUMBER, so that a browser that comes back "
                "goes on with the same run.",
                makes=True,
                others=(NOTHING_MORE, (429, f"{TOO_MANY} Or: {TOO_MANY_STREAMS[1]}")),
            ),
            Operation(
                "POST",
                "/api/generate",
                "Make an exercise of a topic; the result comes once it is there.",
                self._whole,
                schema(Wanted),
                FINAL,
                parameters=(IDEMPOTENCY,),
                others=((429, f"{TOO_MANY} Or: {TOO_MANY_WAIT}"),),
            ),
            Operation("GET", "/api/models", "List the models by the role that they have.", self._models, gives=MODELS),
        ]

    async def _stream(self, request: Request) -> ASGIApp:
        if request.method == "HEAD":  # looks, and makes nothing
            return Response(media_type="text/event-stream")
        standing: dict[str, str] = {}
        last = request.headers.get("last-event-id", "")
        run_id = last.rpartition(":")[0]
        if last and not run_id:  # going on with nothing would make another run
            raise invalid("Last-Event-ID", "Last-Event-ID is none that this stream gave; they are RUN:NUMBER.")
        if not run_id:
            wanted = Wanted.of(asked(request))
            created, standing = await self._create(wanted, "")
            run_id = created.run.run_id
        request.path_params["run_id"] = run_id
        headers = {"Location": f"/v1/runs/{run_id}", **standing}
        return await self._events.stream(request, "generate", headers, within=run_id)

    async def _whole(self, request: Request) -> Response:
        wanted = Wanted.of(await json_object(request))
        created, standing = await self._create(wanted, request.headers.get("idempotency-key", ""))
        dialect, final = Generate(), None
        async with aclosing(self._events.to_the_end(request, created.run)) as events:
            async for event in events:
                for _, said in dialect.say(event):
                    final = said if said.get("type") == "final" else final
                if final is None and (problem := failure(event)):
                    raise problem
        body = {name: value for name, value in (final or {}).items() if name != "type"}
        return json_response({**body, "run_id": created.run.run_id}, headers=standing)

    async def _models(self, request: Request) -> Response:
        found = await self._upstream.call(self._upstream.catalog.ListModels, ListModelsRequest())
        models = {
            role: {"model": model.name, "provider": model.provider, "problem": model.problem or None}
            for model in found.models
            for role in model.roles
        }
        return json_response({"models": models})

    async def _create(self, wanted: Wanted, request_id: str) -> tuple[CreateRunResponse, dict[str, str]]:
        try:
            return await create(self._upstream, wanted.to_run(request_id))
        except Problem as problem:  # in the words of this body
            named = ((field.removeprefix("assessment."), text) for field, text in problem.violations.items())
            problem.violations = {field.replace("question", "topic"): text for field, text in named}
            raise


def asked(request: Request) -> dict[str, Any]:
    """Return what the query string asks for, with whole numbers where they are wanted. Raises Problem."""
    value: dict[str, Any] = {name: text for name, text in request.query_params.items() if name != "token"}
    for name in NUMBERS:
        if text := value.pop(name, ""):
            digits = text.removeprefix("-")
            if not (digits.isascii() and digits.isdigit() and len(digits) < 20):
                raise invalid(name, f"{name} must be a whole number.")
            value[name] = int(text)
    return value
