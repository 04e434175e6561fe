"""What several sources hold, found by the words of a question: each is indexed once, all are searched together."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from core.pipelines.answering.relevance import bm25, tables
from core.pipelines.answering.relevance.words import telling, words
from levada.v1.catalog_pb2 import Schema


@dataclass(frozen=True)
class Indexed:
    """One source: its *schema*, whose *digest* tells whether it changed, and what its words say."""

    schema: Schema
    digest: bytes
    tables: tables.Tables
    postings: bm25.Postings
    strength: Mapping[str, int]

    @classmethod
    def of(cls, schema: Schema, digest: bytes, description: str = "") -> "Indexed":
        """Index *schema* of a source with that *description*. Takes a processor's time: call it in a thread."""
        documents = [tables.document(table) for table in schema.tables]
        strength = dict.fromkeys((word for document in documents for word in document), tables.COMMENT)
        strength |= dict.fromkeys(words(description), tables.COMMENT)
        columns = (column.name for table in schema.tables for column in table.columns)
        strength |= dict.fromkeys(_words(columns), tables.COLUMN)
        strength |= dict.fromkeys(_words(table.name for table in schema.tables), tables.NAME)
        return cls(schema, digest, tables.Tables(schema), bm25.Postings(documents), strength)


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

    def known(self, source: str, asked: Collection[str]) -> dict[str, int]:
        """Return which of the words *asked* that source knows, each by how much that says."""
        strength = self._sources[source].strength
        return {word: strength[word] for word in asked if word in strength}

    def relevant(self, source: str, question: str, wanted: Collection[str] = ()) -> list[str]:
        """Return the tables of that source to keep for *question*, best first, *wanted* before all."""
        return self._sources[source].tables.kept(self._scores(question)[source], wanted)

    def _scored(self, question: str) -> dict[str, list[float]]:
        together = [found.postings for found in self._sources.values()]
        return dict(zip(self._sources, bm25.scores(telling(question), together), strict=True))
