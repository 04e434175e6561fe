"""What each SQL dialect spells differently: quoting, dates cut to a unit, text comparison."""

import datetime
import re
from functools import lru_cache

from sqlglot import exp
from sqlglot.tokens import Tokenizer

_PLAIN = {"postgres": re.compile(r"[a-z_][a-z0-9_]*")}
_ANY_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_RESERVED = {word.lower() for word in Tokenizer.KEYWORDS if word.isalpha()} | {"rank", "groups", "user", "order", "end"}


# Sources that speak no SQL are planned for in this one, and then in their own words.
_DOCUMENTS = {"mongodb": "duckdb", "qdrant": "duckdb", "slack": "duckdb"}


def spoken(dialect: str) -> str:
    """Return the SQL that is written for a source of *dialect*."""
    return _DOCUMENTS.get(dialect, dialect) or "sqlite"


def identifier(name: str, dialect: str) -> exp.Identifier:
    """Return *name* as an identifier, quoted where the dialect needs it."""
    plain = _PLAIN.get(dialect, _ANY_PLAIN).fullmatch(name) and name.lower() not in _RESERVED
    return exp.Identifier(this=name, quoted=not plain)


@lru_cache(maxsize=10_000)
def quote(name: str, dialect: str) -> str:
    """Return *name* as it is written in SQL."""
    return identifier(name, dialect).sql(dialect=dialect)


def text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def day(value: str, dialect: str) -> str:
    """Return *value*, an ISO date, to compare a date or timestamp with. Trino takes no text for one."""
    return f"DATE {text(value)}" if dialect == "trino" else text(value)


def literal(value: object, dialect: str) -> str:
    """Return *value* written in SQL."""
    if isinstance(value, bool):
        return ("1" if value else "0") if dialect == "sqlite" else str(value).upper()
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, datetime.date):
        return text(value.isoformat())
    written = text(str(value))
    return written.replace("\\", "\\\\") if dialect == "mysql" else written


def contains(column: str, pattern: str, dialect: str) -> str:
    """Return the condition that *column* is like *pattern*, whatever the case."""
    operator = "ILIKE" if dialect in ("postgres", "duckdb", "trino") else "LIKE"
    return f"{column} {operator} {literal(pattern, dialect)}"


def bucket(column: str, unit: str, dialect: str) -> str:
    """Return *column*, a date or timestamp, cut to *unit* so that text or date order is time order."""
    if dialect == "sqlite":
        return _SQLITE[unit].format(column)
    if dialect == "mysql":
        return _MYSQL[unit].format(column)
    if unit == "year":
        return f"CAST(EXTRACT(YEAR FROM {column}) AS INTEGER)"
    if unit == "weekday":
        part = "DAY_OF_WEEK" if dialect == "trino" else "ISODOW"
        return f"CAST(EXTRACT({part} FROM {column}) AS INTEGER)"
    if unit == "hour":
        return f"CAST(EXTRACT(HOUR FROM {column}) AS INTEGER)"
    return f"CAST(DATE_TRUNC('{unit}', {column}) AS DATE)"


_SQLITE = {
    "year": "SUBSTR({0}, 1, 4)",
    "quarter": "SUBSTR({0}, 1, 4) || '-Q' || ((CAST(SUBSTR({0}, 6, 2) AS INTEGER) + 2) / 3)",
    "month": "SUBSTR({0}, 1, 7)",
    "week": "DATE(SUBSTR({0}, 1, 10), 'weekday 0', '-6 days')",
    "day": "SUBSTR({0}, 1, 10)",
    "weekday": "STRFTIME('%w', {0})",
    "hour": "SUBSTR({0}, 12, 2)",
}
_MYSQL = {
    "year": "YEAR({0})",
    "quarter": "CONCAT(YEAR({0}), '-Q', QUARTER({0}))",
    "month": "DATE_FORMAT({0}, '%Y-%m')",
    "week": "DATE(DATE_SUB({0}, INTERVAL WEEKDAY({0}) DAY))",
    "day": "DATE({0})",
    "weekday": "WEEKDAY({0}) + 1",
    "hour": "HOUR({0})",
}
