"""Places at work, of which there are so many: who waits for one gets it by priority, then in turn."""

import asyncio
import heapq
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count


class Places:
    """*free* places; the tasks of a run share them, whatever iteration or task they are within."""

    def __init__(self, free: int) -> None:
        self._free = free
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._numbers = count()

    @asynccontextmanager
    async def one(self, priority: int) -> AsyncIterator[None]:
        """Hold a place, once one is free."""
        await self._taken(priority)
        try:
            yield
        finally:
            self._given_back()

    async def _taken(self, priority: int) -> None:
        if self._free:
            self._free -= 1
            return
        turn = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (-priority, next(self._numbers), turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                # The place was handed over to who does not want it any more.
                self._given_back()
            raise

    def _given_back(self) -> None:
        while self._waiting:
            turn = heapq.heappop(self._waiting)[2]
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1
