"""What a query computes, as SQL says it: columns are named, figures added up and questions proposed by that."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Self

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from core.models.base import Draft
from core.sources.base import SQL, CheckedQuery
from levada.v1.catalog_pb2 import Schema

_SPOKEN = "duckdb"


@dataclass(frozen=True)
class Meaning:
    """SQL in the dialect of *schema*, which it reads: as its author wrote it, and as it is run.

    Both are empty for a query in another language whose author did not say what it means in SQL.
    """

    written: str
    checked: str
    schema: Schema

    @classmethod
    def of(cls, draft: Draft, query: CheckedQuery, schema: Schema) -> Self:
        """Return what *query*, which came of *draft*, means over *schema*."""
        if query.language == SQL:
            return cls(draft.sql, query.text, schema)
        meaning = draft.meaning if _said(draft.meaning, query.tables) else ""
        spoken = Schema(source=schema.source, dialect=_SPOKEN, tables=schema.tables, definitions=schema.definitions)
        return cls(meaning, meaning, spoken)


def _said(meaning: str, tables: Collection[str]) -> bool:
    """Tell whether *meaning* can be about a query that reads *tables*: it may be a language model's word."""
    try:
        query = parse_one(meaning, dialect=_SPOKEN)
    except (SqlglotError, RecursionError):
        return False
    own = {one.alias for one in query.find_all(exp.CTE)}
    return isinstance(query, exp.Query) and {one.name for one in query.find_all(exp.Table)} - own <= set(tables)
