"""Passages as vectors, as they are kept: floats of four bytes."""

from array import array
from collections.abc import Sequence

from core.sources.embedding.base import Embedder
from core.sources.knowledge.passage import Piece

AT_ONCE = 128


async def embedded(embedder: Embedder | None, pieces: Sequence[Piece]) -> list[bytes]:
    """Return a vector for each of *pieces*, empty without an embedder. Raises SourceUnavailable."""
    if embedder is None:
        return [b""] * len(pieces)
    texts = [f"{piece.title}\n{piece.text}" if piece.title else piece.text for piece in pieces]
    found: list[bytes] = []
    for start in range(0, len(texts), AT_ONCE):
        found += [array("f", vector).tobytes() for vector in await embedder.embed(texts[start : start + AT_ONCE])]
    return found
