"""A run that this worker holds, driven through its pipeline to its one end, or let go of."""

import asyncio
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from opentelemetry.trace import Span, StatusCode

from core import endings, measures
from core.errors import LevadaError, RunTimeout, StoreError
from core.execution import Execution
from core.pipeline import Ending, Pipeline
from core.store.records import RESUMED, Claimed, Fenced
from core.unheld import PAUSED
from levada.v1.event_pb2 import Outcome, RunFailed, RunPaused, RunResumed, RunStarted
from levada.v1.run_pb2 import RunState

LOSSES = 3
HAND_BACK_SECONDS = 5.0
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Cancel:
    """Why work is stopped: somebody wants the run cancelled."""

    by: str
    cause: str


@dataclass(frozen=True)
class HandBack:
    """Why work is stopped: the server stops, or needs the room; whoever comes next goes on with the run."""

    cause: str = "server stopped"


@dataclass(frozen=True)
class Pause:
    """Why work is stopped: somebody wants the run at rest, and no step is at work."""

    by: str


Why = Cancel | HandBack | Pause | Exception


class Live:
    """Holds one run's task, and why that is stopped, once it is."""

    def __init__(self, claimed: Claimed, pipeline: Pipeline | None) -> None:
        self.claimed = claimed
        self._pipeline = pipeline
        self._task: asyncio.Task[None] | None = None
        self._stop: Why | None = None
        self._ending = False
        self._begun = bool(claimed.row.started)
        self._waited = False
        self.execution: Execution

    def halt(self, why: Why) -> None:
        """Cancel the work, once; an end that is being written already stands.

        Until then, that somebody wants the run cancelled comes before that it is to rest or to go on elsewhere.
        """
        if isinstance(why, Cancel) and isinstance(self._stop, HandBack | Pause) and not self._ending:
            self._stop = why
        elif self._stop is None and not self._ending:
            self._stop = why
            self._waited = self.waits
            self.execution.stopping = True
            if self._task is not None:
                self._task.cancel()

    def rested(self, by: str) -> None:
        """Hear that no step is at work, and who wanted that."""
        self.halt(Pause(by))

    @property
    def waits(self) -> bool:
        return self.execution.asking.rests

    async def drive(self) -> None:
        """Live the run through. Raises nothing: whatever happens becomes the run's end."""
        self._task = asyncio.current_task()
        row, request = self.claimed.row, self.claimed.request
        attributes = {"levada.run_id": self.claimed.id, "levada.pipeline": row.pipeline, "levada.attempt": row.attempts}
        context = measures.context_of(row.traceparent)
        with measures.tracer.start_as_current_span(f"run {request.pipeline}", context, attributes=attributes) as span:
            try:
                with self._by_deadline():
                    told = await self._outcome()
                if told is None:
                    await self._let_go()
                else:
                    await self._end(told, span)
                    if self._pipeline is not None:
                        await self._pipeline.ended(self.execution)
            except Fenced:
                logger.warning("Run %s is another worker's now", self.claimed.id)
            except StoreError as error:
                logger.error("The end of run %s can't be stored: %s", self.claimed.id, error)
            except Exception:
                # Its lease runs out, and the run is taken up again as after a crash; the others go on.
                logger.exception("Run %s was dropped", self.claimed.id)

    @contextmanager
    def _by_deadline(self) -> Iterator[None]:
        """Stop the work at the run's deadline, whatever it is about then."""
        row = self.claimed.row
        if not row.deadline:
            yield
            return
        loop, left = asyncio.get_running_loop(), row.deadline / 1e6 - time.time()
        if left <= 0:
            self._stop = self._stop or self._late()
        handle = loop.call_later(max(0.0, left), lambda: self.halt(self._late()))
        try:
            yield
        finally:
            handle.cancel()

    def _late(self) -> RunTimeout:
        row, state = self.claimed.row, RunState.RUN_STATE_RUNNING
        if self.waits:
            state = RunState.RUN_STATE_WAITING
        elif not self._begun:
            state = RunState.RUN_STATE_QUEUED
        return endings.deadline_missed(state, row.deadline - row.created)

    async def _outcome(self) -> endings.Told | None:
        """Do the work; return how the run ended, or None when it goes on elsewhere. Raises Fenced."""
        row, run = self.claimed.row, self.execution
        try:
            if row.cancel_by:
                self._stop = Cancel(row.cancel_by, row.cancel_cause)
            if self._stop is not None:
                raise asyncio.CancelledError
            ending = await self._work()
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - every error becomes the run's end
            self._calm(error)
            return self._judge(error)
        self._calm()
        self._remember(ending)
        return endings.completed(ending, run.tally.message(self._microseconds()))

    def _calm(self, error: BaseException | None = None) -> None:
        """Hear of no cancellation any more: from here on the task writes how the run ended."""
        self._ending = True
        task = asyncio.current_task()
        if task is None or not task.cancelling():
            return
        if isinstance(error, asyncio.CancelledError):
            # If nobody we know wanted it, the process is coming down.
            self._stop = self._stop or HandBack()
        while task.uncancel():
            pass

    def _judge(self, error: BaseException) -> endings.Told | None:
        """Say what *error* means for the run, given why the work was stopped, if it was."""
        run = self.execution
        stop, cause = self._stop, endings.cause_of(error)
        totals = run.tally.message(self._microseconds())
        match stop:
            case Cancel():
                return endings.cancelled(stop.by, stop.cause, totals)
            case HandBack() | Pause():
                return None
            case Fenced():
                raise stop
            case Exception():
                cause = stop
            case None if run.clock.expired:
                cause = RunTimeout()
            case None if isinstance(cause, Fenced):
                raise cause
        if not isinstance(cause, LevadaError):
            logger.error("Run %s failed unexpectedly", self.claimed.id, exc_info=cause)
        return endings.failed(cause, run.failures, self.claimed.row.trace_id, totals)

    async def _work(self) -> Ending:
        row, run = self.claimed.row, self.execution
        if row.losses >= LOSSES:
            open_steps = [path for path, step in self.claimed.steps.items() if step.result is None]
            raise endings.worker_lost(row.losses, open_steps)
        if self._pipeline is None:
            raise endings.unknown_pipeline(row.pipeline)
        await self.execution.estimates.load(row.pipeline)
        self._begin(self._pipeline)
        async with run.clock:
            return await self._pipeline.run(run)

    def _begin(self, pipeline: Pipeline) -> None:
        row, run, request = self.claimed.row, self.execution, self.claimed.request
        self._begun = True
        if row.started or row.interrupted == RESUMED:
            cause = row.interrupted or RESUMED
            by = row.resume_by if cause == RESUMED else ""
            run.say(RunResumed(by=by or "server", cause=cause))
            run.journal.record(run={"interrupted": "", "resume_by": ""})
        if row.started:
            return
        now = time.time_ns() // 1_000
        steps = [spec.info(run.estimate(spec)) for spec in pipeline.steps]
        kept = [path for path, step in self.claimed.steps.items() if step.origin]
        kept.sort(key=lambda path: self.claimed.steps[path].last)
        started = RunStarted(
            pipeline=pipeline.name,
            question=request.question,
            steps=steps,
            forked_from=row.forked_from,
            kept_steps=kept,
        )
        run.say(started)
        run.journal.record(run={"started": now})
        measures.queue_wait.record((now - row.created) / 1e6, {"levada.pipeline": pipeline.name})

    def _microseconds(self) -> int:
        return time.time_ns() // 1_000 - self.claimed.row.created

    def _remember(self, ending: Ending) -> None:
        turn, request, owner = ending.remembered, self.claimed.request, self.claimed.owner
        if turn is None:
            return
        # A run that was resumed has not said again which sources it touched.
        sources = [turn.source] if turn.source else self.execution.tally.sources or request.sources or [""]
        for source in sources:
            row = {
                "run_id": self.claimed.id,
                "source": source,
                "tenant": owner.tenant,
                "subject": owner.subject,
                "conversation_id": request.conversation_id,
                "question": turn.question,
                "sql": turn.sql,
                "answered": ending.outcome == Outcome.OUTCOME_ANSWERED and bool(turn.sql),
            }
            self.execution.journal.record(turns=row)

    async def _end(self, told: endings.Told, span: Span) -> None:
        message, columns = told
        journal = self.execution.journal
        if columns["state"] == RunState.RUN_STATE_COMPLETED:
            journal.progress = self.execution.progress.done()
        journal.say(message, reserved=True)
        ended = {"ended": time.time_ns() // 1_000, "worker": "", "lease_until": 0, "input": b""}
        journal.record(run={**columns, **ended})
        journal.close()
        name = endings.name_of(columns)
        if isinstance(message, RunFailed):
            span.set_status(StatusCode.ERROR)
            span.set_attribute("error.type", endings.error_type(message.reason))
        attributes = {"levada.pipeline": self.claimed.row.pipeline, "levada.outcome": name}
        await journal.flush()
        measures.runs_ended.add(1, attributes)
        measures.run_duration.record(self._microseconds() / 1e6, attributes)

    async def _let_go(self) -> None:
        """Let go of the run as it stands; whoever claims it goes on from its last completed step."""
        journal = self.execution.journal
        back: dict[str, Any] = {"worker": "", "lease_until": 0}
        if isinstance(self._stop, HandBack):
            back["interrupted"] = self._stop.cause
        if isinstance(self._stop, Pause):
            journal.say(RunPaused(by=self._stop.by), reserved=True)
            back |= PAUSED
        elif not self._waited:
            back["state"] = RunState.RUN_STATE_QUEUED
        journal.record(run=back)
        journal.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(HAND_BACK_SECONDS):
                await journal.flush()
