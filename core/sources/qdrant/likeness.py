"""What a text or vector is compared with: which vectors of a collection, and whether they can be compared at all."""

from collections.abc import Mapping, Sequence

from core.errors import QueryFailed
from core.sources.qdrant.connection import Points
from core.sources.qdrant.describe import Space
from core.sources.qdrant.query import VectorQuery

_OF_THE_NEAREST = 0.5
"""How like the nearest point others have to be, where nobody has measured what likeness means: some always are near."""


def named(asked: VectorQuery, spaces: Mapping[str, Space]) -> str:
    """Return the name of the vectors to compare with: the one asked for, or the only one. Raises QueryFailed."""
    if asked.using is not None and asked.using in spaces:
        return asked.using
    if asked.using is None and ("" in spaces or len(spaces) == 1):
        return "" if "" in spaces else next(iter(spaces))
    names = ", ".join(filter(None, spaces))
    if not spaces:
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


async def least(
    points: Points, asked: VectorQuery, vector: Sequence[float], using: str, space: Space, near: float | None
) -> float:
    """Return how like *vector* a point has to be at least, to be about the same. Raises SourceError.

    That is what was asked for, else *near*, the embedder's own measure; without one it is half of what the nearest is.
    """
    if asked.score_threshold is not None:
        return asked.score_threshold
    if not space.rising:
        raise QueryFailed(
            f'The points of "{asked.collection}" are compared by distance, so that nothing tells which are near enough:'
            " say it in `score_threshold`, or leave out `every`."
        )
    if near is not None and asked.text is not None:
        return near
    answer = await points.ask(
        "query_points",
        collection_name=asked.collection,
        query=list(vector),
        using=using or None,
        limit=1,
        with_payload=False,
    )
    return _OF_THE_NEAREST * max((point.score for point in answer.points), default=0.0)
