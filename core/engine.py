"""The engine behind the doors: takes requests in, answers what runs are and said, steers them (core.runs.Runs)."""

import asyncio
import hashlib
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import Any, Self

from google.protobuf.message import Message

from core import forking, ids, measures, unheld
from core.errors import Conflict, NotFound, RequestIdReused, ServerStopping
from core.event import make_event
from core.expiry import gone
from core.identity import Principal
from core.pipeline import Pipeline, Services
from core.rates import Rates
from core.runner import Runner
from core.settings import Settings
from core.store import Store, open_store
from core.store.records import ENDED, NewRun
from levada.v1 import error_reason_pb2 as reasons
from levada.v1.event_pb2 import RowEncoding, RunPaused, RunQueued
from levada.v1.run_pb2 import Analysis, InputAnswer, Run, RunRequest, RunState
from levada.v1.run_service_pb2 import ForkRunRequest


class Engine:
    """Runs pipelines on a store. Use as a context manager, or `start`, then `drain` and `close`.

    *store* defaults to the one that the settings name; pass `open_store(settings.store)` when the services need it
    too (its `history` and `answered`).
    """

    def __init__(
        self, settings: Settings, pipelines: Sequence[Pipeline], services: Services, store: Store | None = None
    ) -> None:
        self.store = store or open_store(settings.store, settings.store_readers, settings.store_overflow)
        self._settings = settings
        self._pipelines = {pipeline.name: pipeline for pipeline in pipelines}
        self._services = services
        # Every new run, fork or not, is stored through it.
        self._rates = Rates(settings, self.store)
        self._runner = Runner(settings, self._pipelines, services, self.store)
        self._task: asyncio.Task[None] | None = None
        self._stopping = False

    async def start(self) -> None:
        """Open the store and begin to work. Raises StoreError (STORE_LOCKED, …)."""
        await self.store.open()
        if not self.store.shared:
            # The store is locked for us, so whoever held a run is gone.
            await self.store.take_over()
        self._task = asyncio.create_task(self._runner.run(), name="levada-runner")

    async def drain(self, seconds: float | None = None) -> None:
        """Accept nothing new, let runs go on for *seconds* (default: the setting), then hand back what is left."""
        self._stopping = True
        await self._runner.drain(self._settings.limits.drain_seconds if seconds is None else seconds)

    async def close(self) -> None:
        """Hand back what is left and close the store; streams end with ServerStopping."""
        if self._task is not None:
            await self.drain(0)
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None
        await self._rates.close()
        await self.store.close()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def create(self, caller: Principal, request: RunRequest, traceparent: str = "") -> tuple[Run, bool]:
        return await self._accept(caller, self._filled(caller, request), _digest(request), traceparent)

    async def fork(self, caller: Principal, request: ForkRunRequest, traceparent: str = "") -> tuple[Run, bool]:
        await self._own(caller, request.run_id)
        past = await self.store.past(request.run_id)
        if past is None:
            raise _not_found()
        if request.step and past.oldest > 1 and not past.steps:
            raise gone(await self.get(caller, request.run_id), self._settings.limits)
        wanted = self._filled(caller, forking.request_of(past, request))
        pipeline = self._pipeline(wanted.pipeline)
        kept = forking.kept(past, request.step, pipeline.steps, forking.edited(past.request, wanted))
        heard: set[str] = set()
        if past.inputs and kept.steps:
            heard = await forking.heard(self.store.read, request.run_id, past.oldest - 1, kept.until)

        def keeping(new: NewRun) -> NewRun:
            steps = forking.step_rows(new.id, request.run_id, wanted.pipeline, kept.steps)
            inputs = forking.input_rows(new.id, past, heard)
            return replace(new, forked_from=request.run_id, steps=steps, inputs=inputs)

        return await self._accept(caller, wanted, _digest(request), traceparent, keeping)

    async def _accept(
        self,
        caller: Principal,
        filled: RunRequest,
        digest: bytes,
        traceparent: str,
        keeping: Callable[[NewRun], NewRun] = lambda new: new,
    ) -> tuple[Run, bool]:
        began = time.monotonic()
        if self._stopping:
            raise ServerStopping
        pipeline = self._pipeline(filled.pipeline)
        pipeline.check(filled, self._services, caller)
        context = measures.context_of(traceparent)
        with measures.tracer.start_as_current_span("create run", context) as span:
            new = self._new_run(caller, filled, digest, *measures.traceparent_of(span))
            created = await self._rates.create(keeping(new))
        if not created.same_request:
            raise RequestIdReused
        if not created.existed:
            measures.first_event.record(time.monotonic() - began, {"levada.pipeline": pipeline.name})
            self._runner.wake()
        return await self.get(caller, created.run_id), created.existed

    def _pipeline(self, name: str) -> Pipeline:
        pipeline = self._pipelines.get(name)
        if pipeline is None:
            message = f"There is no pipeline {name!r}; there are: {', '.join(self._pipelines)}."
            raise NotFound(message, reason=reasons.ERROR_REASON_UNKNOWN_PIPELINE)
        return pipeline

    def _chosen(self, caller: Principal, request: RunRequest) -> str:
        """Return the pipeline for a request that names none."""
        if given := request.WhichOneof("parameters"):
            return given
        several = len(request.sources or self._services.sources(caller)) > 1
        return "auto" if several and "auto" in self._pipelines else "query"

    def _filled(self, caller: Principal, request: RunRequest) -> RunRequest:
        """Return *request* with defaults filled in and its times lowered to the limits."""
        filled, limits = RunRequest(), self._settings.limits
        filled.CopyFrom(request)
        filled.pipeline = filled.pipeline or self._chosen(caller, request)
        options = filled.options
        options.analyze = options.analyze or Analysis.ANALYSIS_STANDARD
        options.row_limit = options.row_limit or limits.default_rows
        options.row_encoding = options.row_encoding or RowEncoding.ROW_ENCODING_COLUMNS
        options.interactive = options.interactive if options.HasField("interactive") else True
        for name, most in (("timeout", limits.run_seconds), ("deadline", limits.deadline_seconds)):
            time_span = getattr(options, name)
            wanted = time_span.ToTimedelta().total_seconds() if options.HasField(name) else most
            time_span.FromMilliseconds(int(min(wanted, most) * 1000))
        return filled

    def _new_run(self, caller: Principal, filled: RunRequest, digest: bytes, traceparent: str, trace_id: str) -> NewRun:
        run_id, created = ids.run_id(), time.time_ns() // 1_000

        def first(place: int) -> bytes:
            held = filled.options.hold
            event = make_event(run_id, trace_id, RunPaused(by=caller.subject) if held else RunQueued(position=place))
            event.sequence = 1
            return event.SerializeToString()

        return NewRun(
            id=run_id,
            owner=caller,
            request=filled,
            created=created,
            deadline=created + filled.options.deadline.ToMicroseconds(),
            digest=digest,
            trace_id=trace_id,
            traceparent=traceparent,
            queue_limit=self._settings.limits.queue,
            first=first,
        )

    async def get(self, caller: Principal, run_id: str) -> Run:
        found = await self.store.get(run_id)
        if found is None or not caller.owns(found[0].tenant, found[0].subject):
            raise _not_found()
        return found[1]

    async def list(
        self,
        caller: Principal,
        *,
        limit: int,
        before: str = "",
        states: Sequence[RunState] = (),
        conversation_id: str = "",
    ) -> Sequence[Run]:
        return await self.store.list(caller, limit=limit, before=before, states=states, conversation_id=conversation_id)

    async def _own(self, caller: Principal, run_id: str) -> None:
        owner = await self.store.owner(run_id)
        if owner is None or not caller.owns(owner.tenant, owner.subject):
            raise _not_found()

    async def read(
        self, caller: Principal, run_id: str, after: int, *, limit: int = 256, max_bytes: int = 65_536
    ) -> tuple[Sequence[bytes], bool]:
        await self._own(caller, run_id)
        return await self.store.read(run_id, after, limit, max_bytes)

    async def wait(self, run_id: str, after: int) -> None:
        await self.store.wait(run_id, after)

    async def watch(self, caller: Principal, run_id: str, after: int) -> AsyncGenerator[Sequence[bytes], None]:
        while True:
            events, ended = await self.read(caller, run_id, after)
            after += len(events)
            if events:
                yield events
            if ended:
                return
            if not events:
                await self.store.wait(run_id, after)

    async def cancel(self, caller: Principal, run_id: str, cause: str = "", *, by: str = "") -> Run:
        await self._own(caller, run_id)
        request = partial(self.store.request_cancel, run_id, by or caller.subject, cause)
        row = await self._steer(request, lambda row: self._runner.cancel(run_id, row.cancel_by, row.cancel_cause))
        if row.state in ENDED and row.state != RunState.RUN_STATE_CANCELLED:
            raise Conflict("The run has ended already, so there is nothing to cancel.")
        return await self.get(caller, run_id)

    async def pause(self, caller: Principal, run_id: str) -> Run:
        await self._own(caller, run_id)
        limit = self._settings.limits.queue
        request = partial(self.store.request_pause, run_id, caller.subject, limit)
        row = await self._steer(request, lambda row: self._runner.pause(run_id, row.pause_by))
        if row.state in ENDED:
            raise Conflict("The run has ended already, so there is nothing to pause.")
        return await self.get(caller, run_id)

    async def _steer(self, request: Callable[[], Awaitable[Any]], told: Callable[[Any], bool]) -> Any:
        """Note a request and see to it that it is heard; return the run's row as the request found it.

        *told* tells the worker of this process, if it is at the run. Elsewhere somebody works on it and will hear of
        it; for a run that nobody holds it is done here.
        """
        while True:
            row = await request()
            if row is None:
                raise _not_found()
            rests = row.state == RunState.RUN_STATE_PAUSED and not row.cancel_by
            if row.state in ENDED or rests or told(row) or row.held or await unheld.settle(self.store, row):
                return row

    async def resume(self, caller: Principal, run_id: str) -> Run:
        await self._own(caller, run_id)
        await self.store.request_resume(run_id, caller.subject)
        self._runner.pause(run_id, "")
        self._runner.wake()
        return await self.get(caller, run_id)

    async def respond(self, caller: Principal, run_id: str, answer: InputAnswer) -> Run:
        await self._own(caller, run_id)
        await self.store.answer(run_id, answer, caller.subject)
        self._runner.answer(run_id, answer, caller.subject)
        return await self.get(caller, run_id)


def _digest(request: Message) -> bytes:
    return hashlib.sha256(request.SerializeToString(deterministic=True)).digest()


def _not_found() -> NotFound:
    return NotFound("There is no such run, or it is not yours.")
