"""Responses framed around events that are already bytes: an event is serialised once, when it is stored.

A repeated message field on the wire is tag, length, bytes. The tags are the protos' own; a test holds them together.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.framing import length, varint
from levada.v1 import run_service_pb2 as pb

EVENTS = b"\x0a"  # field 1 of RunQueryResponse, WatchRunResponse, ListRunEventsResponse
ENDED = b"\x10\x01"  # field 2 of ListRunEventsResponse, true
BATCHES = b"\x0a"  # field 1 of WatchRunsResponse
WATCH_ID = b"\x08"  # fields 1 to 5 of WatchBatch
WATCH_EVENTS = b"\x12"
WATCH_GAP = b"\x1a"
WATCH_END = b"\x22"
WATCH_ALSO = b"\x2a"


def _repeated(tag: bytes, items: Iterable[bytes]) -> list[bytes]:
    parts: list[bytes] = []
    for item in items:
        parts += (tag, length(item), item)
    return parts


def events(stored: Sequence[bytes]) -> bytes:
    """Frame stored events as RunQueryResponse or WatchRunResponse; none make a heartbeat."""
    return b"".join(_repeated(EVENTS, stored))


def page(found: tuple[Sequence[bytes], bool]) -> bytes:
    """Frame (stored events, ended) as ListRunEventsResponse."""
    stored, ended = found
    return b"".join([*_repeated(EVENTS, stored), ENDED if ended else b""])


@dataclass(slots=True)
class News:
    """What a WatchBatch says of the watches it is for."""

    events: Sequence[bytes] = ()
    gap: pb.WatchGap | None = None
    end: pb.WatchEnd | None = None

    def framed(self, first: int, *also: int) -> bytes:
        """Return the WatchBatch for the watch *first* and those that stand where it does."""
        parts = [WATCH_ID, varint(first), *_repeated(WATCH_EVENTS, self.events)]
        if self.gap is not None:
            parts += _repeated(WATCH_GAP, [self.gap.SerializeToString()])
        if self.end is not None:
            parts += _repeated(WATCH_END, [self.end.SerializeToString()])
        if also:
            parts += _repeated(WATCH_ALSO, [b"".join(map(varint, also))])
        return b"".join(parts)


def batches(news: Sequence[bytes]) -> bytes:
    """Frame WatchBatches, themselves framed, as WatchRunsResponse; none make a heartbeat."""
    return b"".join(_repeated(BATCHES, news))
