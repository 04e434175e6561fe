"""A schema as a prompt shows it: a line per column with its type, keys, comment, range and sample values."""

import datetime
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from core.models.base import Ask, Lookup
from core.pipelines.answering.relevance.tables import key
from core.prompts import Ours, Part, quoted
from levada.v1 import event_pb2 as events
from levada.v1.catalog_pb2 import Column, ForeignKey, Table

# Fields of documents lie within others, and within lists: items[].product.name.
_PLAIN_NAME = re.compile(r"[^\W\d][\w$]{0,127}(?:\[\])*(?:\.[^\W\d][\w$]{0,127}(?:\[\])*){0,7}")
_COLLECTIONS = {"mongodb", "qdrant"}
# SQLite takes any words for a type; these are those that other types than one word are made of.
_PLAIN_TYPE = re.compile(
    r"[a-z]\w{0,30}(?: precision| varying| unsigned)?(?:\(\d{1,5}(?:, ?\d{1,5})?\))?(?: with(?:out)? time zone)?",
    re.IGNORECASE | re.ASCII,
)
_ISO_DAY = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
_TIMES = {events.COLUMN_TYPE_DATE, events.COLUMN_TYPE_TIMESTAMP, events.COLUMN_TYPE_TIMESTAMP_ZONED}
_SAMPLES, _SAMPLE = 5, 80


def table_parts(ask: Ask) -> list[Part]:
    """Return the tables, best first; without their details they are names, types and keys."""
    count = len(ask.schema.tables)
    parts = []
    for place, table in enumerate(ask.schema.tables):
        lines = list(_lines(table, ask.lookup, "collection" if ask.schema.dialect in _COLLECTIONS else "table"))
        text, lean = (Ours("\n".join(line[at] for line in lines)) for at in (0, 1))
        parts.append(Part(key(table), text, worth=1 - place / count, lean=lean if lean != text else None))
    return parts


def index_parts(tables: Sequence[Table]) -> list[Part]:
    """Return a line per table, best first: its name, what it is, its columns' names."""
    parts = []
    for place, table in enumerate(tables):
        name = named(key(table))
        columns = ", ".join(named(column.name) for column in table.columns)
        comment = f" {quoted(table.comment)}" if table.comment else ""
        text = Ours(f"{name}{comment}: {columns}")
        parts.append(Part(key(table), text, worth=1 - place / len(tables), lean=name))
    return parts


def named(name: str) -> Ours:
    """Return a name as it stands when it is a plain one, else as data."""
    return Ours(name) if _PLAIN_NAME.fullmatch(name) else quoted(name)


def last_day(ask: Ask) -> datetime.date | None:
    """Return the day up to today that most of the data's times end on, as far as that is known."""
    days = [
        day
        for table in ask.schema.tables
        for column in table.columns
        if _dated(column) and (day := _day((ask.lookup.bounds(key(table), column.name) or (None, None))[1]))
    ]
    past = [day for day in days if day <= ask.today]
    return max(past, key=lambda day: (past.count(day), day), default=None)


def _lines(table: Table, lookup: Lookup, kind: str) -> Iterator[tuple[str, str]]:
    """Yield each line whole and without details."""
    head = f"{'view' if table.is_view else kind} {named(key(table))}"
    if len(table.primary_key) > 1:
        head += f" primary key ({', '.join(named(name) for name in table.primary_key)})"
    rows = f", about {table.row_estimate:,} rows" if table.HasField("row_estimate") else ""
    comment = f": {quoted(table.comment)}" if table.comment else ""
    yield f"{head}{rows}{comment}", head
    own = table.primary_key[0] if len(table.primary_key) == 1 else ""
    refers = {foreign.columns[0]: foreign for foreign in table.foreign_keys if len(foreign.columns) == 1}
    for column in table.columns:
        lean = _column(column, column.name == own, refers.get(column.name))
        # Ids tell nothing by their values.
        sampled = not (column.name == own or column.unique or column.name in refers)
        yield f"{lean}{_details(table, column, lookup, sampled)}", lean
    for foreign in table.foreign_keys:
        if len(foreign.columns) > 1:
            line = f"  ({', '.join(map(named, foreign.columns))}) -> {_target(foreign)}"
            yield line, line


def _column(column: Column, primary: bool, foreign: ForeignKey | None) -> str:
    said = f"  {named(column.name)} {_kind(column.native_type)}"
    if primary:
        said += " primary key"
    elif column.unique:
        said += " unique"
    if not column.nullable and not primary:
        said += " not null"
    return f"{said} -> {_target(foreign)}" if foreign else said


@lru_cache(1_000)
def _kind(native_type: str) -> str:
    if not native_type:
        return "untyped"
    return native_type if _PLAIN_TYPE.fullmatch(native_type) else quoted(native_type)


def _target(foreign: ForeignKey) -> str:
    table = ".".join(part for part in (foreign.referenced_namespace, foreign.referenced_table) if part)
    columns = foreign.referenced_columns
    if len(columns) == 1:
        return named(f"{table}.{columns[0]}")
    return f"{named(table)} ({', '.join(map(named, columns))})"


def _details(table: Table, column: Column, lookup: Lookup, sampled: bool) -> str:
    said = f" in {quoted(column.unit)}" if column.unit else ""
    if column.comment:
        said += f": {quoted(column.comment)}"
    bounds = lookup.bounds(key(table), column.name) if _dated(column) else None
    if bounds and bounds[0] is not None:
        said += f"; from {quoted(str(bounds[0]))} to {quoted(str(bounds[1]))}"
    elif bounds and bounds[1] is not None:
        said += f"; up to {quoted(str(bounds[1]))}"
    elif sampled and column.samples:
        said += f"; e.g. {', '.join([quoted(sample, _SAMPLE) for sample in column.samples[:_SAMPLES]])}"
    return said


def _dated(column: Column) -> bool:
    return column.type in _TIMES or (
        column.type == events.COLUMN_TYPE_TEXT and bool(column.samples) and bool(_ISO_DAY.match(column.samples[0]))
    )


def _day(value: Any) -> datetime.date | None:
    if isinstance(value, datetime.datetime):
        return value.date()
    if isinstance(value, str) and _ISO_DAY.match(value):
        return datetime.date.fromisoformat(value[:10])
    return value if isinstance(value, datetime.date) else None
