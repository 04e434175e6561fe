"""How many streams are open: a bound for them, and a way to tell them all that the server stops."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import cast

from core import telemetry
from core.errors import Limited, Reason, ServerStopping
from grpc_server.interceptors.base import Call, Interceptor

_open = telemetry.meter.create_up_down_counter("levada.streams", "{stream}", "Streams and watches open")


class Streams(Interceptor):
    """Counts streams, and watches within one, up to *limit*; ends them when the server stops."""

    def __init__(self, limit: int) -> None:
        self.stopping = False
        self._limit = limit
        self._admitted = 0
        self._calls: set[asyncio.Task] = set()
        self._none_left = asyncio.Event()

    @contextmanager
    def admitted(self) -> Iterator[None]:
        """Count one more stream. Raises Limited (TOO_MANY_STREAMS)."""
        if self._admitted >= self._limit:
            raise Limited(
                f"This server holds {self._limit} streams open and takes no more. Close some, or try again later.",
                reason=Reason.ERROR_REASON_TOO_MANY_STREAMS,
                details={"limit": str(self._limit)},
            )
        self._admitted += 1
        _open.add(1)
        try:
            yield
        finally:
            self._admitted -= 1
            _open.add(-1)

    @asynccontextmanager
    async def around(self, call: Call) -> AsyncIterator[None]:
        if not call.streams:
            yield
            return
        if self.stopping:
            raise ServerStopping
        task = cast(asyncio.Task, asyncio.current_task())
        self._calls.add(task)
        try:
            with self.admitted():
                yield
        except asyncio.CancelledError:
            if not self.stopping:
                raise
            task.uncancel()
            raise ServerStopping from None
        finally:
            self._calls.discard(task)
            if not self._calls:
                self._none_left.set()

    async def end(self, patience: float) -> None:
        """Let streams that are about to end do so for *patience* seconds, then end the rest with ServerStopping."""
        self.stopping = True
        if self._calls:
            self._none_left.clear()
            try:
                async with asyncio.timeout(patience):
                    await self._none_left.wait()
            except TimeoutError:
                for task in self._calls:
                    task.cancel()
