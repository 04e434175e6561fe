"""Okapi BM25 over a few hundred short documents, in memory.

Robertson, Zaragoza: The Probabilistic Relevance Framework: BM25 and Beyond (2009), with k1 = 1.2 and b = 0.75.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence

K1, B = 1.2, 0.75


class BM25:
    """Documents given as weighted words, ranked against a question's words."""

    def __init__(self, documents: Sequence[Counter[str]]) -> None:
        self._documents = documents
        self._lengths = [sum(document.values()) for document in documents]
        self._average = (sum(self._lengths) / len(documents) if documents else 0) or 1.0
        seen = Counter(word for document in documents for word in document)
        count = len(documents)
        self._idf = {word: math.log(1 + (count - n + 0.5) / (n + 0.5)) for word, n in seen.items()}

    def scores(self, question: Iterable[str]) -> list[float]:
        """Return one score per document, 0 where no word of *question* occurs."""
        wanted = set(question)
        pairs = zip(self._documents, self._lengths, strict=True)
        return [self._score(document, length, wanted) for document, length in pairs]

    def _score(self, document: Counter[str], length: float, wanted: set[str]) -> float:
        norm = K1 * (1 - B + B * length / self._average)
        return sum(
            self._idf[word] * document[word] * (K1 + 1) / (document[word] + norm) for word in wanted & document.keys()
        )
