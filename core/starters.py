"""Questions to begin with over a source that has none: made from its schema, kept if a query can be written."""

import datetime
from collections.abc import Iterator
from contextlib import aclosing

from core.errors import ModelError
from core.models import open_model
from core.models.base import Ask, Draft, Lookup, Model
from levada.v1 import event_pb2 as events
from levada.v1.catalog_pb2 import Column, Schema, Table

MOST = 5
MOST_TABLES = 30
_NUMBERS = {events.COLUMN_TYPE_INTEGER, events.COLUMN_TYPE_DOUBLE, events.COLUMN_TYPE_DECIMAL}


async def starters(schema: Schema, lookup: Lookup) -> list[str]:
    """Return up to five questions over *schema* that the offline planner writes a query for: trying costs nothing."""
    model = open_model("offline")
    largest = sorted(schema.tables, key=lambda table: -table.row_estimate)[:MOST_TABLES]
    schema = Schema(source=schema.source, dialect=schema.dialect, tables=largest, definitions=schema.definitions)
    today = datetime.datetime.now(datetime.UTC).date()
    found: list[str] = []
    for question in _candidates(schema):
        if len(found) == MOST:
            break
        if await _works(Ask(question=question, schema=schema, lookup=lookup, today=today), model):
            found.append(question)
    return found


async def _works(ask: Ask, model: Model) -> bool:
    try:
        async with aclosing(model.draft(ask)) as stream:  # type: ignore[type-var]
            async for piece in stream:
                if isinstance(piece, Draft):
                    return True
    except ModelError:
        return False
    return False


def _candidates(schema: Schema) -> Iterator[str]:
    for definition in schema.definitions:
        if definition.expression:
            yield f"What is the {definition.name}?"
    for table in schema.tables[:8]:
        yield f"How many {_said(table.name)} are there?"
        figure, category = _figure(table), _category(table)
        if figure and category:
            yield f"What is the average {_said(figure.name)} by {_said(category.name)}?"
        elif category:
            yield f"How many {_said(table.name)} are there by {_said(category.name)}?"


def _figure(table: Table) -> Column | None:
    keys = {*table.primary_key, *(name for foreign in table.foreign_keys for name in foreign.columns)}
    return next((c for c in table.columns if c.type in _NUMBERS and c.name not in keys and not c.unique), None)


def _category(table: Table) -> Column | None:
    keys = {*table.primary_key, *(name for foreign in table.foreign_keys for name in foreign.columns)}
    texts = (c for c in table.columns if c.type == events.COLUMN_TYPE_TEXT and c.name not in keys and not c.unique)
    return next((column for column in texts if column.samples), None)


def _said(name: str) -> str:
    return name.replace("_", " ").lower()
