"""Results written as a person would: columns with their types, and rows."""

from collections.abc import Sequence
from typing import Any

from core.pipelines.answering.analysis import Collector, Statistics
from core.sources.base import Batch
from levada.v1 import event_pb2 as events
from levada.v1.event_pb2 import ResultColumn

TYPES = {
    "text": events.COLUMN_TYPE_TEXT,
    "int": events.COLUMN_TYPE_INTEGER,
    "float": events.COLUMN_TYPE_DOUBLE,
    "decimal": events.COLUMN_TYPE_DECIMAL,
    "bool": events.COLUMN_TYPE_BOOLEAN,
    "date": events.COLUMN_TYPE_DATE,
    "timestamp": events.COLUMN_TYPE_TIMESTAMP,
    "instant": events.COLUMN_TYPE_TIMESTAMP_ZONED,
    "unknown": events.COLUMN_TYPE_UNSPECIFIED,
}


def columns_of(header: str) -> list[ResultColumn]:
    """Read "country text, revenue decimal EUR"."""
    parts = [part.rsplit("|", 2) if "|" in part else part.split() for part in header.split(", ")]
    return [ResultColumn(name=part[0], type=TYPES[part[1]], unit="".join(part[2:])) for part in parts]


def statistics_of(header: str, rows: Sequence[Sequence[Any]], sql: str = "", batch_rows: int = 2) -> Statistics:
    """Pass *rows* through a collector, a few at a time."""
    collector = Collector(columns_of(header), sql, "sqlite")
    for start in range(0, len(rows), batch_rows):
        batch = rows[start : start + batch_rows]
        collector.add(Batch([list(column) for column in zip(*batch, strict=True)], len(batch)))
    return collector.statistics()


def months(first_year: int, count: int) -> list[str]:
    """Name *count* months from January of *first_year* on."""
    return [f"{first_year + number // 12}-{number % 12 + 1:02}" for number in range(count)]
