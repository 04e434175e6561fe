"""Agents' own routes: a message is answered by several of them, as a stream of named events or whole."""

from contextlib import aclosing
from typing import Any, Literal

from pydantic import AliasChoices, Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from gateway.dialects import Agents
from gateway.endpoints.asked import Body, schema
from gateway.endpoints.ended import failure
from gateway.endpoints.events import AFTER, NOTHING_MORE, TOO_MANY_STREAMS, TOO_MANY_WAIT, Events
from gateway.endpoints.panel import TOKEN
from gateway.endpoints.questions import AGAIN
from gateway.endpoints.runs import IDEMPOTENCY, TOO_MANY, create
from gateway.operations import Operation
from gateway.problems import Problem, invalid
from gateway.responses import json_response
from gateway.upstream import Upstream
from levada.v1.run_pb2 import AgentsParameters, RunOptions, RunRequest
from levada.v1.run_service_pb2 import CreateRunResponse

PATH = "/api/streaming/multi-agent"
ANSWER: dict[str, Any] = {
    "type": "object",
    "required": ["run_id", "response", "partial"],
    "properties": {
        "run_id": {"type": "string"},
        "response": {"type": "string", "description": "Markdown."},
        "partial": {"type": "boolean"},
        "agents": {"type": "array", "items": {"type": "object"}, "description": "What each agent said."},
        "interactions": {"type": "array", "items": {"type": "object"}},
        "metadata": {"type": "object"},
    },
}


class Said(Body):
    """A message, and who is to answer it."""

    message: str = Field(description="The message.", validation_alias=AliasChoices("message", "query"))
    conversation_id: str = Field("", description="The conversation that it belongs to.")
    primary_agent: str = Field("", description="Who answers; chosen by capability when empty.")
    supporting_agents: list[str] = Field([], description="Who helps; chosen by capability when empty.")
    mode: Literal["sequential", "parallel", "collaborative", "debate"] = Field(
        "collaborative",
        description="How they work together.",
        validation_alias=AliasChoices("mode", "coordination_mode"),
    )
    sources: list[str] = Field([], description="Sources that they may ask; all when empty.")

    def to_run(self, request_id: str) -> RunRequest:
        """Return the run that answers it. These routes have no way to answer what a run asks, so it asks nothing."""
        agents = AgentsParameters(
            mode=f"AGENTS_MODE_{self.mode.upper()}",
            primary_agent=self.primary_agent,
            supporting_agents=self.supporting_agents,
        )
        return RunRequest(
            pipeline="agents",
            question=self.message,
            sources=self.sources,
            conversation_id=self.conversation_id,
            request_id=request_id,
            options=RunOptions(interactive=False),
            agents=agents,
        )


class Conversing:
    def __init__(self, upstream: Upstream, events: Events) -> None:
        self._upstream = upstream
        self._events = events

    def operations(self) -> list[Operation]:
        takes, streaming = schema(Said), (NOTHING_MORE, (429, f"{TOO_MANY} Or: {TOO_MANY_STREAMS[1]}"))
        words = "named events agent_start, agent_chunk, agent_complete, interaction, progress, error, complete"
        return [
            Operation(
                "POST",
                PATH,
                "Have agents answer a message; the answer comes once it is whole.",
                self._answer,
                takes,
                ANSWER,
                parameters=(IDEMPOTENCY,),
                others=((429, f"{TOO_MANY} Or: {TOO_MANY_WAIT}"),),
            ),
            Operation(
                "POST",
                f"{PATH}/stream",
                f"Have agents answer a message, and watch: {words}.",
                self._ask,
                takes,
                parameters=(IDEMPOTENCY, AGAIN, TOKEN),
                media="text/event-stream",
                others=streaming,
            ),
            Operation(
                "GET",
                f"{PATH}/{{run_id}}/stream",
                "Go on watching agents, from an event or from the beginning.",
                self._watch,
                parameters=(*AFTER, TOKEN),
                media="text/event-stream",
                others=streaming,
            ),
        ]

    async def _answer(self, request: Request) -> Response:
        created, standing = await self._create(request)
        dialect, agents = Agents(), {}
        last: dict[str, Any] = {}
        async with aclosing(self._events.to_the_end(request, created.run)) as events:
            async for event in events:
                for last in dialect.say(event):
                    if last["type"] == "agent_complete":
                        agents[event.step] = {name: last[name] for name in last if name not in ("type", "attempt")}
                if problem := failure(event):
                    raise problem
        told = ("run_id", "response", "partial", "interactions", "metadata")
        body: dict[str, Any] = {name: last[name] for name in told if name in last}
        return json_response({**body, "agents": list(agents.values())}, headers=standing)

    async def _ask(self, request: Request) -> ASGIApp:
        if request.headers.get("last-event-id") and not request.headers.get("idempotency-key"):
            detail = (
                "Last-Event-ID goes on with a stream, but without the Idempotency-Key that began it this would be "
                f"another message. Send both, or GET {PATH}/{{run_id}}/stream."
            )
            raise invalid("Last-Event-ID", detail)
        created, standing = await self._create(request)
        request.path_params["run_id"] = run_id = created.run.run_id
        return await self._events.stream(request, "agents", {"Location": f"{PATH}/{run_id}/stream", **standing})

    async def _watch(self, request: Request) -> ASGIApp:
        return await self._events.stream(request, "agents")

    async def _create(self, request: Request) -> tuple[CreateRunResponse, dict[str, str]]:
        said = await Said.of(request)
        try:
            return await create(self._upstream, said.to_run(request.headers.get("idempotency-key", "")))
        except Problem as problem:  # in the words of this body
            named = ((field.removeprefix("agents."), text) for field, text in problem.violations.items())
            problem.violations = {field.replace("question", "message"): text for field, text in named}
            raise
