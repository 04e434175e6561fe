"""Which words may stand for which, from thesaurus.txt."""

from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from core.models.offline.words import lemma

Phrase = tuple[str, ...]


def _phrase(text: str) -> Phrase:
    return tuple(lemma(word) for word in text.split())


@cache
def synonyms() -> Mapping[Phrase, frozenset[Phrase]]:
    """Return, for a phrase of lemmas, the phrases it may stand for."""
    found: dict[Phrase, set[Phrase]] = defaultdict(set)
    for line in Path(__file__).with_name("thesaurus.txt").read_text("utf-8").splitlines():
        if line.startswith("#") or not line.strip():
            continue
        if ">" in line:
            left, right = line.split(">")
            found[_phrase(left)].update(_phrase(word) for word in right.split(","))
            continue
        group = [_phrase(word) for word in line.split(",")]
        for word in group:
            found[word].update(other for other in group if other != word)
    return {word: frozenset(others) for word, others in found.items()}


@cache
def word_synonyms(word: str) -> frozenset[str]:
    """Return the single words that the lemma *word* may stand for."""
    return frozenset(other[0] for other in synonyms().get((word,), ()) if len(other) == 1)
