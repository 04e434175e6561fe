"""What a watch has goes to its reader's connection the moment both are ready: no task is woken for an event."""

import asyncio
import time

from gateway.arrivals import Arrival
from gateway.connection import Connection
from gateway.encoding import Encoder
from gateway.metrics import figures
from gateway.watch import Watch


class Flow:
    """Writes what *watch* has to *connection*, as *words* say it, whenever one of the two tells that something changed.

    Where nothing was written for *heartbeat* seconds a comment is. `over` is done once nothing more is to be written:
    all was, the client has gone, or nothing happened for *patience* seconds, if that is not None. It raises what
    encoding raised.
    """

    __slots__ = ("_connection", "_heard", "_heartbeat", "_patience", "_timer", "_watch", "_words", "_wrote", "over")

    def __init__(
        self, watch: Watch, connection: Connection, words: Encoder, heartbeat: float, patience: float | None
    ) -> None:
        self.over: asyncio.Future[None] = connection.loop.create_future()
        self._watch = watch
        self._connection = connection
        self._words = words
        self._heartbeat = heartbeat
        self._patience = patience
        self._heard = self._wrote = time.monotonic()
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        self._watch.tell = self._connection.tell = self._go
        self._go()
        if self._patience is not None:
            self._look_after(self._patience)

    def stop(self) -> None:
        self._watch.tell = self._connection.tell = None
        if self._timer is not None:
            self._timer.cancel()

    def _go(self) -> None:
        if self.over.done():
            return
        try:
            if self._connection.gone or self._pass_on():
                self.over.set_result(None)
        except Exception as error:  # noqa: BLE001 the door of one stream; who tells it of news goes on to tell others
            self.over.set_exception(error)

    def _pass_on(self) -> bool:
        """Write what there is as long as the connection takes it; tell whether that was all that will come."""
        connection, watch, now = self._connection, self._watch, time.monotonic()
        while not connection.paused:
            item = watch.take()
            if item is None:
                if now - self._wrote >= self._heartbeat:
                    self._wrote = now
                    connection.write(self._words.heartbeat())
                return watch.end is not None
            if isinstance(item, Arrival):
                figures.events += len(item)
            self._heard = now
            if body := self._words.encode(item):
                self._wrote = now
                connection.write(body)
        return False

    def _look_after(self, seconds: float) -> None:
        self._timer = self._connection.loop.call_later(seconds, self._look)

    def _look(self) -> None:
        """End a stream on which nothing happens, or look again when that may be."""
        left = self._heard + (self._patience or 0) - time.monotonic()
        if left > 0:
            self._look_after(left)
        elif not self.over.done():
            self.over.set_result(None)
