"""The guard: lets a query pass that only reads what its caller may read and can't exhaust the server.

It knows no database and opens no connection. What runs is never the text that came in, but SQL written anew from the
tree that was checked.
"""

from typing import Any, Literal

from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError

from core.errors import QueryRefused
from core.sources.base import NOTHING, CheckedQuery, Parameters
from core.sources.guard.canonical import canonical
from core.sources.guard.columns import require_readable_columns
from core.sources.guard.functions import require_known_functions
from core.sources.guard.grammar import GRAMMARS
from core.sources.guard.nodes import require_query, require_reading
from core.sources.guard.parameters import Binding, require_bindable
from core.sources.guard.products import require_small_products
from core.sources.guard.readable import Readable
from core.sources.guard.recursion import require_ending_recursion
from core.sources.guard.resources import require_bounded_calls
from core.sources.guard.row_limit import limited
from core.sources.guard.scope import Scopes
from core.sources.guard.text import require_plain, tokens_of
from core.sources.guard.types import require_known_types

# What sqlglot raises over texts that nobody meant as SQL: its own errors, and slips of its parser.
_UNREADABLE = (SqlglotError, AssertionError, AttributeError, LookupError, TypeError, ValueError)

__all__ = ["Readable", "SqlDialect", "check"]

SqlDialect = Literal["sqlite", "postgres", "mysql", "duckdb", "trino"]


def check(
    sql: str, *, dialect: SqlDialect, readable: Readable, row_limit: int, parameters: Parameters = NOTHING
) -> CheckedQuery:
    """Return the query written anew, asking for at most *row_limit* + 1 rows, *parameters* bound to its names.

    Raises QueryRefused with the rule that refused and what to do about it; nothing else.
    """
    require_plain(sql, dialect)
    try:
        root, scopes = _checked(sql, dialect, readable, row_limit, parameters)
        text = _written(root, dialect)
        # What was written must read back as what was checked, or reader and writer do not mean the same.
        if _written(_checked(text, dialect, readable, row_limit, parameters)[0], dialect) != text:
            raise QueryRefused("ambiguous", "The query can be read in more than one way. Write it more plainly.")
        values: tuple[Any, ...] = ()
        if parameters:
            binding = Binding(scopes, parameters)
            text, values = binding.placed(_written(binding.bind(root), dialect))
    except RecursionError:
        raise QueryRefused(
            "nesting", "The query is too long a chain of operators. Use WITH to name its parts."
        ) from None
    return CheckedQuery(text=text, dialect=dialect, row_limit=row_limit, tables=tuple(scopes.tables), parameters=values)


def _checked(
    sql: str, dialect: SqlDialect, readable: Readable, row_limit: int, parameters: Parameters
) -> tuple[exp.Expr, Scopes]:
    root = canonical(require_query(_parsed(sql, dialect)), sql, dialect)
    nodes = require_reading(root, bound=bool(parameters))
    require_bindable(nodes, parameters)
    require_known_functions(nodes, dialect)
    require_known_types(nodes, readable)
    require_bounded_calls(nodes, dialect)
    require_ending_recursion(nodes, dialect)
    scopes = Scopes(root, readable)
    require_small_products(scopes)
    require_readable_columns(scopes)
    return limited(root, row_limit), scopes


def _parsed(sql: str, dialect: SqlDialect) -> list[exp.Expr | None]:
    grammar = GRAMMARS[dialect]
    tokens = tokens_of(sql, grammar)
    try:
        return grammar.parser(error_level=ErrorLevel.IMMEDIATE).parse(tokens, sql)
    except _UNREADABLE as error:
        raise QueryRefused("syntax", _syntax(error, dialect)) from error


def _syntax(error: Exception, dialect: SqlDialect) -> str:
    details = getattr(error, "errors", None)
    if not details:
        return f"The query can't be read as {dialect} SQL. Write it in that dialect."
    at = details[0]
    return (
        f"The query can't be read as {dialect} SQL near {at.get('highlight') or 'its end'!r} "
        f"(line {at.get('line')}, column {at.get('col')}). Correct it there."
    )


def _written(root: exp.Expr, dialect: SqlDialect) -> str:
    try:
        return GRAMMARS[dialect].generate(
            root, identify=True, comments=False, normalize_functions=False, unsupported_level=ErrorLevel.RAISE
        )
    except _UNREADABLE as error:
        raise QueryRefused(
            "unknown-syntax", f"Part of the query can't be written for {dialect}. Simplify it."
        ) from error
