"""One try at an operation's rows: the first are shown as they come, all are kept for the join."""

import time
from collections.abc import Sequence
from typing import Self

from core.errors import LevadaError
from core.pipeline import Step
from core.pipelines.answering.span import query_span
from core.pipelines.answering.table import TableOfRows, part
from core.pipelines.federated.operations.scratch import Keeping, Scratch, on_disk
from core.pipelines.federated.results import Kept
from core.sources.base import Batch, CheckedQuery, Limits, Rows, Source
from levada.v1.event_pb2 import TRUNCATION_UNSPECIFIED, ResultColumn

# What people see of an operation's rows.
SHOWN_ROWS = 100
SHOWN_BYTES = 2**20
TOLD_SECONDS = 1.0


class Taking:
    """Takes the rows of one or several queries as one table. What is left before `finish` leaves nothing behind."""

    def __init__(self, step: Step, table_id: str, scratch: Scratch, work: str, most_rows: int) -> None:
        self._step, self._table_id, self._scratch, self._work = step, table_id, scratch, work
        self._most_rows = most_rows
        self._told = time.monotonic()
        self._table: TableOfRows | None = None
        self._keeping: Keeping | None = None
        self._truncated = ""
        self._showing = True

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, _: object, error: BaseException | None, __: object) -> None:
        if error is None or self._keeping is None:
            return
        await on_disk(self._keeping.give_up)
        if self._table is not None and isinstance(error, LevadaError | TimeoutError):
            why = error.message if isinstance(error, LevadaError) else "It took too long."
            self._table.complete(f"These rows are not whole: {why}")

    async def take(self, source: Source, query: CheckedQuery, seconds: float) -> None:
        """Take the rows that *query* gives within *seconds*."""
        if self._truncated:
            return
        limits = Limits(query.row_limit, seconds, tell=self._step.progress, arrow_after=SHOWN_ROWS)
        with query_span(source, query) as span:
            async with source.query(query, limits) as rows:
                keeping = self._keeping or await self._begin(rows)
                before = keeping.rows
                async for batch in rows:
                    await self._add(keeping, batch, rows.columns)
                    if self._truncated:
                        break
            span.set_attribute("db.response.returned_rows", keeping.rows - before)

    async def _begin(self, rows: Rows) -> Keeping:
        self._keeping = await on_disk(lambda: Keeping(self._scratch, self._work, rows.columns))
        self._table = TableOfRows(self._step, self._table_id, self._keeping.columns, SHOWN_ROWS, SHOWN_BYTES)
        self._table.start(self._step.name.rpartition("/")[2])
        return self._keeping

    async def _add(self, keeping: Keeping, batch: Batch, columns: Sequence[ResultColumn]) -> None:
        if keeping.rows + batch.row_count > self._most_rows:
            batch = part(batch, 0, self._most_rows - keeping.rows)
            self._truncated = f"Only the first {self._most_rows:,} rows were taken: no operation may give more."
        await on_disk(lambda: keeping.add(batch, columns))
        table = self._table
        # Those of another query may be of other types than were announced.
        self._showing &= table is not None and [one.type for one in columns] == [one.type for one in table.columns]
        if table is not None and self._showing and table.truncation == TRUNCATION_UNSPECIFIED:
            await table.add(batch)
        if (now := time.monotonic()) - self._told > TOLD_SECONDS:
            self._told = now
            self._step.progress(f"{keeping.rows:,} rows so far.")

    async def finish(self) -> Kept:
        """Return the rows as they are kept."""
        keeping, table = self._keeping, self._table
        if keeping is None or table is None:
            raise AssertionError("no query was run")
        kept = await on_disk(lambda: keeping.finish(self._truncated))
        more = kept.rows - table.sent
        table.complete(f"These are the first {table.sent:,} of {kept.rows:,} rows." if more else "")
        return kept
