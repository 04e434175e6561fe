"""The values that occur in a source's text columns, and the bounds of its dates and numbers, for looking up words."""

import asyncio
import re
import unicodedata
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import simplemma
from rapidfuzz import fuzz, process
from sqlglot import exp

from core.errors import QueryRefused, SourceError, SourceUnavailable
from core.sources.base import Limits, Source
from levada.v1 import event_pb2 as events
from levada.v1.catalog_pb2 import Column, Schema, Table

VALUES_PER_COLUMN = 5_000
"""Different values kept of a column; a column with more is kept for its first ones only."""

SAMPLED_ROWS = 50_000
"""Rows of a large table that are looked at for values."""

LARGE_TABLE = 200_000
"""Rows from which a table is sampled rather than read whole."""

LONGEST_VALUE = 100
"""Characters of the longest text taken for a value rather than prose."""

LIMITS = Limits(rows=VALUES_PER_COLUMN, seconds=10.0)
"""What one query for the index may use."""

Fetch = Callable[[str], Awaitable[Sequence[tuple[Any, ...]]]]
_TEXT = {events.COLUMN_TYPE_TEXT}
_BOUNDED = {events.COLUMN_TYPE_DATE, events.COLUMN_TYPE_TIMESTAMP, events.COLUMN_TYPE_TIMESTAMP_ZONED}
_BOUNDED |= {events.COLUMN_TYPE_INTEGER, events.COLUMN_TYPE_DOUBLE, events.COLUMN_TYPE_DECIMAL}
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Found:
    """Words found in the data; has the fields of a model's ValueMatch."""

    words: str
    table: str
    column: str
    value: str
    score: float


def fold(text: str) -> str:
    """Return *text* without case, accents and punctuation."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(_WORD.findall("".join(c for c in plain if not unicodedata.combining(c))))


def _lemmas(folded: str) -> str:
    return " ".join(simplemma.lemmatize(word, lang="en") if word.isalpha() else word for word in folded.split())


class ValueIndex:
    """Finds the values that words may stand for. In memory; built once from bounded queries."""

    def __init__(self) -> None:
        self._exact: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
        self._lemma: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
        self._by_word: dict[str, set[str]] = defaultdict(set)
        self._bounds: dict[tuple[str, str], tuple[Any, Any]] = {}
        self.problems: list[str] = []

    @classmethod
    async def build(cls, source: Source, schema: Schema | None = None) -> "ValueIndex":
        """Return an index of what *source* holds, of *schema*'s columns when given.

        A query that fails is left out and told in ``problems``. Raises SourceUnavailable.
        """
        schema = schema or await source.describe()
        index = cls()
        await index.read(partial(_fetch, source, schema), schema)
        return index

    async def read(self, fetch: Fetch, schema: Schema) -> None:
        """Take up the values of *schema*'s columns, read with *fetch*."""
        for table in schema.tables:
            for column in table.columns:
                try:
                    await self._read(fetch, schema.dialect, table, column)
                except SourceUnavailable:
                    raise
                except (SourceError, QueryRefused) as error:
                    self.problems.append(f"{_id(table)}.{column.name}: {error.message}")

    async def _read(self, fetch: Fetch, dialect: str, table: Table, column: Column) -> None:
        if column.type in _TEXT:
            values = await fetch(values_query(table, column, dialect))
            # Folding thousands of values is work for a processor: other runs' events go on meanwhile.
            await asyncio.to_thread(self._add_all, _id(table), column.name, values)
        if column.type in _BOUNDED or (column.type in _TEXT and _dated(column)):
            for low, high in await fetch(bounds_query(table, column, dialect)):
                if low is not None and high is not None:
                    self._bounds[_id(table), column.name] = (low, high)

    def _add_all(self, table: str, column: str, rows: Sequence[tuple[Any, ...]]) -> None:
        for (value,) in rows:
            if isinstance(value, str):
                self.add(table, column, value)

    def add(self, table: str, column: str, value: str) -> None:
        """Take up *value* of a column."""
        if not value.strip() or len(value) > LONGEST_VALUE:
            return
        place, folded = (table, column, value), fold(value)
        if not folded:
            return
        if place not in self._exact[folded]:
            self._exact[folded].append(place)
            self._lemma[_lemmas(folded)].append(place)
        for word in set(folded.split()):
            self._by_word[word].add(folded)

    def find(self, words: str, limit: int = 5) -> Sequence[Found]:
        """Return values that *words* may stand for, best first: the same, the same but for endings, nearly the same."""
        folded = fold(words)
        if not folded:
            return []
        found = [Found(words, *place, score=1.0) for place in self._exact.get(folded, ())]
        if len(found) < limit:
            taken = {(match.table, match.column, match.value) for match in found}
            more = (place for place in self._lemma.get(_lemmas(folded), ()) if place not in taken)
            found += [Found(words, *place, score=0.93) for place in more]
        if not found:
            found = [Found(words, *place, score=score) for place, score in self._near(folded)]
        found.sort(key=lambda match: (-match.score, match.value != words))
        return found[:limit]

    def _near(self, folded: str) -> Iterable[tuple[tuple[str, str, str], float]]:
        """Yield values that differ by a typing error, or of which the words are the beginning."""
        parts = folded.split()
        if len(folded) < 5 or len(parts) > 6:
            return
        sharing = [self._by_word.get(word, set()) for word in parts]
        candidates = set().union(*sharing) if len(parts) > 1 else sharing[0]
        if len(candidates) > 500:
            return
        for candidate, ratio, _ in process.extract(folded, candidates, scorer=fuzz.ratio, score_cutoff=88, limit=3):
            for place in self._exact[candidate]:
                yield place, 0.9 * ratio / 100
        whole = [c for c in candidates if c.startswith(folded + " ") and len(parts) > 1]
        for candidate in whole if len(whole) <= 3 else ():
            for place in self._exact[candidate]:
                yield place, 0.82

    def bounds(self, table: str, column: str) -> tuple[Any, Any] | None:
        """Return the smallest and largest value of a date, time or number column, when known."""
        return self._bounds.get((table, column))


