"""Rule for what another dialect says: read the query as that dialect's and write it in the source's own."""

from collections.abc import Callable, Iterator

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError

# In the order in which people and models mix them up.
DIALECTS = ("postgres", "mysql", "sqlite", "duckdb", "trino", "tsql", "bigquery", "snowflake", "oracle")
_SQLITE_FORMATS = {
    "YEAR": "%Y-01-01",
    "MONTH": "%Y-%m-01",
    "DAY": "%Y-%m-%d",
    "HOUR": "%Y-%m-%d %H:00:00",
    "MINUTE": "%Y-%m-%d %H:%M:00",
}
_SQLITE_PARTS = {"YEAR": "%Y", "MONTH": "%m", "DAY": "%d", "HOUR": "%H", "MINUTE": "%M", "DOW": "%w", "DOY": "%j"}


def in_own_dialect(sql: str, dialect: str, works: Callable[[str], bool]) -> tuple[str, str] | None:
    """Return the first rewriting of *sql* that *works*, and what was done."""
    for other in DIALECTS:
        for written in _rewritten(sql, other, dialect):
            if written != sql and works(written):
                return written, f"The query was written in the words of {other}; now it is in those of {dialect}."
    return None


def _rewritten(sql: str, other: str, dialect: str) -> Iterator[str]:
    try:
        tree = sqlglot.parse_one(sql, dialect=other, error_level=ErrorLevel.RAISE)
        if dialect == "sqlite":
            tree = tree.transform(_for_sqlite)
        yield tree.sql(dialect, unsupported_level=ErrorLevel.RAISE)
    except (SqlglotError, RecursionError):
        return


def _for_sqlite(node: exp.Expr) -> exp.Expr:
    """Write dates as SQLite does, where sqlglot leaves them to an engine that has functions for them."""
    match node:
        case exp.TimestampTrunc() | exp.DateTrunc() | exp.DatetimeTrunc():
            found = _SQLITE_FORMATS.get(_unit(node))
            return _strftime(found, node.this) if found else node
        case exp.Extract():
            found = _SQLITE_PARTS.get(node.name.upper())
            return exp.cast(_strftime(found, node.expression), "INTEGER") if found else node
        case exp.Year() | exp.Month() | exp.Day() | exp.DayOfMonth():
            part = {"Year": "%Y", "Month": "%m"}.get(type(node).__name__, "%d")
            return exp.cast(_strftime(part, _bare(node.this)), "INTEGER")
        case exp.Add() | exp.Sub() if isinstance(node.expression, exp.Interval):
            return _moved(node.this, node.expression, "+" if isinstance(node, exp.Add) else "-")
        case exp.DateAdd() | exp.DateSub() if node.args.get("unit"):
            sign = "+" if isinstance(node, exp.DateAdd) else "-"
            return _moved(node.this, exp.Interval(this=node.expression, unit=node.args["unit"]), sign)
    return node


def _unit(node: exp.Expr) -> str:
    unit = node.args.get("unit")
    return unit.name.upper() if unit is not None else ""


def _bare(value: exp.Expr) -> exp.Expr:
    return value.this if isinstance(value, exp.TsOrDsToDate | exp.Cast) else value


def _strftime(form: str, value: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this="STRFTIME", expressions=[exp.Literal.string(form), value.copy()])


def _moved(value: exp.Expr, interval: exp.Interval, sign: str) -> exp.Expr:
    if not isinstance(interval.this, exp.Literal) or interval.args.get("unit") is None:
        return exp.Sub(this=value, expression=interval) if sign == "-" else exp.Add(this=value, expression=interval)
    by = exp.Literal.string(f"{sign}{interval.this.name} {_unit(interval).lower().rstrip('s')}s")
    moment = exp.Literal.string("now") if isinstance(value, exp.CurrentDate | exp.CurrentTimestamp) else value.copy()
    name = "DATE" if isinstance(value, exp.CurrentDate) or _unit(interval).rstrip("S") in _DATE_UNITS else "DATETIME"
    return exp.Anonymous(this=name, expressions=[moment, by])


_DATE_UNITS = {"DAY", "MONTH", "YEAR"}
