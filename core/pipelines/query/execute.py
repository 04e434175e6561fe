"""execute_sql: the rows, header at once and batches as the driver yields them, counted on the way for the analysis."""

import time

from core.errors import QueryFailed
from core.pipeline import Step, step
from core.pipelines.answering.asking import source_of, values_known
from core.pipelines.answering.checking import check
from core.pipelines.answering.digest import last_day
from core.pipelines.answering.languages import KNOWLEDGE
from core.pipelines.answering.meaning import Meaning
from core.pipelines.answering.passages import LONGEST_PASSAGE
from core.pipelines.answering.results import Context, Failure, Fetched, Proposal
from core.pipelines.answering.span import query_span
from core.pipelines.answering.telling import Telling
from core.pipelines.query.steps import EXECUTE_SQL
from core.sources.base import CheckedQuery, Limits
from levada.v1.event_pb2 import OperationCompleted, OperationStarted


@step(EXECUTE_SQL)
async def execute_sql(step: Step, context: Context, proposal: Proposal, most_bytes: int, mendable: bool) -> Fetched:
    """Run the query and say its rows, at most *most_bytes*.

    Raises QueryTimeout, SourceUnavailable, SourceLost, and QueryFailed when it is not *mendable*.
    """
    step.progress(EXECUTE_SQL.doing)
    # Checked again rather than taken from a checkpoint: only what the guard made in this process runs.
    query = await check(step.run, context.source, proposal.draft.sql)
    began = time.monotonic()
    language = source_of(step.run, context.source).language
    step.emit(OperationStarted(operation_id=proposal.query_id, source=context.source, kind=language))
    try:
        fetched = await _fetched(step, context, proposal, query, most_bytes)
    except QueryFailed as error:
        if not mendable:
            raise
        step.failed(error)
        return Fetched(query_id=proposal.query_id, failure=Failure.of(error))
    done = OperationCompleted(operation_id=proposal.query_id, rows=fetched.rows)
    done.duration.FromNanoseconds(int((time.monotonic() - began) * 1e9))
    step.emit(done)
    step.summary(f"{fetched.rows:,} row{'s' if fetched.rows != 1 else ''}")
    return fetched


async def _fetched(step: Step, context: Context, proposal: Proposal, query: CheckedQuery, most_bytes: int) -> Fetched:
    source = source_of(step.run, context.source)
    limits = Limits(query.row_limit, step.run.services.limits.query_seconds, tell=step.progress)
    meaning = Meaning.of(proposal.draft, query, await source.describe())
    await values_known(step, context.source)
    as_of = last_day(meaning, step.run.services.lookup(step.run.owner, context.source), query.tables)
    reading = LONGEST_PASSAGE if source.language == KNOWLEDGE else 0
    telling = Telling(step, proposal, meaning, query.row_limit, most_bytes, reading)
    with query_span(source, query) as span:
        async with source.query(query, limits) as rows:
            count = await telling.tell(rows)
        span.set_attribute("db.response.returned_rows", count)
    return await telling.fetched(as_of)
