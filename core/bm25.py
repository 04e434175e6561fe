"""Okapi BM25 over documents in memory, found by their words: what a question does not say costs nothing.

Robertson, Zaragoza: The Probabilistic Relevance Framework: BM25 and Beyond (2009), with k1 = 1.2 and b = 0.75.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

K1, B = 1.2, 0.75


class Postings:
    """Documents given as weighted words, by their words."""

    def __init__(self, documents: Sequence[Counter[str]]) -> None:
        self.lengths = [sum(document.values()) for document in documents]
        self.total = sum(self.lengths)
        places: dict[str, list[int]] = defaultdict(list)
        for place, document in enumerate(documents):
            for word, weight in document.items():
                places[word] += place, weight
        # One after the other in a tuple they take a fifth of the memory that pairs in a list do.
        self._places = {word: tuple(held) for word, held in places.items()}

    def __len__(self) -> int:
        return len(self.lengths)

    def places(self, word: str) -> Sequence[tuple[int, int]]:
        """Return the documents that have *word*, each with what it weighs there."""
        held = self._places.get(word, ())
        return list(zip(held[::2], held[1::2], strict=True))


def scores(question: Iterable[str], together: Sequence[Postings]) -> list[list[float]]:
    """Return for each of *together* one score per document, 0 where no word of *question* occurs.

    How much a word tells is known from all of them, and from nothing else.
    """
    count = sum(len(postings) for postings in together)
    average = (sum(postings.total for postings in together) / count if count else 0) or 1.0
    found = [[0.0] * len(postings) for postings in together]
    for word in set(question):
        places = [postings.places(word) for postings in together]
        n = sum(map(len, places))
        idf = math.log(1 + (count - n + 0.5) / (n + 0.5))
        for own, postings, holding in zip(found, together, places, strict=True):
            for place, weight in holding:
                norm = K1 * (1 - B + B * postings.lengths[place] / average)
                own[place] += idf * weight * (K1 + 1) / (weight + norm)
    return found
