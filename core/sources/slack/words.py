"""Words to look for: read from what people and models write, so that nothing in them steers Slack's search."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import QueryRefused

_TERM = re.compile(r'(-?)(?:"([^"]*)"|([^\s"]+))')
_MODIFIER = re.compile(r"(?!https?:)[a-z_]+:", re.IGNORECASE)
_CURLY = str.maketrans("“”„«»", '"""""')


@dataclass(frozen=True)
class Term:
    """A word, or a *phrase* of several as they stand; *absent*: must not occur."""

    text: str
    phrase: bool
    absent: bool

    def __str__(self) -> str:
        text = f'"{self.text}"' if self.phrase else self.text
        return f"-{text}" if self.absent else text

    def met_by(self, folded: str) -> bool:
        return (self.text.rstrip("*").casefold() in folded) != self.absent


def terms(query: str) -> list[Term]:
    """Return the terms of *query*; quotes that are never closed count as none."""
    found = []
    for sign, phrase, word in _TERM.findall(query.translate(_CURLY)):
        text = " ".join((phrase or word).split())
        if text.strip("-*"):
            found.append(Term(text, not word, bool(sign)))
    return found


def as_phrase(value: str) -> str:
    """Return a query for *value* as it stands, whatever is in it; empty when there is nothing to look for in it."""
    text = " ".join(value.translate(_CURLY).replace('"', " ").split())
    return f'"{text}"' if text.strip("-*") else ""


def required(query: str) -> str:
    """Return *query* written anew. Raises QueryRefused when it holds no words, or signs that steer the search."""
    found = terms(query)
    steering = next((term.text for term in found if not term.phrase and _MODIFIER.match(term.text)), None)
    if steering is not None:
        raise QueryRefused(
            "search-modifier",
            f"{steering!r} would steer Slack's search. Say channels, users and dates in the fields of those names; put"
            " what is to be looked for as it stands in quotes.",
        )
    if all(term.absent for term in found):
        raise QueryRefused("search-words", "The query has no words to look for. Say at least one.")
    return " ".join(map(str, found))


class Words:
    """Queries of which one is to be met."""

    def __init__(self, queries: Sequence[str]) -> None:
        self._queries = [terms(query) for query in queries]

    def occur(self, text: str) -> bool:
        """Say whether *text* has all the words of one of the queries."""
        folded = text.casefold()
        return any(all(term.met_by(folded) for term in query) for query in self._queries)
