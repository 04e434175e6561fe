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

from core.errors import QueryRefused, SourceError, SourceUnavailable
from core.sources.base import Limits, Source
from core.sources.questions import LONGEST_VALUE, VALUES_PER_COLUMN, Question, questions
from levada.v1.catalog_pb2 import Schema

LIMITS = Limits(rows=VALUES_PER_COLUMN, seconds=10.0)
"""What one query for the index may use."""

Fetch = Callable[[str], Awaitable[Sequence[tuple[Any, ...]]]]
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
            for question in questions(table, schema.dialect):
                try:
                    rows = await fetch(question.text)
                except SourceUnavailable:
                    raise
                except (SourceError, QueryRefused) as error:
                    place = ", ".join(
                        f"{table}.{column}" for table, column in (*question.values, *question.bounds, *question.ends)
                    )
                    self.problems.append(f"{place}: {error.message}")
                else:
                    # Folding thousands of values is work for a processor: other runs' events go on meanwhile.
                    await asyncio.to_thread(self._take, question, rows)

    def _take(self, question: Question, rows: Sequence[tuple[Any, ...]]) -> None:
        for row in rows:
            for (table, column), value in zip(question.values, row, strict=False):
                if isinstance(value, str):
                    self.add(table, column, value)
            for place, high in zip(question.ends, row, strict=False):
                self._bounds[place] = (None, high)
            pairs = iter(row[len(question.values) :])
            for place, low, high in zip(question.bounds, pairs, pairs, strict=False):
                if low is not None and high is not None:
                    self._bounds[place] = (low, high)

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


async def _fetch(source: Source, schema: Schema, text: str) -> list[tuple[Any, ...]]:
    checked = await asyncio.to_thread(source.check, text, schema, LIMITS.rows)
    rows: list[tuple[Any, ...]] = []
    async with source.query(checked, LIMITS) as result:
        async for batch in result:
            rows.extend(zip(*batch.columns, strict=True))
    return rows
