"""How many streams are open: a bound for them, and a way to tell them all that the server stops."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import cast

from core import measures, telemetry
from core.errors import Limited, Reason, ServerStopping
from core.identity import Principal
from core.streams import OpenStreams
from grpc_server.interceptors.base import Call, Interceptor
from grpc_server.interceptors.identity import caller

# Streams whose watches count one by one, each for whom it is.
CARRIERS = {"levada.v1.RunService/WatchRuns"}

_open = telemetry.meter.create_up_down_counter("levada.streams", "{stream}", "Streams and watches open")


class Place:
    """A stream that is counted until the block is left."""

    __slots__ = ("_leave",)

    def __init__(self, leave: Callable[[], None]) -> None:
        self._leave = leave

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        self._leave()


class Streams(Interceptor):
    """Counts streams, and watches within one: all of this server up to *limit*, a caller's as *held* says.

    Ends them when the server stops. It stands within Identity, as it asks who calls.
    """

    def __init__(self, limit: int, held: OpenStreams) -> None:
        self.stopping = False
        self._limit = limit
        self.held = held
        self._admitted = 0
        self._calls: set[asyncio.Task] = set()
        self._none_left = asyncio.Event()

    async def admitted(self, who: Principal | None) -> Place:
        """Count one more stream of *who*; None for one that only carries others. Raises Limited (TOO_MANY_STREAMS)."""
        if self._admitted >= self._limit:
            measures.refusals.add(1, {"levada.limit": "streams"})
            raise Limited(
                f"This server holds {self._limit} streams open and takes no more. Close some, or try again later.",
                reason=Reason.ERROR_REASON_TOO_MANY_STREAMS,
                details={"limit": str(self._limit), "name": "streams"},
            )
        self._admitted += 1
        try:
            if who is not None:
                await self.held.admit(who)
        except BaseException:
            self._admitted -= 1
            raise
        _open.add(1)
        return Place(partial(self._left, who))

    def _left(self, who: Principal | None) -> None:
        self._admitted -= 1
        _open.add(-1)
        if who is not None:
            self.held.closed(who)

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
            with await self.admitted(None if call.method in CARRIERS else caller()):
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
