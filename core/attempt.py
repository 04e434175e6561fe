"""One attempt of one step: what the function that does its work says through it."""

import time
from collections.abc import Iterator
from contextvars import ContextVar
from typing import TYPE_CHECKING

from google.protobuf.message import Message

from core import model_calls
from core.clock import Clock
from core.errors import LevadaError
from core.identity import sees_prompts
from core.models.calls import Call
from core.pipeline import StepSpec
from levada.v1 import error_reason_pb2 as reasons
from levada.v1.event_pb2 import Channel, StepFailed, StepProgressed

if TYPE_CHECKING:
    from core.execution import Execution

# The step within which the present task works: steps nest by it.
current: ContextVar["StepAttempt | None"] = ContextVar("levada_step", default=None)


class StepTimeout(LevadaError):
    """A step took longer than it may."""

    reason = reasons.ERROR_REASON_STEP_TIMEOUT


class StepAttempt:
    """One attempt of one step (core.pipeline.Step)."""

    def __init__(self, run: "Execution", spec: StepSpec, name: str, attempt: int, parent: "StepAttempt | None") -> None:
        self.run = run
        self.spec = spec
        self.name = name
        self.attempt = attempt
        self.parent = parent
        self.scope = run.owner.tenant
        self.clock = Clock(spec.seconds)
        self.summarised = ""
        self.told_failure = False
        self.to_be_mended: LevadaError | None = None
        self.will_retry = True
        self.first = 0
        self._began = time.monotonic_ns()

    def lineage(self) -> Iterator["StepAttempt"]:
        """Yield this step and those that it is within."""
        step: StepAttempt | None = self
        while step is not None:
            yield step
            step = step.parent

    @property
    def microseconds(self) -> int:
        return (time.monotonic_ns() - self._began) // 1_000

    def emit(self, payload: Message) -> None:
        self.told_failure = self.told_failure or isinstance(payload, StepFailed)
        self.run.say(payload, self)

    def text(self, channel: Channel, delta: str) -> None:
        self.run.journal.text(channel, delta, step=self.name, attempt=self.attempt)

    def progress(self, message: str, fraction: float | None = None, *, lasting: bool = False) -> None:
        if fraction is not None:
            self.run.journal.progress = self.run.progress.at(self.spec, fraction)
        self.emit(StepProgressed(message=message, fraction=fraction, lasting=lasting))

    def summary(self, text: str) -> None:
        self.summarised = text

    def failed(self, error: LevadaError, *, will_retry: bool = True) -> None:
        self.to_be_mended, self.will_retry = error, will_retry

    async def flush(self) -> None:
        await self.run.journal.flush()

    # As the listener to the calls of models that are made within it (core.models.calls).

    async def allow(self, tokens: int, cost: float | None) -> None:
        await self.run.budget.allow(tokens, cost)

    def called(self, call: Call) -> None:
        self.run.budget.count(call)
        self.emit(model_calls.event(call, whole=sees_prompts(self.run.owner)))

    def left(self) -> float | None:
        clocks = (self.run.clock, *(step.clock for step in self.lineage()))
        return min((clock.left for clock in clocks if clock.left is not None), default=None)

    def told(self, message: str, *, lasting: bool = False) -> None:
        self.progress(message, lasting=lasting)
