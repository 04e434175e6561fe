"""A run as its pipeline lives through it: steps that happen once, what they say, and questions to people."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import asdict, replace
from typing import Any

from google.protobuf.message import Message
from opentelemetry.trace import Span, StatusCode

from core import checkpoint, endings, measures
from core.asking import Asking
from core.attempt import StepAttempt, StepTimeout, current
from core.boundary import Boundary
from core.budgets import Budget
from core.clock import Clock
from core.errors import LevadaError, StoreError
from core.journal import Journal
from core.models import calls
from core.pipeline import Pipeline, Services, StepSpec
from core.progress import Estimates, Progress
from core.retelling import Read, Retelling
from core.slots import Slot
from core.store.records import Claimed, StoredStep
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
        read: Read,
        budget: Callable[[Tally], Budget],
        rested: Callable[[str], None],
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
        self.budget = budget(self.tally)
        self.failures: list[str] = []
        self.boundary = Boundary(rested, row.pause_by)
        self.asking = Asking(journal, claimed.inputs, self.clock, self.boundary, input_seconds, slot)
        self.stopping = False
        self.steps = dict(claimed.steps)
        self._read = read
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
        known = self.steps.get(path)
        if known is not None and known.result is not None:
            try:
                result = checkpoint.load(fn, known.result)
                if not known.origin or await self._told_again(spec, path):
                    return result
            except checkpoint.Unreadable:
                logger.warning("Checkpoint of %s can't be read by this version, doing the step again", path)
            self._void(path)
        step = await self._next(spec, path)
        token = current.set(step)
        attributes: dict[str, str | int] = {
            "levada.run_id": self.id,
            "levada.step": path,
            "levada.attempt": step.attempt,
        }
        try:
            with (
                self.boundary.at_work(step),
                calls.listening(step),
                measures.tracer.start_as_current_span(
                    spec.known_as, attributes=attributes, record_exception=False, set_status_on_exception=False
                ) as span,
            ):
                return await self._attempt(step, span, fn, args, kwargs)
        finally:
            current.reset(token)

    async def _next(self, spec: StepSpec, path: str) -> StepAttempt:
        """Return the next attempt of a step, once it may begin."""
        await self.boundary.cross()
        await self.asking.come_back()
        if self.stopping:
            raise asyncio.CancelledError
        known = self.steps.get(path)
        return StepAttempt(self, spec, path, known.attempt + 1 if known else 1, current.get())

    async def _told_again(self, spec: StepSpec, path: str) -> bool:
        """Tell a step that is kept from another run; say whether that was possible."""
        step = await self._next(spec, path)
        with self.boundary.at_work(step):
            if await Retelling(self, step).tell(self._read):
                return True
        logger.warning("Run %s can't tell %s again, whose events are gone: doing the step", self.id, path)
        return False

    def _void(self, path: str) -> None:
        """Have a kept step done after all, and with it all that may rest on it."""
        kept = self.steps[path]
        if not kept.origin:
            return
        for name, step in list(self.steps.items()):
            if step.origin and step.last > kept.first:
                self.steps[name] = replace(step, result=None, origin="")
                self.record(name, self.steps[name])

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
                    raise StepTimeout(f"{message} {step.spec.advice}") from error
                raise
        except Exception as error:
            self._failed(step, endings.cause_of(error), span)
            raise
        text = checkpoint.dump(fn, result)
        await self._completed(step, text)
        return result

    def _begin(self, step: StepAttempt) -> None:
        estimate = self.estimates.of(self._pipeline, step.spec.known_as)
        self.tally.begin(step.name)
        self.journal.progress = self.progress.at(step.spec)
        started = StepStarted(title=step.spec.title, icon=step.spec.icon, category=step.spec.category)
        if estimate is not None:
            started.estimated_duration.FromMicroseconds(estimate)
        self.say(started, step)
        step.first = self.journal.number
        self.record(step.name, StoredStep(step.spec.known_as, step.attempt, first=step.first))

    def record(self, path: str, known: StoredStep, *, completed: int = 0, duration: int = 0) -> None:
        row = {"run_id": self.id, "path": path, "pipeline": self._pipeline, **asdict(known)}
        self.journal.record(steps={**row, "completed": completed, "duration": duration})

    async def _completed(self, step: StepAttempt, result: str) -> None:
        duration = step.microseconds
        message: StepCompleted | StepFailed = StepCompleted(summary=step.summarised)
        if (error := step.to_be_mended) is not None:
            message = StepFailed(reason=error.reason, message=error.message, will_retry=step.will_retry)
            self.failures.append(f"{_title(step)}: {error.message}")
        message.duration.FromMicroseconds(duration)
        self.say(message, step)
        # What failed and is mended says nothing of how long the step takes.
        self.record(
            step.name,
            StoredStep(
                name=step.spec.known_as,
                attempt=step.attempt,
                result=result,
                rows=self.tally.rows[step.name],
                first=step.first,
                last=self.journal.number,
            ),
            completed=0 if error else time.time_ns() // 1_000,
            duration=0 if error else duration,
        )
        self.journal.record(run={"losses": 0})
        await self.journal.flush()
        if error is None:
            self.estimates.add(self._pipeline, step.spec.known_as, duration)
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
            failed = StepFailed(reason=reason, message=message, will_retry=step.spec.retried)
            failed.duration.FromMicroseconds(step.microseconds)
            self.journal.say(failed, step=step.name, attempt=step.attempt, reserved=True)
        if known and step.spec.final and not isinstance(known, StoreError):
            self._stands(step, known)

    def _stands(self, step: StepAttempt, error: LevadaError) -> None:
        """Keep how *step* failed, for when the run goes on."""
        self.record(
            step.name,
            StoredStep(
                name=step.spec.known_as,
                attempt=step.attempt,
                result=checkpoint.dump_failure(error),
                rows=self.tally.rows[step.name],
                first=step.first,
                last=self.journal.number,
            ),
        )

    def _measure(self, step: StepAttempt, outcome: str) -> None:
        attributes = {"levada.pipeline": self._pipeline, "levada.step": step.spec.known_as, "levada.outcome": outcome}
        measures.step_duration.record(step.microseconds / 1e6, attributes)

    def estimate(self, spec: StepSpec) -> float | None:
        microseconds = self.estimates.of(self._pipeline, spec.known_as)
        return None if microseconds is None else microseconds / 1e6

    def skip(self, spec: StepSpec, cause: str) -> None:
        self.journal.progress = self.progress.at(spec)
        self.journal.say(StepSkipped(cause=cause), step=self._path(spec.name), attempt=1)

    async def ask(self, request: InputRequested) -> InputAnswer:
        return await self.asking.ask(request)


def _title(step: StepAttempt) -> str:
    return step.spec.title.rstrip(". …")
