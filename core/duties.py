"""What only one of the servers that share a store does at a time, and does for all of them."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

from core.errors import LevadaError
from core.store.base import Store

# How often a duty is looked at while it lasts: whoever has it keeps it, and others see when it becomes free.
LOOKS = 3

logger = logging.getLogger(__name__)


class Duties:
    """The duties that *worker* has. One that its server dies with passes on when its time is over."""

    def __init__(self, store: Store, worker: str) -> None:
        self._store = store
        self._worker = worker
        self._known: dict[str, tuple[bool, float]] = {}

    async def mine(self, name: str, seconds: float) -> bool:
        """Tell whether to do *name* now; the duty is this server's for about *seconds* from then on."""
        if not self._store.shared:
            return True
        now = time.monotonic()
        has, until = self._known.get(name, (False, now))
        if now >= until:
            has = await self._store.take_duty(name, self._worker, seconds)
            self._known[name] = has, now + seconds / LOOKS
        return has


async def every(
    seconds: float, action: Callable[[], Awaitable[None]], what: str, sooner: asyncio.Event | None = None
) -> None:
    """Do *action* again and again with *seconds* between, or *sooner*; what fails is said in words and done again."""
    asked = sooner or asyncio.Event()
    while True:
        asked.clear()
        try:
            await action()
        except LevadaError as error:
            logger.warning("%s has to wait: %s", what, error)
        except Exception:
            logger.exception("%s failed and is tried again", what)
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await asked.wait()
