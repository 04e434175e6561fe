"""The stream of server-sent events: an ASGI response that begins and ends a stream; what is between is the flow's."""

import logging
import random
import time
from collections.abc import Awaitable, Callable, Mapping

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway import problems
from gateway.connection import Connection, chunk
from gateway.dialects import Dialect
from gateway.encoding import Encoder, message
from gateway.flow import Flow
from gateway.hub import Hub
from gateway.metrics import figures
from gateway.watch import Watch
from levada.v1.run_service_pb2 import WatchEnd

logger = logging.getLogger(__name__)

# Clients wait this long, in ms, before they come back; spread, when they all have to at once.
RETRY = chunk(b"retry: 1000\n\n")
SPREAD = (500, 3_000)
HEADERS = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-cache, no-transform"),
    (b"x-accel-buffering", b"no"),
]


class EventStream:
    """Answers with the events of *run_id* after number *after*, up to the terminal one, and with *headers* of its own.

    The status is sent once the server has taken the watch up, so that a refusal can be told by it; *explain* may then
    raise a Problem that says more than the refusal. Ids are numbers *within* a run, if that is to be said.
    """

    def __init__(
        self,
        hub: Hub,
        run_id: str,
        after: int,
        dialect: Dialect,
        explain: Callable[[], Awaitable[object]],
        headers: Mapping[str, str] | None = None,
        within: str = "",
    ) -> None:
        self._hub = hub
        self._run_id = run_id
        self._after = after
        self._dialect = dialect
        self._explain = explain
        self._within = within
        more = [(name.lower().encode(), text.encode()) for name, text in (headers or {}).items()]
        self._headers = [*HEADERS, *more] if more else HEADERS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "HEAD":
            await send({"type": "http.response.start", "status": 200, "headers": self._headers})
            await send({"type": "http.response.body"})
            return
        since = time.perf_counter()
        connection: Connection = scope["levada.connection"]
        with self._hub.watch(self._run_id, 0 if self._dialect.remembers else self._after) as watch:
            await begun(watch, connection)
            if watch.over:
                await (await self._refusal(watch))(scope, receive, send)
                return
            if watch.ready:
                figures.first_event(since)
            words = Encoder(self._dialect, self._after, self._within)
            flow = Flow(watch, connection, words, self._hub.heartbeat, self._dialect.idle_seconds)
            try:
                await self._begin(flow, connection, send)
                await flow.over
            finally:
                flow.stop()
            if connection.gone and watch.end is None:
                logger.info("Client disconnected from run %s", self._run_id)
            await send({"type": "http.response.body", "body": self._last_words(watch)})

    async def _begin(self, flow: Flow, connection: Connection, send: Send) -> None:
        connection.hold()
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self._headers})
            connection.write(RETRY)
            flow.start()
        finally:
            connection.release()

    async def _refusal(self, watch: Watch) -> Response:
        """Return the answer of a stream without events: there will be none, or they may not be read."""
        end = watch.end
        if end is None or end.code == "OK":
            return Response(status_code=204)
        await self._explain()
        raise problems.of_code(end.code, end.reason, end.message)

    def _last_words(self, watch: Watch) -> bytes:
        """Return how a stream ends; when it is cut, a comment: clients come back, as no terminal event was sent."""
        if watch.end is None:
            return b"".join(map(message, self._dialect.idle()))
        return last_words(watch.end)


def last_words(end: WatchEnd | None) -> bytes:
    """Return what is said at a stream's end: when it is cut, why, and when to come back."""
    if end is None or end.code == "OK":
        return b""
    return b"retry: %d\n: %b\n\n" % (random.randint(*SPREAD), " ".join(end.message.split()).encode())  # noqa: S311


async def begun(watch: Watch, connection: Connection) -> None:
    """Wait until the server has taken *watch* up or refused it, or the client has gone."""
    waiter = connection.loop.create_future()

    def look() -> None:
        if (watch.begun or watch.end or connection.gone) and not waiter.done():
            waiter.set_result(None)

    watch.tell = connection.tell = look
    try:
        look()
        await waiter
    finally:
        watch.tell = connection.tell = None
