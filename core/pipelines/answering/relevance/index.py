"""What several sources hold, found by the words of a question: each is indexed once, all are searched together."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from rapidfuzz import fuzz, process

from core import bm25
from core.pipelines.answering.relevance import tables
from core.pipelines.answering.relevance.words import telling, words
from levada.v1 import event_pb2 as events
from levada.v1.catalog_pb2 import Column, Schema

# Shorter words come near too many; of longer ones, one letter in six or seven may be wrong, as in the offline planner.
_SHORT, _ALIKE = 5, 86
# Last words of columns that tell which one is meant.
_KEYS = frozenset({"id", "uuid", "code", "key", "ref", "no"})


@dataclass(frozen=True)
class Indexed:
    """One source: its *schema*, whose *digest* tells whether it changed, and what its words say.

    *references* are words of which it only tells which one is meant, as company in company_id.
    """

    schema: Schema
    digest: bytes
    tables: tables.Tables
    postings: bm25.Postings
    strength: Mapping[str, int]
    references: Collection[str]

    @classmethod
    def of(cls, schema: Schema, digest: bytes, description: str = "") -> "Indexed":
        """Index *schema* of a source with that *description*. Takes a processor's time: call it in a thread."""
        documents = [tables.document(table) for table in schema.tables]
        strength = dict.fromkeys((word for document in documents for word in document), tables.COMMENT)
        strength |= dict.fromkeys(words(description), tables.COMMENT)
        columns = [column for table in schema.tables for column in table.columns]
        strength |= dict.fromkeys(_words(column.name for column in columns), tables.COLUMN)
        strength |= dict.fromkeys(_words(table.name for table in schema.tables), tables.NAME)
        own = set(_words(column.name for column in columns if not _refers(column)))
        references = {word for word in strength if strength[word] == tables.COLUMN} - own
        return cls(schema, digest, tables.Tables(schema), bm25.Postings(documents), strength, references)


def _refers(column: Column) -> bool:
    """Say whether *column* only tells which thing is meant: "company_id", "company.code", a document "company"."""
    *named, last = words(column.name) or [""]
    return column.type == events.COLUMN_TYPE_JSON or (bool(named) and last in _KEYS)


def _words(names: Iterable[str]) -> Iterable[str]:
    return (word for name in names for word in words(name))


class Searchable:
    """What one caller may search (core.pipeline.Schemas); *problems* say which sources can't be looked at, and why.

    Nothing but *sources* bears on what is found: neither a table nor how often a word occurs.
    """

    def __init__(self, sources: Mapping[str, Indexed], problems: Mapping[str, str]) -> None:
        self._sources, self.problems = sources, problems
        self.schemas: Mapping[str, Schema] = {name: found.schema for name, found in sources.items()}
        self._scores = lru_cache(4)(self._scored)
        self._spelled = lru_cache(256)(self._spelled_like)

    @cached_property
    def _names(self) -> list[str]:
        strengths = (found.strength.items() for found in self._sources.values())
        return sorted({word for one in strengths for word, weight in one if weight >= tables.COLUMN})

    def known(self, source: str, asked: Collection[str]) -> dict[str, int]:
        """Return which of the words *asked* that source knows, each by how much that says.

        What it only refers to is known by the sources that keep it, where there are any.
        """
        found, spelled = self._sources[source], {word: self._spelled(word) for word in asked}
        known = {word: name for word, name in spelled.items() if name in found.strength}
        return {
            word: found.strength[name]
            for word, name in known.items()
            if name not in found.references or not self._kept(name)
        }

    def _spelled_like(self, word: str) -> str:
        """Return the name that comes near *word*, when nothing is spelt like it: a slip of the fingers."""
        if len(word) < _SHORT or any(word in found.strength for found in self._sources.values()):
            return word
        near = process.extractOne(word, self._names, scorer=fuzz.ratio, score_cutoff=_ALIKE)
        return near[0] if near and near[0][:1] == word[:1] else word

    def _kept(self, word: str) -> bool:
        return any(found.strength.get(word) == tables.NAME for found in self._sources.values())

    def relevant(self, source: str, question: str, wanted: Collection[str] = ()) -> list[str]:
        """Return the tables of that source to keep for *question*, best first, *wanted* before all."""
        return self._sources[source].tables.kept(self._scores(question)[source], wanted)

    def _scored(self, question: str) -> dict[str, list[float]]:
        together = [found.postings for found in self._sources.values()]
        return dict(zip(self._sources, bm25.scores(telling(question), together), strict=True))
