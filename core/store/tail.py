"""The newest events of live runs in memory, put there once they are durable, and whoever waits for more.

Readers that keep up are served from here and never touch the database.
"""

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import Sequence

# Twice what a run says at once, so that whoever reads as fast as it speaks needs no database.
BYTES_PER_RUN = 2 * 2**20
BYTES = 64 * 2**20
# Of runs that ended; whoever comes later than that reads the database.
ENDED_BYTES = 8 * 2**20


class Tail:
    """Events *first* … *last* of one run."""

    def __init__(self, first: int) -> None:
        self.first = first
        self.events: list[bytes] = []
        self.bytes = 0
        self.ended = False

    @property
    def last(self) -> int:
        return self.first + len(self.events) - 1

    def add(self, events: Sequence[bytes], ended: bool) -> int:
        """Append; return by how many bytes the tail has grown after dropping what is too old."""
        before = self.bytes
        self.events += events
        self.bytes += sum(map(len, events))
        self.ended = self.ended or ended
        drop = 0
        while self.bytes > BYTES_PER_RUN and drop < len(self.events) - 1:
            self.bytes -= len(self.events[drop])
            drop += 1
        if drop:
            del self.events[:drop]
            self.first += drop
        return self.bytes - before

    def read(self, after: int, limit: int, max_bytes: int) -> tuple[Sequence[bytes], bool] | None:
        """Return what is here after number *after*; None when that begins before or beyond what is here."""
        start = after - self.first + 1
        if start < 0 or after > self.last:
            return None
        end, size = start, 0
        stop = min(len(self.events), start + limit)
        while end < stop and size < max_bytes:
            size += len(self.events[end])
            end += 1
        return self.events[start:end], self.ended and end == len(self.events)


class Tails:
    """The tails of the runs that spoke last, in 64 MiB at most."""

    def __init__(self) -> None:
        self._tails: OrderedDict[str, Tail] = OrderedDict()
        self._waiting: defaultdict[str, set[asyncio.Future[None]]] = defaultdict(set)
        self._bytes = 0
        self._ended: OrderedDict[str, int] = OrderedDict()
        self._ended_bytes = 0
        self.closed = False

    def get(self, run_id: str) -> Tail | None:
        return self._tails.get(run_id)

    def add(self, run_id: str, after: int, events: Sequence[bytes], ended: bool) -> None:
        """Take in events that are durable, the first of them numbered *after* + 1."""
        tail = self._tails.get(run_id)
        known = tail.last - after if tail else 0
        if tail is None or known < 0:
            self.drop(run_id)
            tail = self._tails[run_id] = Tail(after + 1)
        elif known:
            # Another server's news may bring what this one has stored itself.
            events = events[known:]
        self._tails.move_to_end(run_id)
        self._bytes += tail.add(events, ended)
        if ended:
            self._end(run_id, tail.bytes)
        while self._bytes > BYTES and len(self._tails) > 1:
            self.drop(next(iter(self._tails)))

    def _end(self, run_id: str, size: int) -> None:
        self._ended_bytes += size - self._ended.get(run_id, 0)
        self._ended[run_id] = size
        while self._ended_bytes > ENDED_BYTES and len(self._ended) > 1:
            self.drop(next(iter(self._ended)))

    def drop(self, run_id: str) -> None:
        tail = self._tails.pop(run_id, None)
        if tail is not None:
            self._bytes -= tail.bytes
        self._ended_bytes -= self._ended.pop(run_id, 0)

    def wake(self, run_id: str) -> None:
        for waiter in self._waiting.pop(run_id, ()):
            if not waiter.done():
                waiter.set_result(None)

    def close(self) -> None:
        self.closed = True
        for run_id in list(self._waiting):
            self.wake(run_id)

    def enter(self, run_id: str) -> asyncio.Future[None]:
        """Ask to be woken. Look whether there is news after this, not before it."""
        waiter = asyncio.get_running_loop().create_future()
        self._waiting[run_id].add(waiter)
        return waiter

    def awaited(self, run_id: str) -> bool:
        return run_id in self._waiting

    def leave(self, run_id: str, waiter: asyncio.Future[None]) -> None:
        waiting = self._waiting.get(run_id)
        if waiting is not None:
            waiting.discard(waiter)
            if not waiting:
                del self._waiting[run_id]
