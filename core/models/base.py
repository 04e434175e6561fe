"""What every model can do for a pipeline, whether a language model or the offline planner standing in its place.

A model only speaks: it is given what it may know and returns words and queries. It never runs anything itself.
"""

import datetime
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from pydantic import BaseModel

from levada.v1.catalog_pb2 import Schema
from levada.v1.event_pb2 import Finding, LinkedValue


class Intent(StrEnum):
    SIMPLE = "simple"
    COMPLEX = "complex"
    INVESTIGATE = "investigate"
    CLARIFY = "clarify"
    FOLLOW_UP = "follow_up"
    GREETING = "greeting"
    ABOUT = "about"


class Classification(BaseModel):
    """What kind of question it is. *question* is the whole question, with what a follow-up left out filled in.

    For CLARIFY, *prompt* asks and *options* (2 to 4) are whole questions to choose from.
    """

    intent: Intent
    cause: str
    question: str
    prompt: str = ""
    options: list[str] = []


class Draft(BaseModel):
    """A query as a model writes it. *explanation* is the reading of the question, in words for people.

    *sql* is in the source's language, whatever that is; *meaning* the same in DuckDB's SQL where it is none and its
    author knows. *author* is who wrote it when that is not the model that was asked, but one in its place.
    """

    sql: str
    explanation: str
    meaning: str = ""
    confidence: float | None = None
    unused_words: list[str] = []
    notes: list[str] = []
    author: str = ""


@dataclass(frozen=True, slots=True)
class Remark:
    """A piece of a draft's explanation, as it is written."""

    text: str


class Correction(BaseModel):
    """What to do about a failed query: *draft* is the corrected query when *can_fix*."""

    can_fix: bool
    diagnosis: str
    draft: Draft | None = None


class Turn(BaseModel):
    """An earlier question of the conversation, as it was understood, its query and the source that this is for.

    *sql* is in that source's language. *answer* is how the run summed up, for people.
    """

    question: str
    sql: str = ""
    source: str = ""
    answer: str = ""


@dataclass(frozen=True)
class ValueMatch:
    """Words of a question found in the data: *score* is 1.0 for the same text after folding case and accents."""

    words: str
    table: str
    column: str
    value: str
    score: float


@dataclass(frozen=True)
class Probe:
    """What a trial run of a query gave: up to a few rows, or the error's text."""

    rows: Sequence[tuple[Any, ...]] = ()
    error: str = ""


class Lookup(Protocol):
    """What a model may look up in the data. Every answer respects what the caller may read."""

    def find(self, words: str, limit: int = 5) -> Sequence[ValueMatch]:
        """Return values that *words* may stand for, best first, from an index in memory."""

    def bounds(self, table: str, column: str) -> tuple[Any, Any] | None:
        """Return the smallest and largest value of a date, time or number column, each None when it is not known."""

    async def probe(self, sql: str, rows: int = 5) -> Probe:
        """Run *sql* under the guard with small limits, to see whether it works and gives up to *rows* rows."""


class Excerpt(BaseModel):
    """A result's first rows: for each column its name and unit, for each row its cells. *total* counts all rows."""

    columns: list[str] = []
    units: list[str] = []
    rows: list[list[bool | int | float | str | None]] = []
    total: int = 0


@dataclass(frozen=True)
class Ask:
    """Everything a model may know when it is asked about one source.

    *candidates* is how many queries a language model writes to choose from; *hints* are what else is known, in words.
    *excerpt* are rows that the answer is about. *language* is what the source's queries are written in, *form* the
    JSON schema of those that are documents.
    """

    question: str
    schema: Schema
    lookup: Lookup
    today: datetime.date
    turns: Sequence[Turn] = ()
    linked_values: Sequence[LinkedValue] = ()
    similar: Sequence[Turn] = ()
    hints: Sequence[str] = field(default=())
    candidates: int = 1
    excerpt: Excerpt = field(default_factory=Excerpt)
    language: str = "sql"
    form: Mapping[str, Any] | None = None


class Model(Protocol):
    """A mind for the `query` pipeline's questions."""

    name: str
    provider: str

    async def classify(self, ask: Ask) -> Classification:
        """Say what kind of question it is; resolve a follow-up against *ask.turns*."""

    def draft(self, ask: Ask) -> AsyncIterator[str | Remark | Draft]:
        """Write a query: yield its text piece by piece as it is written, then the whole Draft, last.

        Raises NotUnderstood (with the words it found no meaning for) rather than guess; ModelError.
        """

    async def correct(self, ask: Ask, failed: Draft, error: str) -> Correction:
        """Diagnose *failed*, given the guard's or the database's *error*, and correct it when that can be done."""

    def narrate(self, ask: Ask, findings: Sequence[Finding]) -> AsyncIterator[str]:
        """Write the answer in markdown from computed *findings*, piece by piece. Figures are quoted, not made up."""
