"""A run's events as an asynchronous iterator that takes itself up again after a drop."""

import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from typing import Any, Protocol

from levada.errors import CallFailed, CursorExpired, RunNotCompleted, ServerUnreachable, StreamInterrupted
from levada.retry import Attempts, OnReconnect, Reconnect, Retry
from levada.servers import Line
from levada.v1 import event_pb2 as events
from levada.v1 import query_service_pb2 as query
from levada.v1 import run_pb2
from levada.v1 import run_service_pb2 as service

TERMINAL = frozenset({"completed", "failed", "cancelled"})


class Asks(Protocol):
    """What a stream reads by: `levada.calling.Caller`, or the like over another connection."""

    retry: Retry
    tell: OnReconnect

    def passes(self, error: CallFailed) -> bool:
        """Tell whether another attempt may succeed where this one failed by *error*."""

    def messages(self, make: Callable[[Any], Any]) -> AsyncGenerator[Any, None]:
        """Yield messages with `events` of the stream that *make* opens. Raises CallFailed when it breaks."""


class Stream:
    """A run's events, each exactly once and in order, taken up again by itself after a drop.

    Iterating ends after the terminal event. It raises StreamInterrupted when the connection can't be taken up
    again, so a stream that was cut never looks finished; iterating anew goes on after *last_sequence*.

    *on_reconnect* is called before each attempt to connect again; *reconnecting* holds what it was told until the
    connection stands, for programs that rather look than be called. *on_gap* is called with the numbers of events
    that the server no longer keeps, before the stream goes on from the first that it does; without one they raise
    CursorExpired.
    """

    def __init__(
        self,
        caller: Asks,
        *,
        request: run_pb2.RunRequest | None = None,
        run_id: str = "",
        after: int = 0,
        on_gap: Callable[[range], None] | None = None,
    ) -> None:
        self._caller = caller
        self._request = request
        if request is not None and not request.request_id:
            # A connection that breaks before the run's id came back must not leave two runs behind.
            request.request_id = str(uuid.uuid4())
        self.run_id = run_id
        self.last_sequence = after
        self.ended: events.Event | None = None
        self._begun = False
        self.reconnecting: Reconnect | None = None
        self.on_reconnect = caller.tell
        self.on_gap = on_gap

    @property
    def request_id(self) -> str:
        """The id by which asking again gives the same run; empty when an existing run is watched."""
        return self._request.request_id if self._request is not None else ""

    def __aiter__(self) -> AsyncIterator[events.Event]:
        return self._events()

    async def result(self) -> events.Event:
        """Read to the end and return the completed event. Raises RunNotCompleted."""
        async with aclosing(self._events()) as rest:
            async for _ in rest:
                pass
        if self.ended is None or not self.ended.HasField("completed"):
            raise RunNotCompleted(self.ended or events.Event())
        return self.ended

    async def _events(self) -> AsyncGenerator[events.Event, None]:
        attempts = Attempts(self._caller.retry)
        while self.ended is None:
            try:
                async with aclosing(self._connection(attempts)) as connection:
                    async for event in connection:
                        yield event
            except CursorExpired as gap:
                self._skip(gap)
            except CallFailed as error:
                await self._wait(error, attempts)

    async def _connection(self, attempts: Attempts) -> AsyncGenerator[events.Event, None]:
        """Yield events until the terminal one. Raises CallFailed however else the connection ends."""
        async with aclosing(self._caller.messages(self._open)) as messages:
            async for message in messages:
                attempts.succeeded()
                self._begun, self.reconnecting = True, None
                for event in message.events:
                    if self._take(event):
                        yield event
                if self.ended is not None:
                    return
        raise ServerUnreachable("The server ended the stream before the run's end.")

    def _open(self, line: Line) -> Any:
        if self.run_id:
            watch = service.WatchRunRequest(run_id=self.run_id, after_sequence=self.last_sequence)
            return line.runs.WatchRun(watch)
        return line.queries.RunQuery(query.RunQueryRequest(run=self._request))

    def _take(self, event: events.Event) -> bool:
        """Tell whether *event* is the next one. Raises ServerUnreachable when some in between are missing."""
        if event.sequence <= self.last_sequence:
            return False
        if event.sequence != self.last_sequence + 1:
            raise ServerUnreachable(f"The server left out events after number {self.last_sequence}.")
        self.run_id, self.last_sequence = event.run_id, event.sequence
        if event.WhichOneof("payload") in TERMINAL:
            self.ended = event
        return True

    def _skip(self, gap: CursorExpired) -> None:
        if self.on_gap is None or gap.oldest <= self.last_sequence + 1:
            raise gap
        self.on_gap(range(self.last_sequence + 1, gap.oldest))
        self.last_sequence = gap.oldest - 1

    async def _wait(self, error: CallFailed, attempts: Attempts) -> None:
        """Wait until the stream may be taken up again. Raises *error* when that is no use, else StreamInterrupted."""
        # What cut a stream that ran says nothing of the run, even if it is an error inside the server.
        again = self._begun and (error.limited or error.reason == "INTERNAL")
        if not again and not self._caller.passes(error):
            raise error
        if not await attempts.again(error, self._told, self.run_id, self.last_sequence):
            raise StreamInterrupted(
                self.run_id, self.last_sequence, request_id=self.request_id, cause=error.message
            ) from error

    def _told(self, reconnect: Reconnect) -> None:
        self.reconnecting = reconnect
        self.on_reconnect(reconnect)
