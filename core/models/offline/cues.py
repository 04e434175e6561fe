"""The small words that shape a question: comparisons, superlatives, orders, groups. General English, no schema."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from core.models.offline.wordlists import lines, paragraphs
from core.models.offline.words import NUMBERS

_stop, _soft, _units = paragraphs("stopwords")
SOFT = frozenset(_soft)
"""Words that mean nothing in most questions, yet may name a table or column."""

STOP = SOFT | frozenset(_stop) | frozenset(NUMBERS)
"""Words that carry no meaning of their own."""

UNITS = frozenset(_units)
"""Units said after a number."""

_LATE = ("date", "time", "year", "day")
_OPPOSITE = {"max": "min", "min": "max"}


@dataclass(frozen=True)
class Cue:
    """A phrase with a fixed role: *kind* names the role, *value* says which of it, *hints* name likely columns."""

    kind: str
    value: str = ""
    hints: tuple[str, ...] = ()


@cache
def cues() -> Mapping[tuple[str, ...], tuple[Cue, ...]]:
    """Return the cues by their words, in lower case."""
    found: dict[tuple[str, ...], list[Cue]] = {}
    for cue, phrases in _sections():
        for phrase in phrases:
            found.setdefault(tuple(phrase.split()), []).append(cue)
    for line in lines("adjectives"):
        forms, _, measured = line.partition(":")
        end, _, hints = measured.partition("|")
        positive, *others = forms.split()
        _add_adjective(found, positive, others, end.strip(), tuple(hints.split()))
    for phrase in ("most recently", "latest", "last", "most recent"):
        found.setdefault(tuple(phrase.split()), []).append(Cue("super", "max", _LATE))
    return {words: tuple(meanings) for words, meanings in found.items()}


def _sections() -> Iterable[tuple[Cue, list[str]]]:
    """Yield each role of phrases.txt with its phrases."""
    cue, text = None, ""
    for line in [*lines("phrases"), "[end]"]:
        if not line.startswith("["):
            text = f"{text} {line}"
            continue
        if cue:
            yield cue, [" ".join(phrase.split()) for phrase in text.split(",") if phrase.strip()]
        role, _, hints = line.strip("[]").partition("|")
        kind, _, value = role.strip().partition(" ")
        cue, text = Cue(kind, value, tuple(hints.split())), ""


def _add_adjective(found: dict, positive: str, others: list[str], end: str, hints: tuple[str, ...]) -> None:
    if not hints:
        return
    operator, opposite = (">", "<") if end == "max" else ("<", ">")
    for form in others:
        compared = form.endswith("er")
        words, cue = (
            ((form, "than"), Cue("compare", operator, hints)) if compared else ((form,), Cue("super", end, hints))
        )
        found.setdefault(words, []).append(cue)
    found.setdefault(("more", positive, "than"), []).append(Cue("compare", operator, hints))
    found.setdefault(("less", positive, "than"), []).append(Cue("compare", opposite, hints))
    found.setdefault(("most", positive), []).append(Cue("super", end, hints))
    found.setdefault(("least", positive), []).append(Cue("super", _OPPOSITE[end], hints))
