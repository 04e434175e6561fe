"""execute_sql: the rows, header at once and batches as the driver yields them, counted on the way for the analysis."""

import asyncio
import time
from collections.abc import Sequence

from core.errors import LevadaError, QueryFailed
from core.pipeline import Step, step
from core.pipelines.query import closer
from core.pipelines.query.analysis import Collector
from core.pipelines.query.asking import indexed, source_of
from core.pipelines.query.columns import days_of, described, worded
from core.pipelines.query.digest import digested, last_day
from core.pipelines.query.excerpt import Excerpting
from core.pipelines.query.results import Context, Digest, Failure, Fetched, Proposal
from core.pipelines.query.span import query_span
from core.pipelines.query.steps import EXECUTE_SQL
from core.pipelines.query.table import TableOfRows, part
from core.pipelines.query.validate import check
from core.sources.base import CheckedQuery, Limits, Rows
from levada.v1.event_pb2 import (
    TRUNCATION_UNSPECIFIED,
    OperationCompleted,
    OperationStarted,
)
from levada.v1.run_pb2 import Analysis


@step(EXECUTE_SQL)
async def execute_sql(step: Step, context: Context, proposal: Proposal, most_bytes: int, mendable: bool) -> Fetched:
    """Run the query and say its rows, at most *most_bytes*.

    Raises QueryTimeout, SourceUnavailable, SourceLost, and QueryFailed when it is not *mendable*.
    """
    step.progress(EXECUTE_SQL.doing)
    # Checked again rather than taken from a checkpoint: only what the guard made in this process runs.
    query = await check(step.run, context.source, proposal.draft.sql)
    began = time.monotonic()
    step.emit(OperationStarted(operation_id=proposal.query_id, source=context.source, kind="sql"))
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
    limits = Limits(rows=query.row_limit, seconds=step.run.services.limits.query_seconds)
    schema = await source.describe()
    with query_span(source, query) as span:
        async with source.query(query, limits) as rows:
            columns = described(rows.columns, query.sql, schema)
            table = TableOfRows(step, f"t-{proposal.query_id}", columns, query.row_limit, most_bytes)
            looked_at = step.run.request.options.analyze != Analysis.ANALYSIS_NONE
            collector = Collector(columns, proposal.draft.sql, source.dialect) if looked_at else None
            kept = Excerpting(columns)
            await _said(rows, table, collector, kept, days_of(query.sql, schema), proposal.query_id)
        span.set_attribute("db.response.returned_rows", table.sent)
    truncated = table.complete()
    await indexed(step.run, context.source)
    digest = Digest()
    if collector is not None:
        digest = await asyncio.to_thread(
            digested,
            proposal,
            schema,
            columns,
            collector.statistics(),
            table_id=table.table_id,
            truncated=bool(truncated),
            why=step.run.request.question if closer.is_why(step.run.request.question) else "",
            as_of=last_day(schema, step.run.services.lookup(step.run.owner, context.source), query),
        )
        digest.excerpt = kept.excerpt(table.sent)
    return Fetched(
        query_id=proposal.query_id,
        table_id=table.table_id,
        rows=table.sent,
        bytes=table.size,
        truncated=truncated,
        digest=digest,
    )


async def _said(
    rows: Rows,
    table: TableOfRows,
    collector: Collector | None,
    kept: Excerpting,
    days: Sequence[dict[str, str]],
    query_id: str,
) -> None:
    """Say all rows that fit, keep the first ones, and collect their statistics where they are wanted."""
    table.start(query_id)
    try:
        async for rows_read in rows:
            batch = worded(rows_read, days)
            said = await table.add(batch)
            kept.add(batch)
            if collector is not None:
                collector.add(batch if said == batch.row_count else part(batch, 0, said))
            if table.truncation != TRUNCATION_UNSPECIFIED:
                break
    except LevadaError as error:
        table.complete(f"These rows are not whole: {error.message}")
        raise
