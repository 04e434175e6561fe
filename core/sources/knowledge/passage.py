"""What documents are searched as: passages, each with where it stands; and what keeps them."""

from collections.abc import Hashable, Mapping, Sequence
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
class Listed:
    """The documents that a shelf holds at a *version*, each with a stamp that is another one whenever it changed.

    *problems* say what can't be searched as it should, and why.
    """

    version: Hashable
    stamps: Mapping[str, Hashable]
    problems: Sequence[str] = ()


@dataclass(frozen=True)
class Read:
    """A document as it was read; *problem* says why there is nothing to be searched in it."""

    passages: Sequence[Held]
    problem: str = ""


class Shelf(Protocol):
    """Where passages are kept. Safe for concurrent use."""

    async def listed(self) -> Listed:
        """Return what there is now. Raises SourceUnavailable."""

    async def read(self, name: str) -> Read:
        """Return a document that was listed, of no passages when it has gone. Raises SourceUnavailable."""

    async def close(self) -> None:
        """Let go of what reading took."""
