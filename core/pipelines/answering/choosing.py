"""Which sources a question needs, by rule: those whose names, columns and values know its words, the best one first."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.models.base import Lookup
from core.pipelines.answering.relevance import links
from core.pipelines.answering.relevance.tables import COLUMN, COMMENT, NAME, document
from core.pipelines.answering.relevance.words import telling, words
from levada.v1.catalog_pb2 import Schema

# A word that is a value in the data, or a figure of the business, says nearly as much as a table's name.
VALUE = 4


@dataclass(frozen=True)
class Choice:
    """A chosen source, and why, for people."""

    source: str
    cause: str


def choose(question: str, schemas: Mapping[str, Schema], lookups: Mapping[str, Lookup]) -> list[Choice]:
    """Return the sources to ask, best first; the first of *schemas* when nothing speaks for any.

    A further source is chosen only for words that those before it know nothing of.
    """
    known = {name: _known(question, schema, lookups[name]) for name, schema in schemas.items()}
    asked = set(words(question))
    named = [name for name in schemas if set(words(name)) and set(words(name)) <= asked]
    choices = [Choice(name, "The question names it.") for name in named]
    covered = {word for name in named for word, weight in known[name].items() if weight >= COMMENT}
    while best := _best(known, covered, not choices):
        gained = [word for word in telling(question) if known[best].get(word, 0) > COMMENT and word not in covered]
        about = ", ".join(dict.fromkeys(gained)) or "some words of the question"
        choices.append(Choice(best, f"It knows of {about}."))
        covered |= {word for word, weight in known[best].items() if weight >= COMMENT}
    return choices or [Choice(name, "It is the default source.") for name in list(schemas)[:1]]


def _known(question: str, schema: Schema, lookup: Lookup) -> dict[str, int]:
    """Return the words of *question* that *schema* knows, each by how much that says."""
    asked = set(telling(question))
    found: dict[str, int] = {}
    for table in schema.tables:
        for word in asked & document(table).keys():
            own = NAME if word in words(table.name) else _column(word, table.columns)
            found[word] = max(found.get(word, 0), own)
    values = links.values(lookup, question)
    said = [part for value in values for part in words(value.words)]
    said += [
        part
        for one in links.definitions(schema, question)
        for name in (one.name, *one.synonyms)
        for part in words(name)
    ]
    for word in asked & set(said):
        found[word] = max(found.get(word, 0), VALUE)
    return found


def _column(word: str, columns) -> int:
    return COLUMN if any(word in words(column.name) for column in columns) else COMMENT


def _best(known: Mapping[str, Mapping[str, int]], covered: set[str], first: bool) -> str:
    """Return the source that knows most of what is not *covered*, empty when none adds a name or a value."""
    least = 1 if first else COLUMN
    gains = {
        name: sum(weight for word, weight in found.items() if word not in covered and weight >= least)
        for name, found in known.items()
    }
    best = max(gains, key=gains.__getitem__, default="")
    return best if best and gains[best] else ""
