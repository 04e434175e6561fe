"""What all calls of one vendor share: the places for calls at once, and whether it is left alone for now."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from core.models.calls import Listener
from core.models.conduct.breaker import Breaker
from core.settings import ModelSettings

# A wait that people should know of.
NOTICED = 1.5


class Vendor:
    """One server of models, called *name*, with room for *settings.concurrency* calls at once."""

    def __init__(self, name: str, settings: ModelSettings) -> None:
        self.name = name
        self._places = asyncio.Semaphore(settings.concurrency)
        self._breaker = Breaker(name, settings.failures, settings.pause_seconds)

    @asynccontextmanager
    async def call(self, listener: Listener) -> AsyncIterator[None]:
        """Make a call, once there is a place for it. Raises LeftAlone."""
        await self._take(listener)
        try:
            with self._breaker.passing():
                yield
        finally:
            self._places.release()

    async def _take(self, listener: Listener) -> None:
        loop, words = asyncio.get_running_loop(), f"Waiting for {self.name}: other calls of it are under way…"
        notice = loop.call_later(NOTICED, listener.told, words) if self._places.locked() else None
        try:
            await self._places.acquire()
        finally:
            if notice is not None:
                notice.cancel()
