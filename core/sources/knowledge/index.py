"""Passages found by their words (BM25) and, with an embedder, by their meaning too; both rankings become one.

Rankings are fused by reciprocal rank with k = 60: Cormack, Clarke, Büttcher, "Reciprocal Rank Fusion outperforms
Condorcet and individual Rank Learning Methods" (SIGIR 2009).
"""

import heapq
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import replace
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

Place = tuple[int, int]
"""A passage: the number of its document's segment, and its own there."""

Scored = tuple[Place, float]


class Segment:
    """One document's passages, ready to be searched. Takes a processor's time: make it in a thread."""

    def __init__(self, file: str, passages: Sequence[Held]) -> None:
        self.file = file
        self.passages = [replace(one, vector=b"") for one in passages]  # which are rows of the matrix from here on
        self.titles = Counter(one.piece.title for one in passages if one.piece.title)
        self.postings = bm25.Postings([_document(one) for one in passages])
        self.places, self.vectors = _matrix(passages)


class Index:
    """Finds passages in *segments*, in no time to speak of to be made: ask it in a thread.

    *version* is that of the shelf whose documents these all are, None when some are missing; *problems* are of them.
    """

    def __init__(self, segments: Sequence[Segment], version: Hashable = None, problems: Sequence[str] = ()) -> None:
        self.segments, self.version, self.problems = segments, version, problems
        self._length = sum(len(one.passages) for one in segments)

    def __len__(self) -> int:
        return self._length

    @property
    def by_meaning(self) -> bool:
        """Whether there are vectors to compare with."""
        return any(one.places for one in self.segments)

    def find(
        self, text: str, limit: int, file: str = "", vector: Sequence[float] = (), near: float | None = None
    ) -> list[tuple[Held, float]]:
        """Return the passages about *text*, the best first, each with its score; of files that match *file* only.

        *vector* is that of *text*: what is less like it than *near* is not about it.
        """
        asked = [number for number, one in enumerate(self.segments) if not file or fnmatchcase(one.file, file)]
        rankings = [self._by_words(text, asked)]
        if vector and self.by_meaning:
            rankings.append(self._by_meaning(vector, near, asked))
        fused = _fused(rankings) if len(rankings) > 1 else rankings[0]
        return [(self.segments[number].passages[at], round(score, 6)) for (number, at), score in fused[:limit]]

    def _by_words(self, text: str, asked: Iterable[int]) -> list[Scored]:
        scores = bm25.scores(words(text), [one.postings for one in self.segments])
        return _best(((number, at), score) for number in asked for at, score in enumerate(scores[number]) if score > 0)

    def _by_meaning(self, vector: Sequence[float], near: float | None, asked: Iterable[int]) -> list[Scored]:
        import numpy

        direction = numpy.asarray(vector, dtype="<f4")
        length = float(numpy.linalg.norm(direction))
        if not length:
            return []
        least = 0.0 if near is None else near
        return _best(
            ((number, at), like)
            for number in asked
            for at, like in _likeness(self.segments[number], direction / length)
            if like > least
        )


def _likeness(segment: Segment, direction: Any) -> Iterable[tuple[int, float]]:
    if not segment.places or segment.vectors.shape[1] != len(direction):
        return ()
    return zip(segment.places, (segment.vectors @ direction).tolist(), strict=True)


def _best(scored: Iterable[Scored]) -> list[Scored]:
    return heapq.nsmallest(DEPTH, scored, key=lambda one: (-one[1], one[0]))


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


def _fused(rankings: Sequence[Sequence[Scored]]) -> list[Scored]:
    scores: defaultdict[Place, float] = defaultdict(float)
    for ranking in rankings:
        for rank, (place, _) in enumerate(ranking, start=1):
            scores[place] += 1 / (K + rank)
    return sorted(scores.items(), key=lambda one: (-one[1], one[0]))
