"""Questions to begin with over a source that has none: made from its schema, kept if a query can be written."""

import datetime
import re
from collections.abc import Iterator
from itertools import chain

from core.models import planner
from core.models.base import Ask, Lookup
from core.models.drafting import drafts
from core.pipelines.answering.analysis.words import pluralise
from levada.v1 import event_pb2 as events
from levada.v1.catalog_pb2 import Schema, Table

MOST = 5
MOST_TABLES = 30
_TEXTS: set[int] = {events.COLUMN_TYPE_TEXT}
# What is no figure though it is a number, and no kind of things though it is text.
_NO_FIGURE = re.compile(r"id$|year|number|code|date|time|phone|zip|rank")
_NO_KIND = re.compile(r"id$|name|title|date|time|comment|description|address|phone|mail|url|text|code")
_UNCOUNTED = re.compile(r"(ing|ly|[^aeiou]ic|al|ance|ment)$")
_NUMBERS: set[int] = {events.COLUMN_TYPE_INTEGER, events.COLUMN_TYPE_DOUBLE, events.COLUMN_TYPE_DECIMAL}


async def starters(schema: Schema, lookup: Lookup) -> list[str]:
    """Return up to five questions over *schema* that the offline planner writes a query for: trying costs nothing."""
    model = planner()
    largest = sorted(schema.tables, key=lambda table: -table.row_estimate)[:MOST_TABLES]
    schema = Schema(source=schema.source, dialect=schema.dialect, tables=largest, definitions=schema.definitions)
    today = datetime.datetime.now(datetime.UTC).date()
    found: list[str] = []
    for question in _candidates(schema):
        if len(found) == MOST:
            break
        if await drafts(model, Ask(question=question, schema=schema, lookup=lookup, today=today)):
            found.append(question)
    return found


def _candidates(schema: Schema) -> Iterator[str]:
    """Yield figures of the business, then what can be asked about the largest tables."""
    yield from (f"What is the {definition.name}?" for definition in schema.definitions if definition.expression)
    yield from chain.from_iterable(_about(table) for table in schema.tables[:8])


def _about(table: Table) -> Iterator[str]:
    figure, category, things = _first(table, _NUMBERS, _NO_FIGURE), _first(table, _TEXTS, _NO_KIND), _things(table.name)
    countable = things.endswith("s")
    yield f"How many {things} are there?" if countable else f"Show all {things}"
    if category and countable:
        yield f"How many {things} are there by {category}?"
    if figure and category:
        yield f"What is the average {figure} by {category}?"


def _first(table: Table, types: set[int], unlikely: re.Pattern[str]) -> str:
    """Return the first column of those types that is no key, has values, and whose name does not speak against it."""
    keys = {*table.primary_key, *(name for foreign in table.foreign_keys for name in foreign.columns)}
    for column in table.columns:
        plain = column.name not in keys and not column.unique and bool(column.samples)
        if column.type in types and plain and not unlikely.search(column.name.lower()):
            return _said(column.name)
    return ""


def _things(name: str) -> str:
    """Return what a table's rows are; what is no plural then is not to be counted: batting, weather."""
    said = _said(name)
    return said if _UNCOUNTED.search(said) else pluralise(said)


def _said(name: str) -> str:
    return name.replace("_", " ").lower()
