"""What a dialect is: a vocabulary of SSE frames for the one vocabulary of events. No logic of a pipeline."""

from collections.abc import Sequence
from typing import ClassVar, NamedTuple, Protocol

from levada.v1.event_pb2 import Event


class Frame(NamedTuple):
    """One SSE message: *event* is its name, empty for a nameless one; *data* is one line of JSON."""

    event: str
    data: bytes


class Dialect(Protocol):
    """Encodes one reader's stream. Made anew for each, it may remember what it has seen.

    *remembers* says that a frame may depend on earlier events: a reader that resumes is then given a dialect which
    was shown the events before, so that every reader gets the same frame for the same number. A dialect that does not
    is asked once for all who read together. A stream on which nothing happens for *idle_seconds*, if that is not None,
    is closed with the frames of `idle`.
    """

    name: ClassVar[str]
    remembers: ClassVar[bool]
    idle_seconds: ClassVar[float | None]

    def encode(self, event: Event) -> Sequence[Frame]:
        """Return the frames that say *event*; none when this dialect has no word for it."""

    def gap(self, oldest: int) -> Sequence[Frame]:
        """Return the frames that say: events before number *oldest* are no longer held."""

    def idle(self) -> Sequence[Frame]:
        """Return the frames that say: nothing happened for so long that the stream is closed; the run goes on."""
