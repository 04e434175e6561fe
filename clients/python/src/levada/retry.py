"""How long the client tries again by itself, and what it tells of that. What is tried stands where it is called."""

import asyncio
import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from levada.errors import CallFailed

logger = logging.getLogger("levada")


@dataclass(frozen=True, kw_only=True)
class Retry:
    """How patient a client is; all times in seconds, None is without limit.

    *attempts* and *seconds* bound what is tried in a row without any sign of life from a server; each message begins
    the count anew. Before an attempt the client waits a random time up to *first_wait*, then twice, four times, …
    that, never longer than *longest_wait* ("full jitter": clients that lost the same server don't come back at once).

    *silence* is how long a stream may say nothing, not even a heartbeat (the server sends one every 15 s), before the
    connection is taken for dead. *answer* is how long any other call may take.

    With *when_limited* the client also waits out RATE_LIMITED, QUEUE_FULL and TOO_MANY_STREAMS for as long as the
    server says. Otherwise they are raised at once, with `CallFailed.retry_after`; only a stream that is taken up
    again waits in any case.
    """

    attempts: int | None = None
    seconds: float | None = 120.0
    first_wait: float = 0.1
    longest_wait: float = 10.0
    silence: float = 45.0
    answer: float = 30.0
    when_limited: bool = False


@dataclass(frozen=True)
class Reconnect:
    """An attempt that is about to be made: its number in a row, the seconds until then, and why it is needed."""

    attempt: int
    wait: float
    cause: str
    run_id: str = ""
    last_sequence: int = 0
    reason: str = ""


OnReconnect = Callable[[Reconnect], None]


def silent(_: Reconnect) -> None:
    """Tell nobody."""


class Attempts:
    """What is tried in a row."""

    def __init__(self, retry: Retry) -> None:
        self.retry = retry
        self._count = 0
        self._since: float | None = None

    def succeeded(self) -> None:
        """Begin the count anew."""
        self._count, self._since = 0, None

    async def again(self, error: CallFailed, tell: OnReconnect, run_id: str = "", last_sequence: int = 0) -> bool:
        """Wait until the next attempt is due; return False, at once, when it is time to give up."""
        wait = self._next(error)
        if wait is None:
            return False
        logger.info("%s Trying again in %.1f s (attempt %d).", error.message, wait, self._count)
        tell(Reconnect(self._count, wait, error.message, run_id, last_sequence, error.reason))
        await asyncio.sleep(wait)
        return True

    def _next(self, error: CallFailed) -> float | None:
        now, retry = time.monotonic(), self.retry
        self._since = now if self._since is None else self._since
        if retry.attempts is not None and self._count >= retry.attempts:
            return None
        longest = min(retry.longest_wait, retry.first_wait * 2 ** min(self._count, 30))
        wait = random.uniform(0, longest)  # noqa: S311 spreads load, guards nothing
        if error.limited:
            wait += error.retry_after or 0.0
        if retry.seconds is not None and now + wait - self._since > retry.seconds:
            return None
        self._count += 1
        return wait
