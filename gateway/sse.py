"""The stream of server-sent events: a bare ASGI response that passes on what its watch has ready, in one write."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway import problems
from gateway.arrivals import Arrival
from gateway.connection import Departure
from gateway.dialects import Dialect
from gateway.encoding import Encoder, message
from gateway.hub import Hub
from gateway.metrics import figures
from gateway.watch import Watch
from levada.v1.run_service_pb2 import WatchGap

# Clients wait this long, in ms, before they come back; spread, when they all have to at once.
RETRY = b"retry: 1000\n\n"
SPREAD = (500, 3_000)
# Longer bodies are written in pieces of this many bytes, each once the one before has gone.
PIECE = 32_768
HEADERS = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-cache, no-transform"),
    (b"x-accel-buffering", b"no"),
]


class EventStream:
    """Answers with the events of *run_id* after number *after*, up to the terminal one.

    The status is sent once the server has taken the watch up, so that a refusal can be told by it; *explain* may then
    raise a Problem that says more than the refusal.
    """

    def __init__(
        self, hub: Hub, run_id: str, after: int, dialect: Dialect, explain: Callable[[], Awaitable[object]]
    ) -> None:
        self._hub = hub
        self._run_id = run_id
        self._dialect = dialect
        self._explain = explain
        self._words = Encoder(dialect, after)
        self._wrote = self._heard = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "HEAD":
            await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
            await send({"type": "http.response.body"})
            return
        since = time.perf_counter()
        with self._hub.watch(self._run_id, 0 if self._dialect.remembers else self._words.after) as watch:
            leaving: Departure = scope["levada.departure"]
            leaving.tell = watch.wake
            try:
                items = await begun(watch, leaving)
                if watch.over and not items:
                    await (await self._refusal(watch))(scope, receive, send)
                    return
                figures.first_event(since, items)
                await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
                await self._pass_on(watch, items, leaving, send)
            finally:
                leaving.tell = None

    async def _refusal(self, watch: Watch) -> Response:
        """Return the answer of a stream without events: there will be none, or they may not be read."""
        end = watch.end
        if end is None or end.code == "OK":
            return Response(status_code=204)
        await self._explain()
        raise problems.of_code(end.code, end.reason, end.message)

    async def _pass_on(self, watch: Watch, items: list[Arrival | WatchGap], leaving: Departure, send: Send) -> None:
        self._heard = time.monotonic()
        body = RETRY + self._taken(items)
        while not leaving.gone:
            if watch.over:
                await written(send, body + last_words(watch), end=True)
                return
            now = time.monotonic()
            if body or now - self._wrote >= self._hub.heartbeat:
                self._wrote = now
                await written(send, body or self._words.heartbeat())
            if self._idle():
                await written(send, b"".join(map(message, self._dialect.idle())), end=True)
                return
            body = b""
            body = self._taken(await self._next(watch))

    def _taken(self, items: list[Arrival | WatchGap]) -> bytes:
        """Return *items* as they are told, and hold them as text only."""
        if items:
            self._heard = time.monotonic()
            figures.events += sum(len(item) for item in items if isinstance(item, Arrival))
        body = self._words.encode(items)
        items.clear()
        return body

    async def _next(self, watch: Watch) -> list[Arrival | WatchGap]:
        """Read on, but not for longer than the dialect holds a stream open on which nothing happens."""
        patience = self._dialect.idle_seconds
        if patience is None:
            return await watch.read()
        timer = asyncio.get_running_loop().call_later(self._heard + patience - time.monotonic(), watch.wake)
        try:
            return await watch.read()
        finally:
            timer.cancel()

    def _idle(self) -> bool:
        patience = self._dialect.idle_seconds
        return patience is not None and time.monotonic() - self._heard >= patience


async def begun(watch: Watch, leaving: Departure) -> list[Arrival | WatchGap]:
    """Wait until the server has taken *watch* up or refused it; return the events that were there already."""
    items: list[Arrival | WatchGap] = []
    while not (items or watch.begun or watch.end or leaving.gone):
        items = await watch.read()
    return items or (await watch.read() if watch.end else [])


async def written(send: Send, body: bytes, *, end: bool = False) -> None:
    """Write *body*; return from a long one only when the reader has taken it but for the last bytes."""
    if len(body) > PIECE:
        for start in range(0, len(body), PIECE):
            await send({"type": "http.response.body", "body": body[start : start + PIECE], "more_body": True})
        body = b""  # and once more with nothing: sending waits for what went before
    await send({"type": "http.response.body", "body": body, "more_body": not end})


def last_words(watch: Watch) -> bytes:
    """Return a comment for a stream that is cut; clients come back because no terminal event was sent."""
    if watch.end is None or watch.end.code == "OK":
        return b""
    return b"retry: %d\n: %b\n\n" % (random.randint(*SPREAD), " ".join(watch.end.message.split()).encode())  # noqa: S311
