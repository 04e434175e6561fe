"""Passages found by their words (BM25) and, with an embedder, by their meaning too; both rankings become one.

Rankings are fused by reciprocal rank with k = 60: Cormack, Clarke, Büttcher, "Reciprocal Rank Fusion outperforms
Condorcet and individual Rank Learning Methods" (SIGIR 2009).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from typing import Any

from core import bm25
from core.sources.embedding.hashing import words
from core.sources.knowledge.passage import Held

K = 60
DEPTH = 50
"""How many of each ranking are fused."""

_TITLE = 2
"""What a word of a heading weighs against one of the text."""


class Index:
    """Finds passages. Made of all of them at once; takes a processor's time: make it, and ask it, in a thread."""

    def __init__(self, passages: Sequence[Held]) -> None:
        self.passages = passages
        self._postings = bm25.Postings([_document(one) for one in passages])
        self._places, self._vectors = _matrix(passages)

    @property
    def by_meaning(self) -> bool:
        """Whether there are vectors to compare with."""
        return bool(self._places)

    def find(
        self, text: str, limit: int, file: str = "", vector: Sequence[float] = (), near: float | None = None
    ) -> list[tuple[Held, float]]:
        """Return the passages about *text*, the best first, each with its score; of files that match *file* only.

        *vector* is that of *text*: what is less like it than *near* is not about it.
        """
        rankings = [self._by_words(text, file)]
        if vector and self.by_meaning:
            rankings.append(self._by_meaning(vector, near, file))
        fused = _fused(rankings) if len(rankings) > 1 else rankings[0]
        return [(self.passages[place], round(score, 6)) for place, score in fused[:limit]]

    def _by_words(self, text: str, file: str) -> list[tuple[int, float]]:
        scores = bm25.scores(words(text), [self._postings])[0]
        return self._best(((place, score) for place, score in enumerate(scores) if score > 0), file)

    def _by_meaning(self, vector: Sequence[float], near: float | None, file: str) -> list[tuple[int, float]]:
        import numpy

        asked = numpy.asarray(vector, dtype="<f4")
        length = float(numpy.linalg.norm(asked))
        if not length or self._vectors.shape[1] != len(asked):
            return []
        likeness = (self._vectors @ (asked / length)).tolist()
        least = 0.0 if near is None else near
        return self._best(((p, like) for p, like in zip(self._places, likeness, strict=True) if like > least), file)

    def _best(self, scored: Iterable[tuple[int, float]], file: str) -> list[tuple[int, float]]:
        kept = (one for one in scored if not file or fnmatchcase(self.passages[one[0]].file, file))
        return sorted(kept, key=lambda one: (-one[1], one[0]))[:DEPTH]


def _document(one: Held) -> Counter[str]:
    found = Counter(words(one.piece.text))
    for word in words(f"{one.piece.title} {one.file}"):
        found[word] += _TITLE
    return found


def _matrix(passages: Sequence[Held]) -> tuple[list[int], Any]:
    """Return which passages have a vector, and these as rows of length 1."""
    places = [place for place, one in enumerate(passages) if one.vector]
    if not places:
        return [], None
    import numpy

    rows = numpy.frombuffer(b"".join(passages[place].vector for place in places), dtype="<f4")
    rows = rows.reshape(len(places), -1)
    lengths = numpy.linalg.norm(rows, axis=1, keepdims=True)
    return places, rows / numpy.where(lengths == 0, 1, lengths)


def _fused(rankings: Sequence[Sequence[tuple[int, float]]]) -> list[tuple[int, float]]:
    scores: defaultdict[int, float] = defaultdict(float)
    for ranking in rankings:
        for rank, (place, _) in enumerate(ranking, start=1):
            scores[place] += 1 / (K + rank)
    return sorted(scores.items(), key=lambda one: (-one[1], one[0]))
