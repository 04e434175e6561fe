"""The engine behind the doors: takes requests in, answers what runs are and said, steers them (core.runs.Runs)."""

import asyncio
import hashlib
import time
from collections.abc import AsyncGenerator, Sequence
from types import TracebackType
from typing import Any, Self

from core import endings, ids, measures
from core.errors import Conflict, NotFound, RequestIdReused, ServerStopping
from core.event import make_event
from core.identity import Principal
from core.pipeline import Pipeline, Services
from core.rates import Rates
from core.runner import Runner
from core.settings import Settings
from core.store import Store, open_store
from core.store.base import ENDED, Append, Fenced, NewRun
from core.totals import Tally
from levada.v1 import error_reason_pb2 as reasons
from levada.v1.event_pb2 import RowEncoding, RunQueued
from levada.v1.run_pb2 import Analysis, InputAnswer, Run, RunRequest, RunState


class Engine:
    """Runs pipelines on a store. Use as a context manager, or `start`, then `drain` and `close`.

    *store* defaults to the one that the settings name; pass `open_store(settings.store)` when the services need it
    too (its `history` and `answered`).
    """

    def __init__(
        self, settings: Settings, pipelines: Sequence[Pipeline], services: Services, store: Store | None = None
    ) -> None:
        self.store = store or open_store(settings.store)
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
        began = time.monotonic()
        if self._stopping:
            raise ServerStopping
        filled = self._filled(request)
        pipeline = self._pipelines.get(filled.pipeline)
        if pipeline is None:
            message = f"There is no pipeline {filled.pipeline!r}; there are: {', '.join(self._pipelines)}."
            raise NotFound(message, reason=reasons.ERROR_REASON_UNKNOWN_PIPELINE)
        pipeline.check(filled, self._services, caller)
        context = measures.context_of(traceparent)
        with measures.tracer.start_as_current_span("create run", context) as span:
            created = await self._rates.create(self._new_run(caller, filled, request, *measures.traceparent_of(span)))
        if not created.same_request:
            raise RequestIdReused
        if not created.existed:
            measures.first_event.record(time.monotonic() - began, {"levada.pipeline": pipeline.name})
            self._runner.wake()
        return await self.get(caller, created.run_id), created.existed

    def _filled(self, request: RunRequest) -> RunRequest:
        """Return *request* with defaults filled in and its timeout lowered to the limit."""
        filled, limits = RunRequest(), self._settings.limits
        filled.CopyFrom(request)
        filled.pipeline = filled.pipeline or "query"
        options = filled.options
        options.analyze = options.analyze or Analysis.ANALYSIS_STANDARD
        options.row_limit = options.row_limit or limits.default_rows
        options.row_encoding = options.row_encoding or RowEncoding.ROW_ENCODING_COLUMNS
        options.interactive = options.interactive if options.HasField("interactive") else True
        wanted = options.timeout.ToTimedelta().total_seconds() if options.HasField("timeout") else limits.run_seconds
        options.timeout.FromMilliseconds(int(min(wanted, limits.run_seconds) * 1000))
        return filled

    def _new_run(
        self, caller: Principal, filled: RunRequest, request: RunRequest, traceparent: str, trace_id: str
    ) -> NewRun:
        run_id = ids.run_id()

        def queued(place: int) -> bytes:
            event = make_event(run_id, trace_id, RunQueued(position=place))
            event.sequence = 1
            self._runner.told(run_id, place)
            return event.SerializeToString()

        return NewRun(
            id=run_id,
            owner=caller,
            request=filled,
            created=time.time_ns() // 1_000,
            digest=hashlib.sha256(request.SerializeToString(deterministic=True)).digest(),
            trace_id=trace_id,
            traceparent=traceparent,
            queue_limit=self._settings.limits.queue,
            queued=queued,
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

    async def cancel(self, caller: Principal, run_id: str, cause: str = "") -> Run:
        await self._own(caller, run_id)
        row = await self.store.request_cancel(run_id, caller.subject, cause)
        if row is None:
            raise _not_found()
        if row.state in ENDED and row.state != RunState.RUN_STATE_CANCELLED:
            raise Conflict("The run has ended already, so there is nothing to cancel.")
        while row.state not in ENDED and not self._runner.cancel(run_id, row.cancel_by, row.cancel_cause):
            # Elsewhere somebody works on it and will hear of it; a run that nobody holds is ended here.
            if row.lease_until > time.time_ns() // 1_000 or await self._end_unheld(row):
                break
            row = await self.store.request_cancel(run_id, caller.subject, cause)
        return await self.get(caller, run_id)

    async def _end_unheld(self, row: Any) -> bool:
        """End a run that nobody holds; tell whether that worked: somebody may have taken it in the meantime."""
        now = time.time_ns() // 1_000
        totals = Tally({}, row.input_tokens, row.output_tokens, row.cost_usd).message(now - row.created)
        message, columns = endings.cancelled(row.cancel_by, row.cancel_cause, totals)
        event = make_event(row.id, row.trace_id, message)
        event.sequence, event.progress = row.last_sequence + 1, row.progress
        ended = {**columns, "ended": now, "input": b"", "worker": ""}
        data = event.SerializeToString()
        append = Append(row.id, row.epoch, row.last_sequence, row.bytes, [data], row.progress, row.worked, run=ended)
        try:
            await self.store.append(append)
        except Fenced:
            return False
        return True

    async def respond(self, caller: Principal, run_id: str, answer: InputAnswer) -> Run:
        await self._own(caller, run_id)
        await self.store.answer(run_id, answer, caller.subject)
        self._runner.answer(run_id, answer, caller.subject)
        return await self.get(caller, run_id)


def _not_found() -> NotFound:
    return NotFound("There is no such run, or it is not yours.")
