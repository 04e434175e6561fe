"""What to ask a source, in its own language, for the values of its columns and their bounds; all of it bounded."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from sqlglot import exp

from levada.v1 import event_pb2 as events
from levada.v1.catalog_pb2 import Column, Table

VALUES_PER_COLUMN = 5_000
"""Different values kept of a column; a column with more is kept for its first ones only."""

SAMPLED_ROWS = 50_000
"""Rows of a large table that are looked at for values."""

LARGE_TABLE = 200_000
"""Rows from which a table is sampled rather than read whole."""

LONGEST_VALUE = 100
"""Characters of the longest text taken for a value rather than prose."""

FEW_CHANNELS = 10
"""Channels whose newest messages are looked at, to know when the last one was."""

Place = tuple[str, str]
_BOUNDED = {events.COLUMN_TYPE_DATE, events.COLUMN_TYPE_TIMESTAMP, events.COLUMN_TYPE_TIMESTAMP_ZONED}
_BOUNDED |= {events.COLUMN_TYPE_INTEGER, events.COLUMN_TYPE_DOUBLE, events.COLUMN_TYPE_DECIMAL}
_IDS = ("objectId", "uuid", "binData")


@dataclass(frozen=True)
class Question:
    """A query. Its rows hold a value of each place (table, column) of *values*, then low and high of *bounds*'.

    Those of *ends* have the high one only.
    """

    text: str
    values: Sequence[Place] = ()
    bounds: Sequence[Place] = ()
    ends: Sequence[Place] = ()


def questions(table: Table, dialect: str) -> Iterator[Question]:
    """Yield what to ask for the values of *table*'s columns."""
    yield from _ASKED.get(dialect, _of_rows)(table, dialect)


def key(table: Table) -> str:
    return f"{table.namespace}.{table.name}" if table.namespace else table.name


def _of_rows(table: Table, dialect: str) -> Iterator[Question]:
    for column in table.columns:
        place = (key(table), column.name)
        if column.type == events.COLUMN_TYPE_TEXT:
            yield Question(values_query(table, column, dialect), values=[place])
        if column.type in _BOUNDED or (column.type == events.COLUMN_TYPE_TEXT and _dated(column)):
            yield Question(bounds_query(table, column, dialect), bounds=[place])


def _of_documents(table: Table, _: str) -> Iterator[Question]:
    """One question for each text; one for all bounds, as each reads the whole collection."""
    for column in table.columns:
        if column.type == events.COLUMN_TYPE_TEXT and not column.native_type.startswith(_IDS):
            parts = column.name.split("[]")
            lists = [f"${path}" for path in accumulate(parts[:-1])]
            pipeline: list[dict[str, Any]] = [{"$limit": SAMPLED_ROWS}] if _large(table) else []
            pipeline += [{"$unwind": path} for path in lists]
            pipeline += [{"$group": {"_id": "$" + "".join(parts)}}, {"$limit": VALUES_PER_COLUMN}]
            yield Question(_pipeline(table, pipeline), values=[(table.name, column.name)])
    bounded = [column.name for column in table.columns if column.type in _BOUNDED and "[]" not in column.name]
    if bounded:
        found = {
            f"{word}{place}": {f"${word}": f"${name}"} for place, name in enumerate(bounded) for word in ("min", "max")
        }
        text = _pipeline(table, [{"$group": {"_id": None, **found}}])
        yield Question(text, bounds=[(table.name, name) for name in bounded])


def _pipeline(table: Table, stages: list[dict[str, Any]]) -> str:
    return json.dumps({"collection": table.name, "pipeline": stages})


def _of_points(table: Table, _: str) -> Iterator[Question]:
    """Points can only be read as they are: the first ones tell their values, and no bounds."""
    texts = [
        column.name
        for column in table.columns
        if column.type == events.COLUMN_TYPE_TEXT and column.name != "id" and "[]" not in column.name
    ]
    if texts:
        text = json.dumps({"collection": table.name, "limit": VALUES_PER_COLUMN, "fields": texts})
        yield Question(text, values=[(table.name, name) for name in texts])


def _of_workspace(table: Table, _: str) -> Iterator[Question]:
    """Names of people and channels, and when the last message was; no other is read for it.

    That takes a call for each channel, of which Slack grants so many a minute.
    """
    names = {"users": ("users", "name"), "channels": ("channels", "name")}
    if table.name in names:
        yield Question(_listing(table.name), values=[names[table.name]])
    if table.name == "messages":
        yield Question(_listing("users"), values=[("messages", "author")])
        yield Question(_listing("channels"), values=[("messages", "channel")])
        if 0 < sum(len(column.samples) for column in table.columns if column.name == "channel") <= FEW_CHANNELS:
            newest = json.dumps({"method": "history", "limit": 1, "fields": ["sent_at"]})
            yield Question(newest, ends=[("messages", "sent_at")])


def _listing(method: str) -> str:
    return json.dumps({"method": method, "fields": ["name"]})


def _of_passages(_: Table, __: str) -> Iterator[Question]:
    """Passages are prose: nothing in them is a value."""
    yield from ()


_ASKED: dict[str, Callable[[Table, str], Iterator[Question]]] = {
    "mongodb": _of_documents,
    "qdrant": _of_points,
    "slack": _of_workspace,
    "knowledge": _of_passages,
}


def _dated(column: Column) -> bool:
    """Say whether a text column holds dates written year first."""
    samples = [bool(re.match(r"\d{4}[-/]\d\d?[-/]\d\d?", sample)) for sample in column.samples]
    return bool(samples) and all(samples)


def _rows(table: Table) -> exp.Table:
    name = exp.to_identifier(table.name, quoted=True)
    return exp.Table(this=name, db=exp.to_identifier(table.namespace, quoted=True) if table.namespace else None)


def _large(table: Table) -> bool:
    return not table.HasField("row_estimate") or table.row_estimate > LARGE_TABLE


def values_query(table: Table, column: Column, dialect: str) -> str:
    """Return the query for a text column's different values, bounded in rows read and in values."""
    name = exp.column(exp.to_identifier(column.name, quoted=True))
    short = exp.LTE(this=exp.Length(this=name.copy()), expression=exp.Literal.number(LONGEST_VALUE))
    rows = exp.select(name.copy()).from_(_rows(table))
    if _large(table):
        inner = rows.limit(SAMPLED_ROWS).subquery("sampled")
        query = exp.select(name.copy()).distinct().from_(inner).where(short)
    else:
        query = rows.distinct().where(short)
    return query.limit(VALUES_PER_COLUMN).sql(dialect=dialect)


def bounds_query(table: Table, column: Column, dialect: str) -> str:
    """Return the query for a column's smallest and largest value. Two subqueries, so that an index answers each."""
    name = exp.column(exp.to_identifier(column.name, quoted=True))
    rows = _rows(table)
    low, high = (
        exp.select(function(this=name.copy())).from_(rows.copy()).subquery() for function in (exp.Min, exp.Max)
    )
    return exp.select(low.as_("low"), high.as_("high")).sql(dialect=dialect)
