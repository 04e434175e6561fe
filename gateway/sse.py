"""The stream of server-sent events: a bare ASGI response that passes on what its watch has ready, in one write."""

import asyncio
import time
from collections.abc import Iterable

from starlette.types import Receive, Scope, Send

from gateway import problems
from gateway.dialects import Dialect, Frame
from gateway.hub import Hub
from gateway.metrics import figures
from gateway.watch import Watch
from levada.v1.event_pb2 import Event
from levada.v1.run_service_pb2 import WatchGap

# Clients wait this long, in ms, before they come back.
RETRY = b"retry: 1000\n\n"
# Longer bodies are written in pieces of this many bytes, each once the one before has gone.
PIECE = 65_536
HEADERS = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-cache, no-transform"),
    (b"x-accel-buffering", b"no"),
]


class EventStream:
    """Answers with the events of *run_id* after number *after*, up to the terminal one.

    *behind* says that events are there to be had at once; then the first of them is awaited before the status is
    sent, so that a refusal can still be told by it.
    """

    def __init__(self, hub: Hub, run_id: str, after: int, dialect: Dialect, *, behind: bool) -> None:
        self._hub = hub
        self._run_id = run_id
        self._after = after
        self._dialect = dialect
        self._behind = behind
        self._told = after
        self._wrote = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "HEAD":
            await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
            await send({"type": "http.response.body"})
            return
        since = time.perf_counter()
        with self._hub.watch(self._run_id, 0 if self._dialect.remembers else self._after) as watch:
            leaving = asyncio.ensure_future(disconnected(receive))
            leaving.add_done_callback(lambda _: watch.wake())
            try:
                items = await watch.read() if self._behind else []
                refuse(watch, items)
                figures.first_event(since, items)
                await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
                await self._pass_on(watch, items, leaving, send)
            finally:
                leaving.cancel()

    async def _pass_on(self, watch: Watch, items: list[Event | WatchGap], leaving: asyncio.Future, send: Send) -> None:
        body = RETRY + self._encoded(items)
        figures.events += len(items)
        items.clear()
        while not leaving.done():
            if watch.over:
                if len(body) > PIECE:
                    await written(send, body)
                    body = b""
                await send({"type": "http.response.body", "body": body + last_words(watch)})
                return
            if body or self._silent():
                self._wrote = time.monotonic()
                await written(send, body or self._heartbeat())
            items = await watch.read()
            figures.events += len(items)
            body = self._encoded(items)
            items.clear()  # a reader that stands still holds them as text, not twice

    def _silent(self) -> bool:
        return time.monotonic() - self._wrote >= self._hub.heartbeat

    def _encoded(self, items: Iterable[Event | WatchGap]) -> bytes:
        parts: list[bytes] = []
        for item in items:
            if isinstance(item, WatchGap):
                parts += (message(frame) for frame in self._dialect.gap(item.oldest_sequence))
                continue
            frames = self._dialect.encode(item)
            if frames and item.sequence > self._after:
                parts += (message(frame) for frame in frames[:-1])
                parts.append(message(frames[-1], item.sequence))
                self._told = item.sequence
            self._after = max(self._after, item.sequence)
        return b"".join(parts)

    def _heartbeat(self) -> bytes:
        """Return a comment; events that this dialect has no word for move the id on with it."""
        if self._told == self._after:
            return b":\n\n"
        self._told = self._after
        return b":\nid: %d\n\n" % self._after


async def written(send: Send, body: bytes) -> None:
    """Write *body*; return from a long one only when the reader has taken it but for the last bytes."""
    if len(body) <= PIECE:
        await send({"type": "http.response.body", "body": body, "more_body": True})
        return
    for start in range(0, len(body), PIECE):
        await send({"type": "http.response.body", "body": body[start : start + PIECE], "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": True})  # sending waits for what went before


def message(frame: Frame, number: int = 0) -> bytes:
    """Return *frame* on the wire, with LF only; the event of that *number* is told once it was read."""
    name, data = frame
    start = b"id: %d\n" % number if number else b""
    if name:
        return b"%bevent: %b\ndata: %b\n\n" % (start, name.encode(), data)
    return b"%bdata: %b\n\n" % (start, data)


def refuse(watch: Watch, items: list[Event | WatchGap]) -> None:
    """Raise the problem of a watch that ended before anything was said."""
    if watch.end is not None and watch.end.code != "OK" and not items:
        raise problems.of_code(watch.end.code, watch.end.reason, watch.end.message)


def last_words(watch: Watch) -> bytes:
    """Return a comment for a stream that is cut; clients come back because no terminal event was sent."""
    if watch.end is None or watch.end.code == "OK":
        return b""
    return b": %b\n\n" % " ".join(watch.end.message.split()).encode()


async def disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
