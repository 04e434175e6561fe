"""What turns texts into vectors can do. Implementations are named by what they are, and chosen by name."""

from collections.abc import Sequence
from typing import Protocol


class Embedder(Protocol):
    """Turns texts into vectors; near in meaning is near in space. Safe for concurrent use.

    Vectors are comparable only with those of the same embedder: points have to be made with the one that is set.
    """

    name: str

    near: float | None
    """The likeness (cosine) from which a text is about another; None where nobody has measured it."""

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Return a vector for each text. Raises SourceUnavailable."""

    async def close(self) -> None:
        """Give back connections and threads."""
