"""How those who wait are told their places in the queue, as these change."""

import asyncio
import time
from contextlib import suppress

from core import measures
from core.duties import Duties
from core.event import make_event
from core.store.base import Store
from core.store.records import Append, Fenced, Waiting
from levada.v1.event_pb2 import RunQueued

DUTY = "places"
DUTY_SECONDS = 6.0
# The longer a look at the queue takes, the rarer it is: this many times as long lie between two.
RESTS = 9
# A place is told again when it is among the next ones, or a tenth nearer or farther than when it was told last.
NEXT_ONES = 10
AT_ONCE = 200


def worth_telling(place: int, told: int) -> bool:
    return place != told and (place <= NEXT_ONES or abs(place - told) * 10 >= told)


class Places:
    """Tells places, on one server at a time; the store knows which were told."""

    def __init__(self, store: Store, duties: Duties) -> None:
        self._store = store
        self._duties = duties

    async def tell(self) -> None:
        """Look at the queue once, and tell those whose place has changed."""
        if not await self._duties.mine(DUTY, DUTY_SECONDS):
            measures.queue_length.set(0)
            return
        began = time.monotonic()
        queue = await self._store.queue(worth_telling)
        measures.queue_length.set(queue.length)
        for start in range(0, len(queue.runs), AT_ONCE):
            await asyncio.gather(*map(self._tell, queue.runs[start : start + AT_ONCE]))
        await asyncio.sleep(RESTS * (time.monotonic() - began))

    async def _tell(self, run: Waiting) -> None:
        event = make_event(run.run_id, run.trace_id, RunQueued(position=run.place))
        event.sequence, event.progress = run.last_sequence + 1, run.progress
        told = Append(
            run.run_id,
            run.epoch,
            run.last_sequence,
            run.bytes,
            [event.SerializeToString()],
            run.progress,
            run.worked,
            run={"place": run.place},
        )
        # Somebody took the run in the meantime, or told it something: it waits no more, or is told the next time.
        with suppress(Fenced):
            await self._store.append(told)
