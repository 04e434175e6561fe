"""One operation: asked of its source, in portions when it is given many values, its rows kept until they are joined."""

import asyncio
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import QueryTimeout, SourceUnavailable
from core.models.plans import Operation
from core.pipeline import Step
from core.pipelines.answering.asking import source_of
from core.pipelines.federated.operations.asking import asked
from core.pipelines.federated.operations.scratch import Scratch
from core.pipelines.federated.operations.taking import Taking
from core.pipelines.federated.results import Kept
from core.sources.base import Source
from levada.v1.event_pb2 import OperationCompleted, OperationStarted

TRIES = 3
FIRST_PAUSE = 0.3


@dataclass
class Fetching:
    """Fetches *operation*, with *values* from earlier ones, and keeps the rows in *scratch* under its *work*."""

    step: Step
    operation: Operation
    values: Mapping[str, Sequence[Any]]
    scratch: Scratch
    work: str
    tries: int = 0

    async def rows(self) -> Kept:
        """Return the rows. Raises QueryRefused, QueryFailed, QueryTimeout, SourceUnavailable, SourceLost."""
        operation, step = self.operation, self.step
        source = source_of(step.run, operation.source)
        began = time.monotonic()
        step.emit(OperationStarted(operation_id=operation.id, source=operation.source, kind=operation.kind))
        try:
            async with asyncio.timeout(step.run.services.limits.query_seconds) as limit:
                kept = await self._persistently(source, began)
        except TimeoutError as error:
            if not limit.expired():
                raise
            raise QueryTimeout from error
        done = OperationCompleted(operation_id=operation.id, rows=kept.rows)
        done.duration.FromNanoseconds(int((time.monotonic() - began) * 1e9))
        step.emit(done)
        step.summary(f"{kept.rows:,} row{'s' if kept.rows != 1 else ''}")
        return kept

    async def _persistently(self, source: Source, began: float) -> Kept:
        """Ask up to three times while the source can't be reached, where that may help and leaves the time for it."""
        seconds = self.step.run.services.limits.query_seconds
        while True:
            self.tries += 1
            try:
                return await self._once(source, began)
            except SourceUnavailable as error:
                pause = FIRST_PAUSE * 2 ** (self.tries - 1) * random.uniform(0.5, 1.0)  # noqa: S311
                pause = max(pause, error.retry_after or 0.0)
                if self.tries == TRIES or not error.retryable or time.monotonic() - began + pause > seconds:
                    raise
                said = f"{error.message} Trying again in {pause:.1f} s ({self.tries + 1} of {TRIES})."
                self.step.progress(said, lasting=True)
            await asyncio.sleep(pause)

    async def _once(self, source: Source, began: float) -> Kept:
        schema = await source.describe()
        limits = self.step.run.services.limits
        # Every query is checked again here: only what the guard made in this process runs.
        queries, said = await asyncio.to_thread(asked, self.operation, self.values, source, schema, limits.rows)
        if said:
            self.step.progress(said, lasting=True)
        async with Taking(self.step, self._table_id, self.scratch, self.work, limits.rows) as taking:
            for number, query in enumerate(queries, 1):
                left = limits.query_seconds - (time.monotonic() - began)
                await taking.take(source, query, max(left, 0.1))
                if len(queries) > 1:
                    self.step.progress(f"Query {number} of {len(queries)} is done.", number / len(queries))
            return await taking.finish()

    @property
    def _table_id(self) -> str:
        return f"t-{self.operation.id}" if self.tries == 1 else f"t-{self.operation.id}-{self.tries}"
