"""Rows said as they come, header at once, and counted on the way for what they say."""

import asyncio
from collections.abc import Sequence
from datetime import date

from core.errors import LevadaError
from core.pipeline import Step
from core.pipelines.answering import closer
from core.pipelines.answering.analysis import Collector
from core.pipelines.answering.columns import days_of, described, worded
from core.pipelines.answering.digest import digested
from core.pipelines.answering.excerpt import LONGEST, Excerpting
from core.pipelines.answering.meaning import Meaning
from core.pipelines.answering.results import Digest, Fetched, Proposal
from core.pipelines.answering.table import TableOfRows, part
from core.sources.base import Rows
from levada.v1.event_pb2 import TRUNCATION_UNSPECIFIED
from levada.v1.run_pb2 import Analysis


class Telling:
    """Says the rows of *proposal*'s query, and keeps of them what its Fetched is made of.

    Texts of up to *reading* characters, where that is given, are kept to be read, and nothing is computed of them.
    """

    def __init__(
        self, step: Step, proposal: Proposal, meaning: Meaning, most_rows: int, most_bytes: int, reading: int = 0
    ) -> None:
        self._step, self._proposal, self._meaning = step, proposal, meaning
        self._most_rows, self._most_bytes, self._reading = most_rows, most_bytes, reading
        self._table: TableOfRows
        self._kept: Excerpting
        self._collector: Collector | None = None
        self._truncated = ""

    async def tell(self, rows: Rows) -> int:
        """Say all rows that fit and return how many; raises what reading *rows* raises."""
        meaning, query_id = self._meaning, self._proposal.query_id
        columns = described(rows.columns, meaning.checked, meaning.schema)
        self._table = TableOfRows(self._step, f"t-{query_id}", columns, self._most_rows, self._most_bytes)
        self._kept = Excerpting(columns, self._reading or LONGEST)
        if self._step.run.request.options.analyze != Analysis.ANALYSIS_NONE and not self._reading:
            self._collector = Collector(columns, meaning.written, meaning.schema.dialect)
        self._table.start(query_id)
        try:
            await self._say(rows, days_of(meaning.checked, meaning.schema))
        except LevadaError as error:
            self._table.complete(f"These rows are not whole: {error.message}")
            raise
        self._truncated = self._table.complete()
        return self._table.sent

    async def _say(self, rows: Rows, days: Sequence[dict[str, str]]) -> None:
        """Say rows until they end or a cap is reached, keep the first ones, and collect their statistics."""
        async for rows_read in rows:
            batch = worded(rows_read, days)
            said = await self._table.add(batch)
            self._kept.add(batch)
            if self._collector is not None:
                self._collector.add(batch if said == batch.row_count else part(batch, 0, said))
            if self._table.truncation != TRUNCATION_UNSPECIFIED:
                break

    async def fetched(self, as_of: date | None) -> Fetched:
        """Return what was told and what it amounts to; *as_of* is the last day of the data, where that is known."""
        table = self._table
        return Fetched(
            query_id=self._proposal.query_id,
            table_id=table.table_id,
            rows=table.sent,
            bytes=table.size,
            truncated=self._truncated,
            digest=await self._digest(as_of),
        )

    async def _digest(self, as_of: date | None) -> Digest:
        if self._collector is None:
            return Digest(excerpt=self._kept.excerpt(self._table.sent)) if self._reading else Digest()
        question = self._step.run.request.question
        digest = await asyncio.to_thread(
            digested,
            self._proposal,
            self._meaning,
            self._table.columns,
            self._collector.statistics(),
            table_id=self._table.table_id,
            truncated=bool(self._truncated),
            why=question if closer.is_why(question) else "",
            as_of=as_of,
        )
        digest.excerpt = self._kept.excerpt(self._table.sent)
        return digest
