"""One reader's events in the words of a dialect, as chunks of the body that go over the wire as they are."""

from collections.abc import Iterable

from gateway.arrivals import Arrival
from gateway.connection import chunk
from gateway.dialects import Dialect, Frame
from levada.v1.event_pb2 import Event
from levada.v1.run_service_pb2 import WatchGap

# Words of what is as small as live events mostly are, in bytes, are kept for the next reader whatever their size.
SMALL = 4_096


class Encoder:
    """Encodes what arrives after number *after*; events before it only teach a dialect that remembers.

    `after` is the last number that arrived, `told` the last one that the reader knows of. Ids of a dialect that
    remembers name the run *within* which they count, if that is given.
    """

    __slots__ = ("_dialect", "_within", "after", "told")

    def __init__(self, dialect: Dialect, after: int, within: str = "") -> None:
        self._dialect = dialect
        self._within = f"{within}:".encode() if within else b""
        self.after = self.told = after

    def encode(self, item: Arrival | WatchGap) -> bytes:
        """Return what the reader is told of *item*; nothing, where the dialect has no words for it."""
        if isinstance(item, WatchGap):
            return chunk(b"".join(map(message, self._dialect.gap(item.oldest_sequence))))
        body, told = self._said(item)
        self.told = told or self.told
        self.after = max(self.after, item.last)
        return body

    def _said(self, arrival: Arrival) -> tuple[bytes, int]:
        """Return what the dialect makes of *arrival*, and the last number that it says."""
        if self._dialect.remembers:
            return framed(self._dialect, arrival.events(), self.after, self._within)
        said = arrival.told.get(self._dialect.name)
        if said is None:  # the first of those who read this together
            said = framed(self._dialect, arrival.events())
            # A reader that stands still keeps what arrived, and these words with it.
            if arrival.size <= SMALL or len(said[0]) <= 2 * arrival.size:
                arrival.told[self._dialect.name] = said
        return said

    def heartbeat(self) -> bytes:
        """Return a comment; events that this dialect has no word for move the id on with it."""
        if self.told == self.after:
            return chunk(b":\n\n")
        self.told = self.after
        return chunk(b":\nid: %b%d\n\n" % (self._within, self.after))


def framed(dialect: Dialect, events: Iterable[Event], after: int = 0, within: bytes = b"") -> tuple[bytes, int]:
    """Return the *events* after number *after* as a chunk, and the number of the last that *dialect* has words for."""
    said = spoken(dialect, events, after)
    return chunk(b"".join(message(frame, number, within) for frame, number in said)), said[-1][1] if said else 0


def spoken(dialect: Dialect, events: Iterable[Event], after: int = 0) -> list[tuple[Frame, int]]:
    """Return the frames of the *events* after number *after*, the last one of each event with the event's number."""
    said: list[tuple[Frame, int]] = []
    for event in events:
        frames = dialect.encode(event)
        if frames and event.sequence > after:
            said += ((frame, 0) for frame in frames[:-1])
            said.append((frames[-1], event.sequence))
    return said


def message(frame: Frame, number: int = 0, within: bytes = b"") -> bytes:
    """Return *frame* on the wire, with LF only; the event of that *number* is told once it was read."""
    name, data = frame
    start = b"id: %b%d\n" % (within, number) if number else b""
    if name:
        return b"%bevent: %b\ndata: %b\n\n" % (start, name.encode(), data)
    return b"%bdata: %b\n\n" % (start, data)
