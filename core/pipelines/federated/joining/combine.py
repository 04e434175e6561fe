"""combine: what the operations gave, joined by DuckDB; the first rows are said as soon as there are any."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass

from core.errors import LevadaError, QueryFailed, QueryRefused, QueryTimeout, SourceLost, SourceUnavailable, StoreError
from core.models.base import Draft
from core.models.plans import Operation, Plan
from core.pipeline import Step, step
from core.pipelines.answering.asking import source_of
from core.pipelines.answering.checking import row_limit
from core.pipelines.answering.meaning import Meaning
from core.pipelines.answering.results import Failure, Fetched, Proposal
from core.pipelines.answering.telling import Telling
from core.pipelines.federated.joining.gaps import gaps
from core.pipelines.federated.joining.guarded import checked_join
from core.pipelines.federated.joining.keys import comparable
from core.pipelines.federated.joining.tables import Tables
from core.pipelines.federated.operations.execute import Execution
from core.pipelines.federated.operations.scratch import Scratch
from core.pipelines.federated.planning.outputs import columns_of
from core.pipelines.federated.results import Executed
from core.pipelines.federated.steps import COMBINE
from core.sources.base import CheckedQuery, Limits
from core.sources.blocking import running
from core.sources.duckdb.rows import DuckDBReader
from core.sources.pace import Pace
from core.sources.threads import Threads
from levada.v1.event_pb2 import OperationCompleted, OperationStarted

# Apart from those that keep rows, which must not wait for joins. So many joins work at once, each in its own memory.
THREADS = Threads("join", 8)


@step(COMBINE)
async def combine(
    step: Step, plan: Plan, question: str, executed: Executed, scratch: Scratch, mendable: bool
) -> Fetched:
    """Join what the operations gave and say the rows.

    Raises QueryTimeout, and QueryFailed or QueryRefused when it is not *mendable*.
    """
    step.progress(_doing(plan))
    if not all(map(scratch.has, executed.kept.values())):
        executed = await Execution(step, plan.operations, scratch).all(executed)
    joining = Joining(step, plan, question, executed, scratch)
    try:
        return await joining.fetched()
    except (QueryFailed, QueryRefused) as error:
        if not mendable:
            raise
        step.failed(error)
        return Fetched(query_id=plan.operations[-1].id, failure=Failure.of(error))


def _doing(plan: Plan) -> str:
    sources = list(dict.fromkeys(one.source for one in plan.operations if one.source))
    return f"Joining what {' and '.join(sources)} gave..." if len(sources) > 1 else "Working out the result..."


def proposal_of(plan: Plan, question: str) -> Proposal:
    """Return the query that joins, as whoever puts its rows into words knows it."""
    operation = plan.operations[-1]
    draft = Draft(sql=operation.params["sql"], explanation=plan.explanation or plan.description)
    return Proposal(query_id=operation.id, question=question, draft=draft, author=plan.author)


@dataclass
class Joining:
    """One join of what *executed* has."""

    step: Step
    plan: Plan
    question: str
    executed: Executed
    scratch: Scratch

    async def fetched(self) -> Fetched:
        """Say the rows and return what they amount to. Raises QueryFailed, QueryRefused, QueryTimeout."""
        step, operation, limits = self.step, self.plan.operations[-1], self.step.run.services.limits
        tables = await asyncio.to_thread(self._tables, operation)
        caveats = self._caveats(tables.empty)
        for caveat in caveats:
            step.progress(caveat, lasting=True)
        sql, query = await asyncio.to_thread(self._checked, operation, tables)
        began = time.monotonic()
        step.emit(OperationStarted(operation_id=operation.id, kind=operation.kind))
        meaning = Meaning(written=sql, checked=query.text, schema=tables.schema())
        proposal = proposal_of(self.plan, self.question)
        telling = Telling(step, proposal, meaning, query.row_limit, limits.bytes_per_run)
        reader = DuckDBReader("combine", tables.open, query.text)
        pace = Pace(Limits(rows=query.row_limit, seconds=limits.query_seconds))
        async with running(reader, THREADS, pace) as rows:
            told = await telling.tell(rows)
        done = OperationCompleted(operation_id=operation.id, rows=told)
        done.duration.FromNanoseconds(int((time.monotonic() - began) * 1e9))
        step.emit(done)
        step.summary(f"{told:,} row{'s' if told != 1 else ''}")
        found = await telling.fetched(None)
        return found.model_copy(update={"truncated": " ".join([*caveats, found.truncated]).strip()})

    def _checked(self, operation: Operation, tables: Tables) -> tuple[str, CheckedQuery]:
        schema = tables.schema()
        sql = comparable(operation.params["sql"], schema)
        return sql, checked_join(sql, schema, row_limit(self.step.run))

    def _tables(self, operation: Operation) -> Tables:
        """Return the tables that there are. Raises LevadaError when the join can't do without one that is missing."""
        executed, limits = self.executed, self.step.run.services.limits
        known = {
            one.id: columns_of(one, source_of(self.step.run, one.source).dialect)
            for one in self.plan.operations
            if one.id in executed.lost
        }
        empty = gaps(operation.params["sql"], executed.lost, known) if executed.kept else None
        if empty is None:
            raise failure(executed)
        return Tables(self.scratch.folder, executed.kept, empty, limits.join_bytes, limits.scratch_bytes)

    def _caveats(self, empty: Mapping[str, object]) -> list[str]:
        """Return what is to be said of rows that are not all there."""
        lost = [
            f"The operation {name} gave nothing, so its columns are empty. {self.executed.lost[name].message}"
            for name in empty
        ]
        cut = [f"{name}: {kept.truncated}" for name, kept in self.executed.kept.items() if kept.truncated]
        return lost + cut


_FAILURES: dict[int, type[LevadaError]] = {
    kind.reason: kind for kind in (QueryTimeout, SourceUnavailable, SourceLost, StoreError)
}


def failure(executed: Executed) -> LevadaError:
    """Return what to say when the operations that gave nothing can't be done without."""
    failed = {name: lost for name, lost in executed.lost.items() if not lost.skipped}
    said = " ".join(f"{name}: {lost.message}" for name, lost in failed.items())
    kinds = {_FAILURES.get(lost.reason, QueryFailed) for lost in failed.values()}
    kind = kinds.pop() if len(kinds) == 1 else QueryFailed
    return kind(f"The results can't be joined without what failed. {said}")
