"""One reader's watch over one run: what arrived and was not taken yet, and the credits that bound it."""

import asyncio
import time
from collections.abc import Callable

from levada.v1.event_pb2 import Event
from levada.v1.run_service_pb2 import WatchBatch, WatchEnd, WatchGap

# Events that the server may run ahead of a reader: at a round trip of 1 ms that allows 16,000 events a second.
WINDOW = 16
# Bytes that a reader who stands still may hold here, or one event if that is larger.
MOST_BYTES = 128 * 1024
# Losses in a row that a reader does not notice but for the pause; with the hub's back-off some 30 seconds.
PATIENCE = 20


class Watch:
    """A reader's place in a run. The hub fills it, one reader empties it with `read`.

    *after* is the last number that arrived; `end` is set once nothing more will come.
    """

    def __init__(self, run_id: str, after: int, grant: Callable[["Watch", int], None]) -> None:
        self.run_id = run_id
        self.after = after
        self.id = 0
        self.end: WatchEnd | None = None
        self.lost = False
        self.losses = 0
        self.heard = time.monotonic()
        self._grant = grant
        self._ready: list[Event | WatchGap] = []
        self._ready_bytes = 0
        self._taken = 0
        self._taken_bytes = 0
        self._credits = 0
        self._event_bytes = 0
        self._waiter: asyncio.Future[None] | None = None

    async def read(self) -> list[Event | WatchGap]:
        """Return what is ready, in order; empty when the hub asks for a heartbeat or after the `end`.

        Coming back for more says that what was returned before is dealt with: it is granted anew.
        """
        self._settle()
        if not self._ready and self.end is None:
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        ready, self._ready = self._ready, []
        self._taken, self._taken_bytes, self._ready_bytes = count(ready), self._ready_bytes, 0
        return ready

    def _settle(self) -> None:
        """Grant what was dealt with, once it is worth a message; half the window keeps the server from pausing."""
        self._taken = self._taken_bytes = 0
        window = self._window()
        more = window - self._credits - count(self._ready)
        if more >= max(1, window // 2):
            self._credits += more
            self._grant(self, more)

    def _window(self) -> int:
        """Return how many events like the last ones may be on their way or here."""
        return min(WINDOW, max(1, MOST_BYTES // max(1, self._event_bytes)))

    @property
    def flooded(self) -> bool:
        """Whether more is held than should be and still more may come: credits can't be taken back."""
        return self._credits > 0 and self._ready_bytes + self._taken_bytes > MOST_BYTES

    @property
    def over(self) -> bool:
        """Whether nothing more will come, now or later."""
        return self.end is not None and not self._ready

    def accept(self, batch: WatchBatch) -> None:
        """Take in what the server sent."""
        self.heard, self.losses = time.monotonic(), 0
        if batch.HasField("gap"):
            self._ready.append(batch.gap)
            self.after = batch.gap.oldest_sequence - 1
        if batch.events:
            self.after = batch.events[-1].sequence
            self._ready += batch.events
            size, events = batch.ByteSize(), len(batch.events)
            self._ready_bytes += size
            self._event_bytes = size // events
            self._credits -= events
        self.wake()

    def finish(self, code: str, reason: str = "", message: str = "") -> None:
        """Say that nothing more will come; what is ready can still be read."""
        self.end = self.end or WatchEnd(code=code, reason=reason, message=message)
        self.wake()

    def lose(self) -> None:
        """Note that the server can't be heard. The reader waits; in the end it is asked to come back by itself."""
        self.lost = True
        self.losses += 1
        if self.losses > PATIENCE:
            self.finish("UNAVAILABLE", "STORE_UNAVAILABLE", "The server can't be reached.")

    def restart(self, watch_id: int) -> int:
        """Take a new id, and return the credits to begin with: what is not dealt with yet stays counted."""
        self.id, self.lost = watch_id, False
        self._credits = max(0, self._window() - count(self._ready) - self._taken)
        return self._credits

    def wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


def count(items: list[Event | WatchGap]) -> int:
    return sum(type(item) is Event for item in items)
