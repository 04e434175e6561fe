"""The rows of a query as they are said: header at once, batches as they come, caps kept and told."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from core.pipeline import Step
from core.pipelines.answering import cells
from core.sources import rows
from core.sources.base import Batch
from levada.v1.event_pb2 import (
    ROW_ENCODING_ARROW,
    ROW_ENCODING_COLUMNS,
    TRUNCATION_BYTE_LIMIT,
    TRUNCATION_ROW_LIMIT,
    ResultColumn,
    TableCompleted,
    TableRows,
    TableStarted,
    Truncation,
)

# Rows said and not yet durable: enough to keep the writer busy, little enough for many runs at once.
UNFLUSHED_BYTES = 1024 * 1024
# gRPC clients take messages of 4 MiB by default, and a slow reader should not wait long for one event.
EVENT_BYTES = 1024 * 1024


@dataclass
class TableOfRows:
    """A table that a step says. *sent* counts rows, *size* bytes; *truncation* tells which cap was reached.

    *cut* are the columns some of whose values were too long.
    """

    step: Step
    table_id: str
    columns: Sequence[ResultColumn]
    most_rows: int
    most_bytes: int
    sent: int = 0
    size: int = 0
    unflushed: int = 0
    truncation: Truncation = Truncation.TRUNCATION_UNSPECIFIED
    cut: set[int] = field(default_factory=set)

    def start(self, query_id: str) -> None:
        arrow = self._arrow
        self.step.emit(
            TableStarted(
                table_id=self.table_id,
                columns=self.columns,
                query_id=query_id,
                encoding=ROW_ENCODING_ARROW if arrow else ROW_ENCODING_COLUMNS,
                arrow_schema=rows.arrow_schema(self.columns) if arrow else b"",
            )
        )

    async def add(self, batch: Batch) -> int:
        """Say *batch*, or what of it fits; return how many rows were said. Waits while too much is not durable yet."""
        if batch.row_count > self.most_rows - self.sent:
            self.truncation = TRUNCATION_ROW_LIMIT
            batch = part(batch, 0, self.most_rows - self.sent)
        message = self._encoded(batch)
        left = self.most_bytes - self.size
        size = message.ByteSize()
        if size > min(left, EVENT_BYTES) and batch.row_count > 1:
            return await self._add_halves(batch)
        if size > EVENT_BYTES:
            batch, cut = cells.shortened(batch)
            self.cut.update(cut)
            message = self._encoded(batch)
            size = message.ByteSize()
        if size > left:
            self.truncation = TRUNCATION_BYTE_LIMIT
            return 0
        await self._say(message, size)
        return batch.row_count

    async def _add_halves(self, batch: Batch) -> int:
        middle = batch.row_count // 2
        said = await self.add(part(batch, 0, middle))
        if self.truncation == TRUNCATION_BYTE_LIMIT:
            return said
        return said + await self.add(part(batch, middle, batch.row_count))

    def complete(self, problem: str = "") -> str:
        """Say that the rows ended; return why some are missing."""
        missing = problem or self._missing()
        message = f"{missing} {self._shortened()}".strip()
        self.step.emit(
            TableCompleted(
                table_id=self.table_id,
                rows=self.sent,
                truncated=bool(message),
                truncation=self.truncation or (TRUNCATION_BYTE_LIMIT if self.cut else self.truncation),
                message=message,
            )
        )
        return missing

    def _shortened(self) -> str:
        if not self.cut:
            return ""
        names = ", ".join(self.columns[index].name for index in sorted(self.cut))
        return (
            f"Long values of {names} are cut: a value can have {cells.CELL_BYTES / 2**20:g} MiB, a row "
            f"{cells.ROW_BYTES / 2**20:g} MiB. Ask for parts of them to see more."
        )

    @property
    def _arrow(self) -> bool:
        return self.step.run.request.options.row_encoding == ROW_ENCODING_ARROW

    def _encoded(self, batch: Batch) -> TableRows:
        encode: Callable[[Batch, Sequence[ResultColumn]], TableRows] = rows.encode_arrow if self._arrow else rows.encode
        message = encode(batch, self.columns)
        message.table_id = self.table_id
        message.offset = self.sent
        return message

    async def _say(self, message: TableRows, size: int) -> None:
        if not message.row_count:
            return
        self.step.emit(message)
        self.sent += message.row_count
        self.size += size
        self.unflushed += size
        if self.unflushed >= UNFLUSHED_BYTES:
            self.unflushed = 0
            await self.step.flush()

    def _missing(self) -> str:
        match self.truncation:
            case Truncation.TRUNCATION_ROW_LIMIT:
                return (
                    f"Only the first {self.sent:,} rows are shown: that is the row limit. Ask for fewer, or raise it."
                )
            case Truncation.TRUNCATION_BYTE_LIMIT:
                return (
                    f"Only the first {self.sent:,} rows are shown: they fill the limit of "
                    f"{self.most_bytes / 2**20:,.1f} MiB. Ask for fewer rows or columns."
                )
        return ""


def part(batch: Batch, start: int, end: int) -> Batch:
    """Return the rows of *batch* from *start* to before *end*."""
    return Batch(columns=[values[start:end] for values in batch.columns], row_count=end - start)
