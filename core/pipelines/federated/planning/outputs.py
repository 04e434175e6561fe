"""Which columns an operation gives, as far as its query tells."""

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from core.models.plans import Operation
from core.sources.base import SQL


def columns_of(operation: Operation, dialect: str, checked: str = "") -> list[str]:
    """Return the names of its columns; none where its query does not say. *checked* is what the guard made of it."""
    if operation.kind != SQL:
        return []
    try:
        query = parse_one(checked or operation.params["query"], dialect=dialect)
    except SqlglotError:
        return []
    if not isinstance(query, exp.Query) or query.is_star:
        return []
    names = [select.alias_or_name for select in query.selects]
    return names if all(names) else []
