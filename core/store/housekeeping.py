"""When what is too old is forgotten and how fast: piece by piece, with rests in which appends go on undisturbed."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from core.store import retention
from core.store.records import Forgotten, Keep

# One call works about as long; whoever calls asks again while there is more.
SECONDS = 20.0
# After a piece comes a rest that lasts as many times as long.
RESTS = 3
SHORTEST_REST = 0.005

Job = Callable[[AsyncConnection], Awaitable[Any]]


class Housekeeper:
    """Forgets. *do* runs a job in a transaction of its own, *shrink* gives back what is free of the file (if it can).

    *dropped* hears of each run whose log or record went.
    """

    def __init__(
        self, do: Callable[[Job], Awaitable[Any]], dropped: Callable[[str], None], shrink: Job | None = None
    ) -> None:
        self._do = do
        self._dropped = dropped
        self._shrink = shrink
        self._until = 0.0

    async def expire(self, keep: Keep) -> Forgotten:
        """Forget what *keep* does not say to keep, for a while."""
        self._until = time.monotonic() + SECONDS
        logs = await self._logs(max(keep.logs_since, keep.records_since))
        logs += await self._logs(2**62, excess=await self._do(retention.weight) - keep.log_bytes)
        records = 0
        while ids := await self._piece(partial(retention.forget_records, before=keep.records_since)):
            records += len(ids)
            for run_id in ids:
                self._dropped(run_id)
        now = time.time_ns() // 1_000
        while await self._piece(partial(retention.forget_the_rest, now=now)):
            pass
        while self._shrink is not None and await self._piece(self._shrink):
            pass
        return Forgotten(logs, records, more=time.monotonic() >= self._until)

    async def _logs(self, before: int, excess: int = 2**62) -> int:
        """Forget logs of runs that ended before *before*, oldest first, until they weigh *excess* less."""
        count = 0
        while excess > 0:
            cuts = await self._piece(partial(retention.forget_logs, before=before, most_bytes=excess))
            if not cuts:
                break
            for cut in cuts:
                self._dropped(cut.run_id)
                count += cut.last
                excess -= cut.freed
        return count

    async def _piece(self, job: Job) -> Any:
        """Do *job*, then rest; nothing once the time is over."""
        began = time.monotonic()
        if began >= self._until:
            return None
        done = await self._do(job)
        if done:
            await asyncio.sleep(max(SHORTEST_REST, RESTS * (time.monotonic() - began)))
        return done
