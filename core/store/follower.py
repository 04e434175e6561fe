"""Keeps the tails of runs that somebody here waits for up to date, whichever server works on them.

However many readers there are, they cost the database one query a wake-up: all runs that may have more are asked for
together, in one snapshot, and every reader is served from memory.
"""

import asyncio
import logging
from collections.abc import Collection
from contextlib import suppress
from itertools import islice

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncEngine

from core.store.faults import DATABASE_ERRORS
from core.store.records import ENDED
from core.store.tail import Tails

POLL = 1.0
# What one query asks for at most: runs, events of each, bytes of all.
RUNS = 1_000
EVENTS = 1_000
BYTES = 4 * 2**20

# Bytes are counted by position, so that no more is read than was asked for, but one event always is.
_NEWS = f"""
SELECT known.id, known.last AS known, runs.state, runs.last_sequence, more.first, more.events
FROM unnest($1::text[], $2::bigint[]) AS known(id, last)
LEFT JOIN runs ON runs.id = known.id
LEFT JOIN LATERAL (
    SELECT min(sequence) AS first, array_agg(data ORDER BY sequence) AS events FROM events
    WHERE runs.last_sequence > known.last AND run_id = known.id
    AND sequence > known.last AND sequence <= known.last + {EVENTS}
    AND position < $3 + (SELECT position FROM events WHERE run_id = known.id AND sequence = known.last + 1)
) AS more ON true
WHERE runs.id IS NULL OR runs.last_sequence <> known.last OR runs.state IN ({", ".join(str(int(s)) for s in ENDED)})
"""  # noqa: S608 - numbers of ours

logger = logging.getLogger(__name__)


class Follower:
    """Follows runs in a shared store for those who wait; they are woken through the *tails*."""

    def __init__(self, engine: AsyncEngine, tails: Tails) -> None:
        self._engine = engine
        self._tails = tails
        # Up to which number each run that is followed is known.
        self._known: dict[str, int] = {}
        self._idle: set[str] = set()
        self._ask: set[str] = set()
        self._wake = asyncio.Event()

    def follow(self, run_id: str, after: int) -> None:
        """Have those who wait for a run woken when there is more than *after*, also if there is already."""
        if run_id not in self._known:
            self._known[run_id] = after
            self._look_at([run_id])

    def last(self, run_id: str) -> int:
        """Return the number of the last event known of a run that is followed, else -1."""
        return self._known.get(run_id, -1)

    def advanced(self, run_id: str, last: int) -> None:
        """Hear that this server itself has stored events up to *last*."""
        if run_id in self._known:
            self._known[run_id] = max(last, self._known[run_id])

    def heard(self, run_ids: Collection[str] | None) -> None:
        """Hear that runs may have more; None: any may."""
        self._look_at(self._known if run_ids is None else [one for one in run_ids if one in self._known])

    def _look_at(self, run_ids: Collection[str]) -> None:
        if run_ids:
            self._ask.update(run_ids)
            self._wake.set()

    async def run(self) -> None:
        """Follow until cancelled."""
        loop = asyncio.get_running_loop()
        due = loop.time() + POLL
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(due):
                    await self._wake.wait()
            self._wake.clear()
            if loop.time() >= due:
                due = loop.time() + POLL
                self._leave_idle()
                self._look_at(self._known)
            try:
                await self._catch_up()
            except DATABASE_ERRORS as error:
                logger.warning("What runs say on other servers can't be read at the moment: %s", error)
                await asyncio.sleep(POLL)
            except Exception:
                # A follower that is gone would leave everybody waiting without a word.
                logger.exception("Following runs failed")
                await asyncio.sleep(POLL)

    def _leave_idle(self) -> None:
        """Follow no more what nobody waited for at two polls in a row."""
        idle = {run_id for run_id in self._known if not self._tails.awaited(run_id)}
        for run_id in idle & self._idle:
            self._forget(run_id)
        self._idle = idle

    def _forget(self, run_id: str) -> None:
        self._known.pop(run_id, None)
        self._ask.discard(run_id)

    async def _catch_up(self) -> None:
        """Take in what one query brings; what is left then is asked for by the next one."""
        known = {run_id: self._known[run_id] for run_id in islice(self._ask, RUNS)}
        if not known:
            return
        self._ask -= known.keys()
        try:
            async with self._engine.connect() as c:
                parameters = list(known), list(known.values()), BYTES // len(known)
                rows = (await c.exec_driver_sql(_NEWS, parameters)).all()
        except DATABASE_ERRORS:
            self._look_at(known)
            raise
        for row in rows:
            self._take(row)
        self._look_at(self._ask)

    def _take(self, row: Row) -> None:
        events = row.events or ()
        reached = row.known + len(events)
        if row.last_sequence is None or (row.last_sequence != row.known and row.first != row.known + 1):
            # The run or what comes next of it is gone: whoever waits for it reads the database and hears so.
            self._tails.drop(row.id)
            self._forget(row.id)
        else:
            ended = row.state in ENDED and reached == row.last_sequence
            if reached >= self._known[row.id]:
                self._tails.add(row.id, row.known, events, ended)
                self._known[row.id] = reached
            if ended:
                self._forget(row.id)
            elif reached < row.last_sequence:
                self._ask.add(row.id)
        self._tails.wake(row.id)
