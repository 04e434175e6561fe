"""One reader's watch over one run: what arrived and was not written yet, and the credits that bound it."""

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
    """A reader's place in a run. The hub fills it, one reader empties it with `take`.

    *tell* is called when there is more to take, once the server has taken the watch up (`begun`), once nothing more
    will come (`end`), and as a heartbeat. *after* is the last number that arrived; `held` are the bytes that wait for
    the reader, or that it took and has not dealt with.
    """

    __slots__ = (
        "_bytes",
        "_credits",
        "_grant",
        "_held",
        "_ready",
        "_taken",
        "_taken_bytes",
        "after",
        "begun",
        "end",
        "heard",
        "held",
        "id",
        "losses",
        "lost",
        "reader",
        "run_id",
        "tell",
    )

    def __init__(self, run_id: str, after: int, grant: Callable[["Watch", int, int], None], reader: int = 0) -> None:
        self.run_id = run_id
        self.reader = reader
        self.after = after
        self.id = 0
        self.begun = False
        self.end: WatchEnd | None = None
        self.lost = False
        self.losses = 0
        self.heard = time.monotonic()
        self.held = 0
        self.tell: Callable[[], None] | None = None
        self._grant = grant
        self._ready: list[Arrival | WatchGap] = []
        self._held = 0
        self._taken = 0
        self._taken_bytes = 0
        self._credits = 0
        self._bytes = 0

    def take(self) -> Arrival | WatchGap | None:
        """Return what is next, if there is something; coming back says that what was returned before is dealt with."""
        if self._taken:
            self._settle()
        if not self._ready:
            return None
        item = self._ready.pop(0)
        if isinstance(item, Arrival):
            self._taken, self._taken_bytes = len(item), item.size
        return item

    def _settle(self) -> None:
        """Grant what was dealt with, once it is worth a message; half the window keeps the server from pausing."""
        self._held -= self._taken
        self.held -= self._taken_bytes
        self._taken = self._taken_bytes = 0
        more, more_bytes = WINDOW - self._credits - self._held, max(0, WINDOW_BYTES - self._bytes - self.held)
        if more >= WINDOW // 2 or more_bytes >= WINDOW_BYTES // 2:
            self._credits += more
            self._bytes += more_bytes
            self._grant(self, more, more_bytes)

    @property
    def over(self) -> bool:
        """Whether nothing more will come, now or later."""
        return self.end is not None and not self._ready

    @property
    def ready(self) -> bool:
        """Whether there is something to take."""
        return bool(self._ready)

    def accept(self, arrival: Arrival | None, gap: WatchGap | None, now: float) -> None:
        """Take in what the server sent; nothing says that it has nothing yet."""
        self.heard, self.begun = now, True
        if gap is not None:
            self._ready.append(gap)
            self.after = gap.oldest_sequence - 1
        if arrival is not None:
            self._ready.append(arrival)
            self.after = arrival.last
            events, size = len(arrival), arrival.size
            self._credits -= events
            self._held += events
            self._bytes -= size
            self.held += size
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
        room = WINDOW_BYTES - self.held
        # No bytes would say that they are not counted, so whoever has no room gets no events.
        self._credits, self._bytes = (WINDOW - self._held, room) if room > 0 else (0, 1)
        return self._credits, self._bytes

    def wake(self) -> None:
        if self.tell is not None:
            self.tell()
