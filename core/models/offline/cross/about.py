"""Questions about the meaning of texts: what words "about late deliveries" ask for, and where it is looked for."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.models.offline import ir
from core.models.offline.catalog import Catalog, Table
from core.models.offline.native.listing import ABOUT
from core.models.offline.words import lemma
from levada.v1.catalog_pb2 import Schema

_VERB = r"(?:complain|talk|wrote|write|ask|speak|spoke)(?:s|ed|ing|d)?"
_NOUN = r"(?P<noun>complaint|remark|comment|opinion|text)s?"
_MOST = r"(?:\s+(?P<most>(?:the )?(?:most|least)))?"
_ABOUT = r"(?:about|mention(?:s|ed|ing)?|regarding|concerning|similar to|on the (?:subject|topic) of)"
_WORDS = r"(?P<topic>\"[^\"]+\"|“[^”]+”|'[^']+'|.+?)"
_NEXT = (
    r"by|per|for each|for every|in each|since|last|this|during|between|before|after|from|in|and (?:what|which|how)"
    r"|with the (?:most|fewest|highest|lowest)|(?:is|are|was|were|do|did|have|has)\s+(?:there|we|they|you)"
)
_TOPIC = re.compile(
    rf"\s*\b(?:(?P<verb>(?:have\s+)?{_VERB}{_MOST}|{_NOUN})\s+)?{_ABOUT}\s+{_WORDS}(?=\s+(?:{_NEXT})\b|\s*[,?.!;]|\s*$)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Topic:
    """What texts of *table* are to be about; *question* asks the rest."""

    words: str
    table: Table
    question: str

    @property
    def condition(self) -> ir.Raw:
        texts = [c for c in self.table.columns if c.kind == "text" and not c.identifying] or list(self.table.columns)
        column, quoted = texts[0].name.replace('"', '""'), self.words.replace("'", "''")
        return ir.Raw(f'{ABOUT}("{self.table.name}"."{column}", \'{quoted}\')', (self.table.id,))

    @property
    def note(self) -> str:
        return f"“{self.words}” is looked for in the texts of {self.table.name}."


def says_about(question: str) -> bool:
    """Say whether *question* asks for what somebody says about something: it takes texts that can be searched."""
    found = _TOPIC.search(question)
    return found is not None and found["verb"] is not None


def topic_of(question: str, catalog: Catalog, searchable: Sequence[str], schema: Schema) -> Topic | None:
    """Return the topic that *question* names, when one of the *searchable* tables can be asked for it."""
    found, tables = _TOPIC.search(question), [catalog.tables[name] for name in searchable if name in catalog.tables]
    if not found or not tables:
        return None
    said = {lemma(word) for word in re.findall(r"\w+", question.lower())}
    named = [table for table in tables if said & _names(table, schema)]
    if not named and not found["verb"]:
        return None
    table = (named or tables)[0]
    asked = ""
    if found["noun"] and table not in named:
        asked = f" {' '.join(table.words)}s"
    elif found["noun"]:
        asked = f" {found['verb']}"
    elif found["verb"] and table not in named:
        most = (found["most"] or "").lower().removeprefix("the ")
        asked = f" have {'the ' + most + ' ' if most else ''}{' '.join(table.words)}s"
    rest = f"{question[: found.start()]}{asked}{question[found.end() :]}"
    return Topic(found["topic"].strip("\"'“” "), table, " ".join(rest.split()))


def _names(table: Table, schema: Schema) -> set[str]:
    synonyms: Iterable[str] = (
        word for one in schema.definitions if one.target == table.name for word in (one.name, *one.synonyms)
    )
    return {lemma(word.lower()) for word in (*table.words, *synonyms)}
