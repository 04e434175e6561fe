"""What a result's columns are called and counted in, where the query itself does not say."""

from collections import Counter
from collections.abc import Sequence

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from core.pipelines.answering.naming import Names
from core.pipelines.answering.spans import weekdays
from core.sources.base import Batch
from levada.v1.catalog_pb2 import Schema
from levada.v1.event_pb2 import COLUMN_TYPE_TEXT, ResultColumn

# What nothing better is known of; never the text of an expression.
UNNAMED = "value"


def described(columns: Sequence[ResultColumn], sql: str, schema: Schema) -> list[ResultColumn]:
    """Return *columns* with their units, and with names for people where *sql* gives an expression none."""
    described = [ResultColumn(name=c.name, type=c.type, nullable=c.nullable, unit=c.unit) for c in columns]
    selects = _selects(sql, schema.dialect)
    if len(selects) != len(described):
        return described
    names = Names(schema)
    for column, select in zip(described, selects, strict=True):
        name, unit = names.of(select.unalias())
        column.unit = column.unit or unit
        if not isinstance(select, exp.Alias | exp.Column | exp.Star):
            column.name = name or UNNAMED
        if weekdays(select):
            column.type = COLUMN_TYPE_TEXT
    return _different(described)


def worded(batch: Batch, days: Sequence[dict[str, str]]) -> Batch:
    """Return *batch* with weekdays by their names, where *days* (one for each column) has any."""
    if not any(days) or len(days) != len(batch.columns):
        return batch
    columns = [
        [names.get(str(value), value) for value in values] if names else values
        for values, names in zip(batch.columns, days, strict=True)
    ]
    return Batch(columns, batch.row_count)


def days_of(sql: str, schema: Schema) -> list[dict[str, str]]:
    """Return, for each column that *sql* selects, the names of the weekdays that it numbers."""
    return [weekdays(select) for select in _selects(sql, schema.dialect)]


def _selects(sql: str, dialect: str) -> list[exp.Expr]:
    try:
        query = parse_one(sql, dialect=dialect)
    except SqlglotError:
        return []
    return query.selects if isinstance(query, exp.Query) else []


def _different(columns: list[ResultColumn]) -> list[ResultColumn]:
    """Number names that occur again, so that a name is one column's."""
    seen: Counter[str] = Counter()
    for column in columns:
        seen[column.name] += 1
        if seen[column.name] > 1:
            column.name = f"{column.name} ({seen[column.name]})"
    return columns
