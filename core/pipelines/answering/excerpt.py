"""A result's first rows, kept for whoever puts it into words: enough to quote from, small enough for a prompt."""

from collections.abc import Sequence
from decimal import Decimal
from math import isfinite
from typing import Any

from core.models.base import Excerpt
from core.sources.base import Batch
from levada.v1.event_pb2 import ResultColumn

MOST_ROWS = 30
LONGEST = 80


class Excerpting:
    """Takes a result's batches; texts are kept up to *longest* characters."""

    def __init__(self, columns: Sequence[ResultColumn], longest: int = LONGEST) -> None:
        self._columns, self._longest = columns, longest
        self._rows: list[list[bool | int | float | str | None]] = []

    def add(self, batch: Batch) -> None:
        """Take in *batch*."""
        left = min(MOST_ROWS - len(self._rows), batch.row_count)
        self._rows += [[_cell(values[row], self._longest) for values in batch.columns] for row in range(left)]

    def excerpt(self, total: int) -> Excerpt:
        """Return what was kept of *total* rows."""
        names, units = [column.name for column in self._columns], [column.unit for column in self._columns]
        return Excerpt(columns=names, units=units, rows=self._rows[:total], total=total)


def _cell(value: Any, longest: int) -> bool | int | float | str | None:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float | Decimal):
        return float(value) if isfinite(value) else str(value)
    if isinstance(value, bytes):
        return f"{len(value):,} bytes"
    return str(value)[:longest]
