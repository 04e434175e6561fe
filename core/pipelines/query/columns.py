"""What a result's columns are called and counted in, where the query itself does not say."""

import re
from collections import Counter
from collections.abc import Sequence

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from core.pipelines.query.units import unit_of, units_by_column
from levada.v1.catalog_pb2 import Definition, Schema
from levada.v1.event_pb2 import ResultColumn

_AGGREGATES: dict[type[exp.Expr], str] = {
    exp.Sum: "total",
    exp.Avg: "average",
    exp.Min: "lowest",
    exp.Max: "highest",
    exp.Count: "number of",
}
# How many characters of an ISO date, or which format of one, make which span of time.
_SPANS = {"4": "year", "7": "month", "10": "day", "%Y": "year", "%Y-%m": "month", "%Y-%m-%d": "day"}


def described(columns: Sequence[ResultColumn], sql: str, schema: Schema) -> list[ResultColumn]:
    """Return *columns* with their units, and with names for people where *sql* gives an expression none."""
    described = [ResultColumn(name=c.name, type=c.type, nullable=c.nullable, unit=c.unit) for c in columns]
    selects = _selects(sql, schema.dialect)
    if len(selects) != len(described):
        return described
    known = units_by_column(schema)
    for column, select in zip(described, selects, strict=True):
        figure = _figure(select, schema)
        column.unit = column.unit or (figure.unit if figure else unit_of(select.unalias(), known))
        if not isinstance(select, exp.Alias | exp.Column | exp.Star):
            column.name = (figure.name if figure else _name(select)) or column.name
    return _different(described)


def _selects(sql: str, dialect: str) -> list[exp.Expr]:
    try:
        query = parse_one(sql, dialect=dialect)
    except SqlglotError:
        return []
    return query.selects if isinstance(query, exp.Query) else []


def _figure(select: exp.Expr, schema: Schema) -> Definition | None:
    said = _bare(select.unalias())
    return next((one for one in schema.definitions if said == _bare(_parsed(one.expression, schema.dialect))), None)


def _parsed(expression: str, dialect: str) -> exp.Expr | None:
    try:
        return parse_one(expression, dialect=dialect) if expression else None
    except SqlglotError:
        return None


def _bare(value: exp.Expr | None) -> str | None:
    return re.sub(r"[\s\"`()]", "", value.sql().casefold()) if value is not None else None


def _name(value: exp.Expr) -> str:
    inner = value.this
    match value:
        case exp.Round() | exp.Cast() | exp.Paren() if isinstance(inner, exp.Expr):
            return _name(inner)
        case exp.Substring():
            return _SPANS.get(value.args["length"].name, "") if value.args.get("length") is not None else ""
        case exp.TimeToStr():
            return _SPANS.get(value.args["format"].name, "")
        case exp.TimestampTrunc() | exp.DateTrunc():
            return str(value.args["unit"].name).lower()
        case exp.Extract():
            return str(value.name).lower()
        case exp.Year() | exp.Month() | exp.Day():
            return type(value).__name__.lower()
    return _aggregate(value)


def _aggregate(value: exp.Expr) -> str:
    word = _AGGREGATES.get(type(value), "")
    columns = list(value.find_all(exp.Column))
    if isinstance(value, exp.Count) and not columns:
        return _counted(value)
    return f"{word} {columns[0].name.replace('_', ' ').lower()}" if word and len(columns) == 1 else ""


def _counted(value: exp.Count) -> str:
    """Return the name of count(*): of a single table's rows, or just of rows."""
    select = value.find_ancestor(exp.Select)
    source = select.args.get("from_") if select is not None and not select.args.get("joins") else None
    return f"number of {source.this.name.replace('_', ' ').lower()}" if source and source.this.name else "count"


def _different(columns: list[ResultColumn]) -> list[ResultColumn]:
    """Number names that occur again, so that a name is one column's."""
    seen: Counter[str] = Counter()
    for column in columns:
        seen[column.name] += 1
        if seen[column.name] > 1:
            column.name = f"{column.name} ({seen[column.name]})"
    return columns
