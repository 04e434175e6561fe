"""Words of a question that name something: columns, definitions of the business, values in the data."""

import re
from collections.abc import Collection, Iterator

from rapidfuzz import fuzz

from core.models.base import Lookup, Turn
from core.pipelines.answering.relevance.tables import key
from core.pipelines.answering.relevance.words import COMMON, folded, telling, words
from levada.v1.catalog_pb2 import Definition, Schema
from levada.v1.event_pb2 import LinkedValue

SAME = 0.9
LONGEST = 4
MOST_WORDS = 60
ALIKE = 70.0


def columns(schema: Schema, question: str, tables: Collection[str], limit: int = 12) -> list[str]:
    """Return columns, as table.column, all of whose words *question* has."""
    said = set(telling(question))
    found = []
    for table in schema.tables:
        for column in table.columns if key(table) in tables else ():
            named = set(words(column.name)) - COMMON
            if named and named <= said | set(words(table.name)) and named & said:
                found.append((-len(named & said), f"{table.name}.{column.name}"))
    return [name for _, name in sorted(found)[:limit]]


def definitions(schema: Schema, question: str) -> list[Definition]:
    """Return the definitions that *question* names, by name or synonym."""
    said = f" {' '.join(words(question))} "
    return [
        definition
        for definition in schema.definitions
        if any(f" {' '.join(words(name))} " in said for name in (definition.name, *definition.synonyms) if words(name))
    ]


def values(lookup: Lookup, question: str, least: float = SAME) -> list[LinkedValue]:
    """Return the longest words of *question* that are values in the data, as alike as *least* says."""
    tokens = re.findall(r"[^\s,;:?!\"“”()]+", question)[:MOST_WORDS]
    found: list[LinkedValue] = []
    used: set[int] = set()
    for start, length in _spans(len(tokens)):
        span = range(start, start + length)
        text = " ".join(tokens[start : start + length]).strip(".'’")
        if used.intersection(span) or all(folded(token) in COMMON for token in text.split()):
            continue
        for match in lookup.find(text, 3):
            if match.score >= least:
                used.update(span)
                found.append(LinkedValue(words=text, table=match.table, column=match.column, value=match.value))
    return found


def _spans(count: int) -> Iterator[tuple[int, int]]:
    for length in range(min(LONGEST, count), 0, -1):
        for start in range(count - length + 1):
            yield start, length


def similar(question: str, answered: Collection[Turn], limit: int = 3) -> list[Turn]:
    """Return the earlier questions most like *question*, each once."""
    different = {turn.question: turn for turn in answered if turn.sql}
    scored = [(fuzz.token_set_ratio(folded(question), folded(turn.question)), turn) for turn in different.values()]
    alike = sorted((pair for pair in scored if pair[0] >= ALIKE), key=lambda pair: -pair[0])
    return [turn for _, turn in alike[:limit]]
