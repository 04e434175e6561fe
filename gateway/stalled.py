"""A reader who is waited for, and for how long: whoever takes a little now and then is slow, not gone."""

import asyncio

# Looks at a reader that is waited for, within the time that it has.
LOOKS = 4


class Stalled:
    """Cuts *transport* once nothing was taken of what waits in it for *seconds*, unless `end` is called before."""

    __slots__ = ("_left", "_loop", "_seconds", "_since", "_timer", "_transport")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop, seconds: float) -> None:
        self._transport = transport
        self._loop = loop
        self._seconds = seconds
        self._left = transport.get_write_buffer_size()
        self._since = loop.time()
        self._wait()

    def end(self) -> None:
        self._timer.cancel()

    def _wait(self) -> None:
        self._timer = self._loop.call_later(self._seconds / LOOKS, self._look)

    def _look(self) -> None:
        left, now = self._transport.get_write_buffer_size(), self._loop.time()
        if left != self._left:
            self._left, self._since = left, now
        if now - self._since >= self._seconds:
            self._transport.abort()
        else:
            self._wait()
