"""A timeout that can rest: time spent waiting for a person is not the run's."""

import asyncio
import time
from types import TracebackType
from typing import Self


class Clock:
    """Cancels the enclosed work after *seconds* (None: never) and turns that into TimeoutError.

    *spent* are seconds that earlier workers spent already; they count.
    """

    def __init__(self, seconds: float | None, spent: float = 0.0) -> None:
        self._seconds = seconds
        self._spent = spent
        self._since: float | None = None
        self._resting = 0
        self._timeout = asyncio.timeout(None)

    @property
    def spent(self) -> float:
        return self._spent + (time.monotonic() - self._since if self._since is not None else 0.0)

    @property
    def left(self) -> float | None:
        return None if self._seconds is None else max(0.0, self._seconds - self.spent)

    @property
    def expired(self) -> bool:
        return self._timeout.expired()

    async def __aenter__(self) -> Self:
        await self._timeout.__aenter__()
        self._go()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()
        await self._timeout.__aexit__(kind, error, trace)
        # A task group that failed within leaves its cancellation counted (Python 3.11 and 3.12), and then the timeout
        # takes its own for somebody else's.
        if self.expired and kind is not None and issubclass(kind, asyncio.CancelledError):
            raise TimeoutError from error

    def rest(self) -> None:
        self._resting += 1
        self._stop()
        if not self.expired:
            self._timeout.reschedule(None)

    def go_on(self) -> None:
        self._resting -= 1
        if not self._resting:
            self._go()

    def _go(self) -> None:
        self._since = time.monotonic()
        if self._seconds is not None and not self.expired:
            self._timeout.reschedule(asyncio.get_running_loop().time() + max(0.0, self._seconds - self._spent))

    def _stop(self) -> None:
        self._spent, self._since = self.spent, None
