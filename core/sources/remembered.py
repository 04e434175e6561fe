"""One answer kept for a while: however many ask at once, it is worked out once."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from core.sources.looking import Looked, uncounted

T = TypeVar("T")

_TOLD_SECONDS = 0.5


class Remembered(Generic[T]):
    """Keeps what *read* returned for *seconds*. A failure is told to all who wait for it, and not kept.

    The task that reads belongs to this object, so that an asker who leaves takes nothing from the others.
    """

    def __init__(self, read: Callable[[], Awaitable[T]], seconds: float) -> None:
        self._read = read
        self._seconds = seconds
        self._task: asyncio.Task[T] | None = None
        self._fresh_until = 0.0
        self._forgotten = False
        self._waiting: list[Looked] = []
        self._told = 0.0

    async def get(self, looked: Looked = uncounted) -> T:
        """Return the kept answer, or work it out; *looked* hears how far that is. Raises what reading raises."""
        if self._task is None or (self._task.done() and time.monotonic() >= self._fresh_until):
            self._task = asyncio.create_task(self._work())
        self._waiting.append(looked)
        try:
            return await asyncio.shield(self._task)
        finally:
            self._waiting.remove(looked)

    def looked(self, done: int, total: int) -> None:
        """Tell all who wait how far reading is."""
        if time.monotonic() - self._told > _TOLD_SECONDS:
            self._told = time.monotonic()
            for looked in self._waiting:
                looked(done, total)

    def forget(self) -> None:
        """Work the answer out anew for whoever asks next; what is being read just now may be old already."""
        self._fresh_until = 0.0
        self._forgotten = True

    async def close(self) -> None:
        """Stop working, when it still does."""
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _work(self) -> T:
        self._forgotten = True
        while self._forgotten:
            self._forgotten = False
            self._fresh_until = self._told = 0.0
            answer = await self._read()
        self._fresh_until = time.monotonic() + self._seconds
        return answer
