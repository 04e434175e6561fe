"""Which words may stand for which, from wordlists/thesaurus.txt."""

from collections import defaultdict
from collections.abc import Mapping
from functools import cache

from core.models.offline.wordlists import lines
from core.models.offline.words import lemma

Phrase = tuple[str, ...]


def _phrase(text: str) -> Phrase:
    return tuple(lemma(word) for word in text.split())


@cache
def synonyms() -> Mapping[Phrase, frozenset[Phrase]]:
    """Return, for a phrase of lemmas, the phrases it may stand for."""
    found: dict[Phrase, set[Phrase]] = defaultdict(set)
    for word, others in _directed().items():
        found[word].update(others)
    for line in lines("thesaurus"):
        if ">" in line:
            continue
        group = [_phrase(word) for word in line.split(",")]
        for word in group:
            found[word].update(other for other in group if other != word)
    return {word: frozenset(others) for word, others in found.items()}


@cache
def _directed() -> Mapping[Phrase, frozenset[Phrase]]:
    """Return what stands for another only one way, verbs for nouns above all."""
    found: dict[Phrase, set[Phrase]] = defaultdict(set)
    for line in lines("thesaurus"):
        left, way, right = line.partition(">")
        if way:
            found[_phrase(left)].update(_phrase(word) for word in right.split(","))
    return {word: frozenset(others) for word, others in found.items()}


@cache
def directed_synonyms(word: str) -> frozenset[str]:
    """Return the single words that the verb form *word* may stand for."""
    return frozenset(other[0] for other in _directed().get((word,), ()) if len(other) == 1)


@cache
def word_synonyms(word: str) -> frozenset[str]:
    """Return the single words that the lemma *word* may stand for."""
    return frozenset(other[0] for other in synonyms().get((word,), ()) if len(other) == 1)
