"""One connection, and what it may cost: half a request must not hold it for ever, nor a reader that takes nothing."""

import asyncio
import socket
from collections.abc import Callable
from typing import Any

from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from core.settings import Limits
from gateway.problems import Problem
from gateway.stalled import Stalled

# Seconds for a request's head to arrive, from the connection's beginning or the head's first byte.
HEAD_SECONDS = 10.0
# Seconds that a stopping gateway lets connections go on. Readers that take nothing would else be waited for longer.
LAST_SECONDS = 5.0
# Bytes that wait in this process, and bytes not yet sent in the kernel, before a reader is waited for.
HIGH_WATER = 32_768
UNSENT = 16_384
# Connections beyond the limit are told so. As many as this share of it; what is beyond that is closed without a word.
TOLD_SHARE = 0.1
RETRY_AFTER = 5.0


class Few(list):
    """A deque for what is nearly always empty: an empty deque weighs ten times as much."""

    __slots__ = ()

    def appendleft(self, item: Any) -> None:
        self.insert(0, item)


class Flag(asyncio.Event):
    """An event that few wait for. Should the library call its waiters differently one day, it only weighs more."""

    def __init__(self) -> None:
        super().__init__()
        self._waiters = Few()  # type: ignore[assignment]


class Connection(HttpToolsProtocol):
    """Uvicorn's, which leaves a connection open that never says a whole head or never takes what it asked for.

    It is the scope's "levada.connection". *tell*, when set, is called once more can be written, and once the client is
    `gone`: a stream would else need a task of its own that waits for it.
    """

    gone = False
    tell: Callable[[], None] | None = None
    _held: list[bytes] | None = None
    _limit: asyncio.TimerHandle | None = None
    _stalled: Stalled | None = None

    def __init__(self, *args: Any, limits: Limits, **more: Any) -> None:
        super().__init__(*args, **more)
        self.pipeline = Few()  # type: ignore[assignment]
        self._limits = limits

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        transport.set_write_buffer_limits(HIGH_WATER)
        beyond = len(self.connections) - self._limits.connections
        if beyond > max(1, self._limits.connections * TOLD_SHARE):
            transport.abort()
        elif beyond > 0:
            self.app = too_many
        self._begin()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end()
        super().connection_lost(exc)  # and resumes writing
        self.gone = True
        self._told()
        self.cycle = self.scope = None  # type: ignore[assignment]  # they know it: else all wait for the collector

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        upgraded = self.transport.get_protocol() is not self
        if self._limit is None and not upgraded and (self.cycle is None or self.cycle.response_complete):
            self._begin()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["levada.connection"] = self  # type: ignore[typeddict-unknown-key]

    def on_headers_complete(self) -> None:
        self._end()
        super().on_headers_complete()
        if self.cycle is None:  # it becomes a WebSocket
            return
        self.cycle.message_event = Flag()  # its task has not begun
        self.cycle.transport = self  # type: ignore[assignment]  # of which it writes, closes and asks `is_closing`

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stalled = Stalled(self.transport, self.loop, self._limits.write_seconds)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._stalled is not None:
            self._stalled.end()
            self._stalled = None
        self._told()

    @property
    def paused(self) -> bool:
        """Whether the reader has to take something before more is written."""
        return self.flow.write_paused

    def write(self, piece: bytes) -> None:
        """Write a part of an answer, a `chunk` of its body, or keep what the kernel does not take until it does."""
        if self._held is not None:
            self._held.append(piece)
        elif not self.gone:
            self.transport.write(piece)

    def hold(self) -> None:
        """Let what is written from now on wait for `release`, so that it leaves in one piece."""
        self._held = []

    def release(self) -> None:
        held, self._held = self._held, None
        self.write(b"".join(held or ()))

    def close(self) -> None:
        self.transport.close()

    def is_closing(self) -> bool:
        return self.transport.is_closing()

    def _should_upgrade(self) -> bool:
        return self.app is not too_many and super()._should_upgrade()

    def _told(self) -> None:
        if self.tell is not None:
            self.tell()

    def shutdown(self) -> None:
        super().shutdown()
        self.loop.call_later(LAST_SECONDS, self.transport.abort)

    def _begin(self) -> None:
        self._limit = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _end(self) -> None:
        if self._limit is not None:
            self._limit.cancel()
            self._limit = None


def chunk(body: bytes) -> bytes:
    """Return a piece of a body as it goes over the wire; none is left out, as it would say that the body ends."""
    return b"%x\r\n%b\r\n" % (len(body), body) if body else b""


def patient(listener: socket.socket) -> None:
    """Have little wait in the kernel for connections of *listener*: then what a reader takes is seen soon."""
    if hasattr(socket, "TCP_NOTSENT_LOWAT"):
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT)


async def too_many(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a connection beyond the limit."""
    detail = "This gateway holds as many connections as it may. Close some, or try again in a moment."
    problem = Problem(503, "TOO_MANY_STREAMS", detail, headers={"Connection": "close"}, retry_after=RETRY_AFTER)
    await problem.response()(scope, receive, send)
