"""A run within a step: another pipeline's story, told as part of the run that asks it something of its own.

Its steps nest in the step that makes it and are checkpoints of their own. Budget, time, pause and cancel are the run's.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import wraps
from typing import Any

from google.protobuf.message import Message

from core import pipeline
from core.errors import LevadaError
from core.pipeline import Run, Step, StepSpec
from levada.v1 import event_pb2 as events
from levada.v1.run_pb2 import InputAnswer, RunOptions, RunRequest

# Where payloads name something that the inner story counts from one again.
IDS = ("query_id", "operation_id", "table_id")
# A run has one answer and one report, its own: what a part of it says is what it contributes.
CONTRIBUTED = (events.CHANNEL_ANSWER, events.CHANNEL_REPORT)
LONGEST = 200


def asking(outer: RunRequest, question: str, sources: tuple[str, ...] = ()) -> RunRequest:
    """Return what a story within a run is asked: *question*, of *sources*, or those of the run if none are named.

    It asks nobody which reading is meant, unless the run wants its queries approved, so that somebody is there.
    """
    options = RunOptions()
    options.CopyFrom(outer.options)
    options.interactive = outer.options.require_approval and (
        outer.options.interactive or not outer.options.HasField("interactive")
    )
    return RunRequest(question=question, sources=sources or outer.sources, options=options)


def asking_step(name: str, question: str) -> StepSpec:
    """Return the step of one question, whose story nests in it.

    How it fails stands: else what it does once the run goes on would be taken for what the questions after it did.
    """
    title = question if len(question) <= LONGEST else f"{question[: LONGEST - 1]}…"
    return StepSpec(
        name=name,
        title=title,
        doing=title,
        icon="❓",
        category=events.CATEGORY_ACTION,
        progress=0.0,
        conditional=True,
        kind="ask",
        final=True,
    )


class Within:
    """A run (core.pipeline.Run) that *step* hands to another pipeline's story, with a *request* of its own.

    *name*, unique within the run, stands before the ids of queries, operations and tables that it tells.
    """

    def __init__(self, step: Step, request: RunRequest, *, name: str) -> None:
        self._outer = step.run
        self._name = name
        self.request = request
        self.id, self.owner, self.services = step.run.id, step.run.owner, step.run.services
        self.attempts = step.run.attempts

    def called(self, own: str) -> str:
        """Return how the run calls what the inner story calls *own*; nothing stays nothing."""
        return f"{self._name}.{own}" if own else ""

    async def step(self, fn: Callable[..., Awaitable[Any]], *args: Any, **kwargs: Any) -> Any:
        @wraps(fn)
        async def work(step: Step, *args: Any, **kwargs: Any) -> Any:
            return await fn(Inner(step, self), *args, **kwargs)

        spec: StepSpec = fn.spec  # type: ignore[attr-defined]
        return await self._outer.step(pipeline.step(replace(spec, conditional=True))(work), *args, **kwargs)

    def estimate(self, spec: StepSpec) -> float | None:
        return self._outer.estimate(spec)

    def skip(self, spec: StepSpec, cause: str) -> None:
        self._outer.skip(replace(spec, conditional=True), cause)

    async def ask(self, request: events.InputRequested) -> InputAnswer:
        asked = events.InputRequested()
        asked.CopyFrom(request)
        asked.input_id = self.called(request.input_id)
        return await self._outer.ask(asked)

    def told(self, payload: Message) -> Message | None:
        """Return *payload* as the run tells it; None for what only a run of its own would."""
        match payload:
            case events.FollowUps():
                return None
            case events.TextCompleted(channel=channel) if channel in CONTRIBUTED:
                return events.TextCompleted(channel=events.CHANNEL_CONTRIBUTION, text=payload.text)
            case events.SourcesSelected():
                # The steps ahead are not the run's.
                return events.SourcesSelected(sources=payload.sources, cause=payload.cause)
        return self._named(payload)

    def _named(self, payload: Message) -> Message:
        named = type(payload)()
        named.CopyFrom(payload)
        for field in IDS:
            if field in payload.DESCRIPTOR.fields_by_name:
                setattr(named, field, self.called(getattr(payload, field)))
        match named:
            case events.PlanDrafted():
                self._name_operations([named.operation])
            case events.PlanValidated():
                self._name_operations(named.operations)
        return named

    def _name_operations(self, operations: Any) -> None:
        for operation in operations:
            operation.operation_id = self.called(operation.operation_id)
            operation.depends_on[:] = map(self.called, operation.depends_on)


class Inner:
    """A step (core.pipeline.Step) of a story within a run."""

    def __init__(self, step: Step, run: Within) -> None:
        self._step = step
        self.name, self.attempt = step.name, step.attempt
        self.run: Run = run
        self._within = run

    def emit(self, payload: Message) -> None:
        told = self._within.told(payload)
        if told is not None:
            self._step.emit(told)

    def text(self, channel: events.Channel, delta: str) -> None:
        self._step.text(events.CHANNEL_CONTRIBUTION if channel in CONTRIBUTED else channel, delta)

    def progress(self, message: str, fraction: float | None = None, *, lasting: bool = False) -> None:
        self._step.progress(message, fraction, lasting=lasting)

    def summary(self, text: str) -> None:
        self._step.summary(text)

    def failed(self, error: LevadaError, *, will_retry: bool = True) -> None:
        self._step.failed(error, will_retry=will_retry)

    async def flush(self) -> None:
        await self._step.flush()
