"""What a text or vector is compared with: which vectors of a collection, and whether they can be compared at all."""

from collections.abc import Mapping, Sequence

from core.errors import QueryFailed
from core.sources.qdrant.query import VectorQuery


def named(asked: VectorQuery, sizes: Mapping[str, int]) -> str:
    """Return the name of the vectors to compare with: the one asked for, or the only one. Raises QueryFailed."""
    if asked.using is not None and asked.using in sizes:
        return asked.using
    if asked.using is None and ("" in sizes or len(sizes) == 1):
        return "" if "" in sizes else next(iter(sizes))
    names = ", ".join(filter(None, sizes))
    if not sizes:
        raise QueryFailed(f'The collection "{asked.collection}" has no dense vectors to compare with. Filter instead.')
    raise QueryFailed(
        f'The collection "{asked.collection}" has vectors named {names or "nothing"}; say in `using` which to compare.'
    )


def require_comparable(vector: Sequence[float], size: int, asked: VectorQuery, embedder: str) -> None:
    """Raise QueryFailed when *vector*, which *embedder* made, says nothing or is of another space."""
    if len(vector) != size:
        raise QueryFailed(
            f'The embedder {embedder} makes vectors of {len(vector)} dimensions, and those of "{asked.collection}" have'
            f" {size}: set `embedder` to the one that its points were made with."
        )
    if not any(vector):
        raise QueryFailed("The text has no words that tell anything to search for. Say it in other words.")
