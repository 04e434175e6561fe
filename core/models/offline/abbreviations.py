"""How names in databases are shortened, undone: "fname" reads first name, "clubname" club name."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from functools import cache

from core.models.offline.wordlists import lines, paragraphs

_ENDINGS, _STANDING, _measures = (tuple(words) for words in paragraphs("names"))
MEASURES = frozenset(_measures)
"""Words of columns that hold figures, though some databases store them as text."""


@cache
def _written_out() -> dict[str, str]:
    pairs = (line.partition("=") for line in lines("abbreviations"))
    return {short.strip(): whole.strip() for short, _, whole in pairs}


def expand(words: Iterable[str], vocabulary: AbstractSet[str]) -> tuple[str, ...]:
    """Return *words* with abbreviations written out and runs of two words split, given the schema's *vocabulary*."""
    spread: list[str] = []
    known = _written_out()
    for word in _without_initial(list(words), vocabulary):
        spread.extend(known[word].split() if word in known else _parted(word, vocabulary))
    return tuple(part for part in spread if part)


def _without_initial(words: list[str], vocabulary: AbstractSet[str]) -> list[str]:
    """Drop a letter in front that stands for the table: "DName", "eid"; "LName" is a last name."""
    known = _written_out()
    if len(words) > 1 and len(words[0]) == 1:
        return [words[0] + words[1], *words[2:]] if words[0] + words[1] in known else words[1:]
    short = len(words) == 1 and words[0][1:] in ("id", "name", "no") and words[0] not in known
    if short and any(word.startswith(words[0][0]) for word in vocabulary):
        return [words[0][1:]]
    return words


def _parted(word: str, vocabulary: AbstractSet[str]) -> tuple[str, ...]:
    if len(word) < 5 or word in _STANDING or word in vocabulary:
        return (word,)
    known = _written_out()
    for head in sorted(vocabulary, key=len, reverse=True):
        single = head.removesuffix("s")
        rest = word[len(single) :]
        if len(single) >= 3 and word.startswith(single) and (rest in _ENDINGS or rest in known) and len(rest) > 1:
            return (single, *known.get(rest, rest).split())
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3 and ending not in ("id", "no"):
            return (word[: -len(ending)], *known.get(ending, ending).split())
    return (word[:-2], "id") if word.endswith("id") else (word,)
