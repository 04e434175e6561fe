"""What a source is asked for an operation: its query with the values of others, in as many portions as these take; or,
where they are too many, the query without them that its plan has for that."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from core.errors import QueryFailed
from core.models.plans import OTHERWISE, Operation
from core.pipelines.federated.operations.dividing import divisible
from core.pipelines.federated.operations.values import AT_ONCE, portions
from core.sources.base import SQL, CheckedQuery, Source
from levada.v1.catalog_pb2 import Schema

# Rows that are read and not needed are cheaper than looking for a value, up to so many for each.
_ROWS_EACH = 10
_OURS = ("values", OTHERWISE)


def text_of(operation: Operation) -> str:
    """Return the query of *operation* as its source takes it."""
    if operation.kind == SQL:
        return str(operation.params["query"])
    return json.dumps({name: value for name, value in operation.params.items() if name not in _OURS})


def asked(
    operation: Operation, values: Mapping[str, Sequence[Any]], source: Source, schema: Schema, most: int
) -> tuple[list[CheckedQuery], str]:
    """Return the queries that together give the rows of *operation*, each at most *most*, and what to say of them.

    Raises QueryRefused, and QueryFailed when there are too many *values*.
    """
    text, whole = text_of(operation), operation.otherwise
    if not values:
        return [source.check(text, schema, most)], ""
    cut = divisible(operation, source.dialect, schema)
    count = max(map(len, values.values()))
    if whole is not None and count > AT_ONCE:
        query = source.check(text_of(whole), schema, most)
        if not cut or _rows(query, schema) <= min(most, count * _ROWS_EACH):
            return [query], f"{count:,} values are too many to look for: all is read, and joined here."
    try:
        return [source.check(text, schema, most, some) for some in portions(values, divisible=cut)], ""
    except QueryFailed:
        if whole is None:
            raise
        return [source.check(text_of(whole), schema, most)], f"{count:,} values are too many to look for."


def _rows(query: CheckedQuery, schema: Schema) -> int:
    """Return about how many rows the tables of *query* have; where that is not known it is not held against them."""
    named = {name: table for table in schema.tables for name in (table.name, f"{table.namespace}.{table.name}")}
    return max((named[name].row_estimate for name in query.tables if name in named), default=0)
