"""Several runs over one stream of server-sent events, so that a page needs one connection however many it watches."""

import time
from collections.abc import Mapping
from contextlib import ExitStack

import orjson
from starlette.types import Receive, Scope, Send

from gateway import problems
from gateway.arrivals import Arrival
from gateway.connection import Connection, chunk
from gateway.dialects.base import Frame
from gateway.dialects.native import Native
from gateway.encoding import Encoder, message
from gateway.hub import Hub
from gateway.metrics import figures
from gateway.sse import HEADERS, RETRY, last_words
from gateway.watch import Watch
from levada.v1.run_service_pb2 import WatchGap


class SeveralStream:
    """Answers with the events of *runs*, each after its number; what is wrong with one of them is told in the stream.

    The stream ends when all of them have.
    """

    def __init__(self, hub: Hub, runs: Mapping[str, int]) -> None:
        self._hub = hub
        self._runs = runs

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        if scope["method"] == "HEAD":
            await send({"type": "http.response.body"})
            return
        connection: Connection = scope["levada.connection"]
        with ExitStack() as stack:
            me = self._hub.reader()
            watches = [stack.enter_context(self._hub.watch(run, after, me)) for run, after in self._runs.items()]
            flow = Confluence(watches, connection, self._hub.heartbeat)
            try:
                connection.write(RETRY)
                flow.start()
                cut = await flow.over
            finally:
                flow.stop()
        await send({"type": "http.response.body", "body": last_words(cut.end) if cut else b""})


class Confluence:
    """Writes what *watches* have to *connection* in turn; `over` is done with the watch that cut the stream, if any."""

    def __init__(self, watches: list[Watch], connection: Connection, heartbeat: float) -> None:
        self.over = connection.loop.create_future()
        self._words = {watch: Encoder(Native(), watch.after) for watch in watches}
        self._connection = connection
        self._heartbeat = heartbeat
        self._wrote = time.monotonic()

    def start(self) -> None:
        self._connection.tell = self._go
        for watch in self._words:
            watch.tell = self._go
        self._go()

    def stop(self) -> None:
        self._connection.tell = None
        for watch in self._words:
            watch.tell = None

    def _go(self) -> None:
        if self.over.done():
            return
        try:
            cut = self._pass_on()
            if cut or self._connection.gone or not self._words:
                self.over.set_result(cut)
        except Exception as error:  # noqa: BLE001 the door of one stream; who tells it of news goes on to tell others
            self.over.set_exception(error)

    def _pass_on(self) -> Watch | None:
        """Write what there is as long as the connection takes it; return the watch that cuts the stream, if any."""
        moved = True
        while moved:
            moved = False
            for watch in list(self._words):
                if self._connection.paused:
                    return None
                item = watch.take()
                if item is not None:
                    moved = True
                    self._write(self._said(watch, item))
                elif watch.end is not None and self._ends(watch):
                    return watch
        if time.monotonic() - self._wrote >= self._heartbeat:
            self._write(chunk(b":\n\n"))
        return None

    def _said(self, watch: Watch, item: Arrival | WatchGap) -> bytes:
        if isinstance(item, WatchGap):
            return frame("gap", watch, oldestSequence=str(item.oldest_sequence))
        figures.events += len(item)
        return self._words[watch].encode(item)

    def _write(self, body: bytes) -> None:
        self._wrote = time.monotonic()
        self._connection.write(body)

    def _ends(self, watch: Watch) -> bool:
        """Tell how *watch* ended; return whether that cuts the stream, as the others won't go on either."""
        end = watch.end
        if end is None or end.code == "UNAVAILABLE":
            return True
        watch.tell = None
        del self._words[watch]
        if end.code == "OK":
            self._write(frame("ended", watch))
        else:
            self._write(frame("refused", watch, **problems.of_code(end.code, end.reason, end.message).body()))
        return False


def frame(name: str, watch: Watch, **said: object) -> bytes:
    return chunk(message(Frame(name, orjson.dumps({"runId": watch.run_id, **said}))))
