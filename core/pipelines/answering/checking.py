"""The guard, asked as a run asks it: over what its owner may read, for as many rows as it may have."""

import asyncio

from core.pipeline import Run
from core.pipelines.answering.asking import source_of
from core.sources.base import CheckedQuery


async def check(run: Run, source_name: str, sql: str) -> CheckedQuery:
    """Return *sql* as it may run for the run's owner. Raises QueryRefused, SourceUnavailable."""
    source = source_of(run, source_name)
    # A long query takes the guard tenths of a second: in a thread, so that other runs' events go on meanwhile.
    return await asyncio.to_thread(source.check, sql, await source.describe(), row_limit(run))


def row_limit(run: Run) -> int:
    limits = run.services.limits
    return min(run.request.options.row_limit or limits.default_rows, limits.rows)
