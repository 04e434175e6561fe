"""What documents are searched as: passages, each with where it stands; and what keeps them."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol


class Piece(NamedTuple):
    """A passage as it was read: *place* is "lines 10-24" or "page 3", *title* the headings above it."""

    place: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Held:
    """A passage of *file*; *vector* holds floats of four bytes, of the embedder that is set, or nothing."""

    file: str
    piece: Piece
    vector: bytes = b""


@dataclass(frozen=True)
class Contents:
    """All that a shelf holds at a *version*; *problems* say what can't be searched as it should, and why."""

    version: Hashable
    passages: Sequence[Held]
    problems: Sequence[str] = ()


class Shelf(Protocol):
    """Where passages are kept. Safe for concurrent use."""

    async def version(self) -> Hashable:
        """Return what is another one whenever something changed. Raises SourceUnavailable."""

    async def contents(self) -> Contents:
        """Return all there is. Raises SourceUnavailable."""

    async def close(self) -> None:
        """Let go of what reading took."""
