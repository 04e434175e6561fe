"""One reader's watch over one run: what arrived and was not taken yet, and the credits that bound it."""

import asyncio
import time
from collections.abc import Callable

from gateway.arrivals import Arrival
from levada.v1.run_service_pb2 import WatchEnd, WatchGap

# Bytes of events, and events, that may be on their way to a reader or wait for it here; one event may go beyond.
WINDOW_BYTES = 64 * 1024
WINDOW = 1_024
# Losses in a row that a reader does not notice but for the pause; with the hub's back-off some 30 seconds.
PATIENCE = 20


class Watch:
    """A reader's place in a run. The hub fills it, one reader empties it with `read`.

    *after* is the last number that arrived; `begun` tells that the server has taken the watch up; `end` is set once
    nothing more will come.
    """

    __slots__ = (
        "_bytes",
        "_credits",
        "_grant",
        "_ready",
        "_taken",
        "_taken_bytes",
        "_waiter",
        "after",
        "begun",
        "end",
        "heard",
        "id",
        "losses",
        "lost",
        "run_id",
    )

    def __init__(self, run_id: str, after: int, grant: Callable[["Watch", int, int], None]) -> None:
        self.run_id = run_id
        self.after = after
        self.id = 0
        self.begun = False
        self.end: WatchEnd | None = None
        self.lost = False
        self.losses = 0
        self.heard = time.monotonic()
        self._grant = grant
        self._ready: list[Arrival | WatchGap] = []
        self._taken = 0
        self._taken_bytes = 0
        self._credits = 0
        self._bytes = 0
        self._waiter: asyncio.Future[None] | None = None

    async def read(self) -> list[Arrival | WatchGap]:
        """Return what is ready, in order; empty when the hub asks for a heartbeat, has begun, or after the `end`.

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
        self._taken, self._taken_bytes = counted(ready)
        return ready

    def _settle(self) -> None:
        """Grant what was dealt with, once it is worth a message; half the window keeps the server from pausing."""
        self._taken = self._taken_bytes = 0
        held, held_bytes = counted(self._ready)
        more, more_bytes = max(0, WINDOW - self._credits - held), max(0, WINDOW_BYTES - self._bytes - held_bytes)
        if more >= WINDOW // 2 or more_bytes >= WINDOW_BYTES // 2:
            self._credits += more
            self._bytes += more_bytes
            self._grant(self, more, more_bytes)

    @property
    def held(self) -> int:
        """Return the bytes that the reader holds: ready for it, or taken and not dealt with."""
        return counted(self._ready)[1] + self._taken_bytes

    @property
    def over(self) -> bool:
        """Whether nothing more will come, now or later."""
        return self.end is not None and not self._ready

    def accept(self, arrival: Arrival | None, gap: WatchGap | None, now: float) -> None:
        """Take in what the server sent; nothing says that it has nothing yet."""
        self.heard, self.losses, self.begun = now, 0, True
        if gap is not None:
            self._ready.append(gap)
            self.after = gap.oldest_sequence - 1
        if arrival is not None:
            self._ready.append(arrival)
            self.after = arrival.last
            self._credits -= len(arrival)
            self._bytes -= arrival.size
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

    def restart(self, watch_id: int) -> tuple[int, int]:
        """Take a new id, and return the credits to begin with: what is not dealt with yet stays counted."""
        self.id, self.lost = watch_id, False
        held, room = counted(self._ready)[0] + self._taken, WINDOW_BYTES - self.held
        # No bytes would say that they are not counted, so whoever has no room gets no events.
        self._credits, self._bytes = (max(0, WINDOW - held), room) if room > 0 else (0, 1)
        return self._credits, self._bytes

    def wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


def counted(items: list[Arrival | WatchGap]) -> tuple[int, int]:
    """Return the events among *items*, and their bytes."""
    events = size = 0
    for item in items:
        if isinstance(item, Arrival):
            events += len(item)
            size += item.size
    return events, size