async def _fetch(source: Source, schema: Schema, sql: str) -> list[tuple[Any, ...]]:
    checked = source.check(sql, schema, LIMITS.rows)
    rows: list[tuple[Any, ...]] = []
    async with source.query(checked, LIMITS) as result:
        async for batch in result:
            rows.extend(zip(*batch.columns, strict=True))
    return rows


def _id(table: Table) -> str:
    return f"{table.namespace}.{table.name}" if table.namespace else table.name


def _dated(column: Column) -> bool:
    """Say whether a text column holds dates written year first."""
    samples = [bool(re.match(r"\d{4}[-/]\d\d?[-/]\d\d?", sample)) for sample in column.samples]
    return bool(samples) and all(samples)


def _rows(table: Table, dialect: str) -> exp.Table:
    name = exp.to_identifier(table.name, quoted=True)
    return exp.Table(this=name, db=exp.to_identifier(table.namespace, quoted=True) if table.namespace else None)


def _large(table: Table) -> bool:
    return not table.HasField("row_estimate") or table.row_estimate > LARGE_TABLE


def values_query(table: Table, column: Column, dialect: str) -> str:
    """Return the query for a text column's different values, bounded in rows read and in values."""
    name = exp.column(exp.to_identifier(column.name, quoted=True))
    short = exp.LTE(this=exp.Length(this=name.copy()), expression=exp.Literal.number(LONGEST_VALUE))
    rows = exp.select(name.copy()).from_(_rows(table, dialect))
    if _large(table):
        inner = rows.limit(SAMPLED_ROWS).subquery("sampled")
        query = exp.select(name.copy()).distinct().from_(inner).where(short)
    else:
        query = rows.distinct().where(short)
    return query.limit(VALUES_PER_COLUMN).sql(dialect=dialect)


def bounds_query(table: Table, column: Column, dialect: str) -> str:
    """Return the query for a column's smallest and largest value. Two subqueries, so that an index answers each."""
    name = exp.column(exp.to_identifier(column.name, quoted=True))
    rows = _rows(table, dialect)
    low, high = (
        exp.select(function(this=name.copy())).from_(rows.copy()).subquery() for function in (exp.Min, exp.Max)
    )
    return exp.select(low.as_("low"), high.as_("high")).sql(dialect=dialect)
