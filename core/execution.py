"""A run as its pipeline lives through it: steps that happen once, what they say, and questions to people."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

from google.protobuf.message import Message
from opentelemetry.trace import Span, StatusCode

from core import checkpoint, endings, measures
from core.asking import Asking
from core.attempt import StepAttempt, StepTimeout, current
from core.clock import Clock
from core.errors import LevadaError
from core.journal import Journal
from core.pipeline import Pipeline, Services, StepSpec
from core.progress import Estimates, Progress
from core.slots import Slot
from core.store.base import Claimed
from core.totals import Tally
from levada.v1 import error_reason_pb2 as reasons
from levada.v1.event_pb2 import (
    InputRequested,
    StepCompleted,
    StepFailed,
    StepSkipped,
    StepStarted,
)
from levada.v1.run_pb2 import InputAnswer

logger = logging.getLogger(__name__)


class Execution:
    """One run while this worker holds it (core.pipeline.Run). *slot* is its place at work."""

    def __init__(
        self,
        claimed: Claimed,
        pipeline: Pipeline | None,
        services: Services,
        journal: Journal,
        estimates: Estimates,
        *,
        seconds: float,
        input_seconds: float,
        slot: Slot,
    ) -> None:
        row = claimed.row
        self.id, self.request, self.owner, self.services = claimed.id, claimed.request, claimed.owner, services
        self.attempts: int = row.attempts
        self.journal = journal
        self._pipeline: str = row.pipeline
        self.progress = Progress(pipeline.steps if pipeline else (), row.progress)
        self.clock = Clock(seconds, row.worked / 1e6)
        journal.worked = lambda: self.clock.spent
        done = {path: step.rows for path, step in claimed.steps.items() if step.result is not None}
        self.tally = Tally(done, row.input_tokens, row.output_tokens, row.cost_usd)
        self.failures: list[str] = []
        self.asking = Asking(journal, claimed.inputs, self.clock, input_seconds, slot)
        self.stopping = False
        self._steps = dict(claimed.steps)
        self._names: Counter[str] = Counter()
        self.estimates = estimates

    def say(self, payload: Message, step: StepAttempt | None = None) -> None:
        if self.tally.hear(step.name if step else "", payload):
            self.journal.record(run=self.tally.columns())
        self.journal.say(payload, step=step.name if step else "", attempt=step.attempt if step else 0)

    def _path(self, name: str) -> str:
        parent = current.get()
        path = f"{parent.name}/{name}" if parent is not None and parent.run is self else name
        self._names[path] += 1
        return path if self._names[path] == 1 else f"{path}#{self._names[path]}"

    async def step(self, fn: Callable[..., Awaitable[Any]], *args: Any, **kwargs: Any) -> Any:
        if self.stopping:
            # A pipeline that swallowed its cancellation gets no further.
            raise asyncio.CancelledError
        spec: StepSpec = fn.spec  # type: ignore[attr-defined]
        path = self._path(spec.name)
        known = self._steps.get(path)
        if known is not None and known.result is not None:
            try:
                return checkpoint.load(fn, known.result)
            except checkpoint.Unreadable:
                logger.warning("Checkpoint of %s can't be read by this version, doing the step again", path)
        step = StepAttempt(self, spec, path, known.attempt + 1 if known else 1, current.get())
        token = current.set(step)
        attributes: dict[str, str | int] = {
            "levada.run_id": self.id,
            "levada.step": path,
            "levada.attempt": step.attempt,
        }
        try:
            with measures.tracer.start_as_current_span(
                spec.name, attributes=attributes, record_exception=False, set_status_on_exception=False
            ) as span:
                return await self._attempt(step, span, fn, args, kwargs)
        finally:
            current.reset(token)

    async def _attempt(
        self, step: StepAttempt, span: Span, fn: Callable[..., Awaitable[Any]], args: Any, kwargs: Any
    ) -> Any:
        self._begin(step)
        try:
            try:
                async with step.clock:
                    result = await fn(step, *args, **kwargs)
            except TimeoutError as error:
                if step.clock.expired:
                    message = f"'{_title(step)}' took longer than {step.spec.seconds:g} seconds."
                    raise StepTimeout(f"{message} Try a more specific question.") from error
                raise
        except Exception as error:
            self._failed(step, endings.cause_of(error), span)
            raise
        text = checkpoint.dump(fn, result)
        await self._completed(step, text)
        return result

    def _begin(self, step: StepAttempt) -> None:
        estimate = self.estimates.of(self._pipeline, step.spec.name)
        self.tally.begin(step.name)
        self.journal.progress = self.progress.at(step.spec)
        started = StepStarted(title=step.spec.title, icon=step.spec.icon, category=step.spec.category)
        if estimate is not None:
            started.estimated_duration.FromMicroseconds(estimate)
        self.say(started, step)
        self._record(step)

    def _record(self, step: StepAttempt, *, completed: int = 0, result: str | None = None) -> None:
        row = {
            "run_id": self.id,
            "path": step.name,
            "pipeline": self._pipeline,
            "name": step.spec.name,
            "attempt": step.attempt,
            "completed": completed,
            "duration": step.microseconds if completed else 0,
            "rows": self.tally.rows[step.name],
            "result": result,
        }
        self.journal.record(steps=row)

    async def _completed(self, step: StepAttempt, result: str) -> None:
        duration = step.microseconds
        message: StepCompleted | StepFailed = StepCompleted(summary=step.summarised)
        if (error := step.to_be_mended) is not None:
            message = StepFailed(reason=error.reason, message=error.message, will_retry=True)
            self.failures.append(f"{_title(step)}: {error.message}")
        message.duration.FromMicroseconds(duration)
        self.say(message, step)
        # What failed and is mended says nothing of how long the step takes.
        self._record(step, completed=0 if error else time.time_ns() // 1_000, result=result)
        self.journal.record(run={"losses": 0})
        await self.journal.flush()
        if error is None:
            self.estimates.add(self._pipeline, step.spec.name, duration)
        self._measure(step, "completed" if error is None else "failed")

    def _failed(self, step: StepAttempt, error: BaseException, span: Span) -> None:
        known = error if isinstance(error, LevadaError) else None
        reason = known.reason if known else reasons.ERROR_REASON_INTERNAL
        message = known.message if known else "Something went wrong inside Levada."
        span.set_status(StatusCode.ERROR)
        span.set_attribute("error.type", endings.error_type(reason))
        self.failures.append(f"{_title(step)}: {message}")
        self._measure(step, "failed")
        if not step.told_failure:
            failed = StepFailed(reason=reason, message=message)
            failed.duration.FromMicroseconds(step.microseconds)
            self.journal.say(failed, step=step.name, attempt=step.attempt, reserved=True)

    def _measure(self, step: StepAttempt, outcome: str) -> None:
        attributes = {"levada.pipeline": self._pipeline, "levada.step": step.spec.name, "levada.outcome": outcome}
        measures.step_duration.record(step.microseconds / 1e6, attributes)

    def skip(self, spec: StepSpec, cause: str) -> None:
        self.journal.progress = self.progress.at(spec)
        self.journal.say(StepSkipped(cause=cause), step=self._path(spec.name), attempt=1)

    async def ask(self, request: InputRequested) -> InputAnswer:
        return await self.asking.ask(request)


def _title(step: StepAttempt) -> str:
    return step.spec.title.rstrip(". …")
