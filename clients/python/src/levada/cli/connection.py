"""What a person is told of a connection that is lost, and of events that are gone."""

import sys
import time

from levada.retry import Reconnect
from levada.stream import Stream

# A server that starts at this very moment is there within the first tries: nothing was lost, so nothing is said.
UNSAID = 2
LONG = 2.0


class Lost:
    """Counts down to the next attempt of *stream*, and forgets it once the connection stands."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._until = 0.0
        stream.on_reconnect = self._begin

    def _begin(self, reconnect: Reconnect) -> None:
        self._until = time.monotonic() + reconnect.wait

    def __str__(self) -> str:
        """What to say now; empty while all is well."""
        if self._stream.reconnecting is None or _early(self._stream.reconnecting):
            return ""
        return told(self._stream.reconnecting, self._until - time.monotonic())


def told(reconnect: Reconnect, seconds: float) -> str:
    """Return what is said of an attempt that is due in *seconds*."""
    lost = "Connection lost" if reconnect.last_sequence else "No connection"
    if reconnect.reason == "STORE_UNAVAILABLE":
        lost = "The server can't reach its store"
    when = "now" if seconds <= 0 else f"in {seconds:.0f} s" if seconds >= 1 else "in a moment"
    return f"{lost}, trying again {when} … (attempt {reconnect.attempt})"


def complain(reconnect: Reconnect) -> None:
    """Say on standard error that the connection is lost: at first, and then before each longer wait."""
    first = 1 if reconnect.last_sequence else UNSAID + 1
    if reconnect.attempt == first or (reconnect.attempt > first and reconnect.wait >= LONG):
        print(f"levada: {told(reconnect, reconnect.wait)}", file=sys.stderr, flush=True)


def gone(numbers: range) -> None:
    """Say on standard error that events are not kept any more."""
    print(f"levada: events {numbers[0]} to {numbers[-1]} are not kept any more; going on after them.", file=sys.stderr)


def _early(reconnect: Reconnect) -> bool:
    return not reconnect.last_sequence and reconnect.attempt <= UNSAID
