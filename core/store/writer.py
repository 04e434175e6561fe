"""The one writer of a process: whatever all runs said while the last commit ran goes into the next one.

Idle, an event commits at once; there is no timer. When the database fails, what runs said is kept and tried again,
while new runs are refused at once.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from core.errors import Limited
from core.store import commit
from core.store.base import Journal
from core.store.faults import DATABASE_ERRORS, is_full, may_pass, store_error
from core.store.records import Append, Created, Fenced, NewRun
from core.store.words import CHANNEL, Message, left

GROUP_BYTES = 4 * 2**20
BACK_OFF = (0.05, 0.1, 0.2, 0.5, 1.0)

logger = logging.getLogger(__name__)
T = TypeVar("T")
Job = Callable[[AsyncConnection], Awaitable[T]]


@dataclass(slots=True)
class Entry:
    """One thing to be stored: from a *journal*, or for somebody who waits for *done*."""

    what: Append | NewRun
    journal: Journal | None = None
    done: asyncio.Future[Any] | None = None

    @property
    def size(self) -> int:
        return sum(map(len, self.what.events)) if isinstance(self.what, Append) else 0

    def settle(self, error: Exception | None, value: Any = None) -> None:
        if self.journal is not None and isinstance(self.what, Append):
            self.journal.stored(self.what) if error is None else self.journal.refused(self.what, error)
        elif self.done is not None and not self.done.done():
            self.done.set_result(value) if error is None else self.done.set_exception(error)


class Writer:
    """Writes for a store. *on_created* and *on_stored* hear of what is durable, before whoever asked for it.

    With a *name*, other servers are told of it as that of this one.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        on_created: Callable[[Created], None],
        on_stored: Callable[[Append], None],
        name: str = "",
    ) -> None:
        self._engine = engine
        self._name = name
        self._on_created = on_created
        self._on_stored = on_stored
        self._wake = asyncio.Event()
        self._journals: dict[Journal, None] = {}
        self._entries: list[Entry] = []
        self._stuck: list[Entry] = []
        self._jobs: list[tuple[Job[Any], asyncio.Future[Any]]] = []
        self._failures = 0
        self._rests = asyncio.Event()
        self._connection: AsyncConnection | None = None
        self._committing = False

    def enlist(self, journal: Journal) -> None:
        self._journals[journal] = None
        self._wake.set()

    async def put(self, what: Append | NewRun) -> Any:
        """Store *what* with the next group."""
        done = asyncio.get_running_loop().create_future()
        self._entries.append(Entry(what, done=done))
        self._wake.set()
        return await done

    async def do(self, job: Job[T]) -> T:
        """Run *job* in a transaction of its own, whether or not the caller stays."""
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._jobs.append((job, done))
        self._wake.set()
        return await done

    async def drained(self) -> None:
        """Return once everything that was said is stored."""
        self._wake.set()
        self._rests.clear()
        await self._rests.wait()

    async def run(self) -> None:
        """Write until cancelled."""
        try:
            while True:
                if self._stuck:
                    with suppress(TimeoutError):
                        async with asyncio.timeout(BACK_OFF[min(self._failures, len(BACK_OFF)) - 1]):
                            await self._wake.wait()
                else:
                    await self._wake.wait()
                self._wake.clear()
                self._rests.clear()
                try:
                    await self._round()
                except Exception:
                    # A writer that is gone would leave everybody waiting without a word.
                    logger.exception("The store's writer failed")
                if not (self._journals or self._entries or self._stuck or self._jobs):
                    self._rests.set()
        finally:
            await self._disconnect()

    async def _round(self) -> None:
        jobs, self._jobs = self._jobs, []
        lost: OSError | None = None
        for job, done in jobs:
            # What hangs is waited for once, not by one after the other.
            if lost is None:
                lost = await self._do(job, done)
            else:
                self._answer(done, error=store_error(lost))
        group = self._gather()
        if group:
            await self._store(group)
        if self._journals or self._entries or self._jobs:
            self._wake.set()

    def _gather(self) -> list[Entry]:
        """Take what goes into the next commit: at most one append per run, and not much more than GROUP_BYTES."""
        group, self._stuck = self._stuck, []
        runs = {entry.what.run_id for entry in group if isinstance(entry.what, Append)}
        later = []
        for entry in self._entries:
            if isinstance(entry.what, Append) and entry.what.run_id in runs:
                later.append(entry)
                continue
            if isinstance(entry.what, Append):
                runs.add(entry.what.run_id)
            group.append(entry)
        self._entries = later
        busy = {entry.journal for entry in group}
        size = sum(entry.size for entry in group)
        for journal in [journal for journal in self._journals if journal not in busy]:
            if size >= GROUP_BYTES:
                break
            del self._journals[journal]
            try:
                append = journal.take()
            except Exception as error:
                # What others said is in this group already and must not be lost with it.
                logger.exception("What a run said can't be written")
                journal.refused(None, error)
                continue
            if append is not None:
                group.append(Entry(append, journal=journal))
                size += group[-1].size
        return group

    async def _store(self, group: list[Entry]) -> None:
        try:
            try:
                await self._commit(group)
            except DATABASE_ERRORS as error:
                # Perhaps only the connection was lost, perhaps after the commit: over another one it shows.
                if self._failures or is_full(error) or not may_pass(error):
                    raise
                await self._commit(group, careful=True)
        except Exception as error:
            # Whatever it is, it must not end the writer.
            if may_pass(error):
                self._keep(group, error)
            elif len(group) == 1:
                logger.error("The store refused what a run said", exc_info=error)
                group[0].settle(store_error(error))
            else:
                # One of them can't be stored and must not hold up the others.
                for entry in group:
                    await self._store([entry])
        else:
            self._failures = 0

    def _keep(self, group: list[Entry], error: Exception) -> None:
        if not self._failures:
            logger.warning("The store can't be written, trying again: %s", error)
        self._failures += 1
        for entry in group:
            if entry.journal is None:
                entry.settle(store_error(error))
            else:
                self._stuck.append(entry)

    async def _commit(self, group: list[Entry], careful: bool = False) -> None:
        new = [entry for entry in group if isinstance(entry.what, NewRun)]
        old = [entry for entry in group if isinstance(entry.what, Append)]
        runs = [entry.what for entry in new if isinstance(entry.what, NewRun)]
        appends = [entry.what for entry in old if isinstance(entry.what, Append)]
        try:
            async with self._transaction() as c:
                created, stored = await commit.store(c, runs, appends, careful=careful)
        except commit.SomeFenced:
            async with self._transaction() as c:
                created, stored = await commit.store(c, runs, appends, careful=True)
        for entry, outcome in zip(new, created, strict=True):
            self._admitted(entry, outcome)
        for entry, append, ok in zip(old, appends, stored, strict=True):
            if ok:
                self._on_stored(append)
            entry.settle(None if ok else Fenced(append.run_id))

    def _admitted(self, entry: Entry, outcome: Created | Limited) -> None:
        if isinstance(outcome, Limited):
            entry.settle(outcome)
            return
        if not outcome.existed:
            self._on_created(outcome)
        entry.settle(None, outcome)

    async def _do(self, job: Job[Any], done: asyncio.Future[Any]) -> OSError | None:
        """Answer what became of a job; return the error if the database can't be reached."""
        try:
            result = await self._attempt(job)
        except DATABASE_ERRORS as error:
            self._answer(done, error=store_error(error))
            return error if isinstance(error, OSError) else None
        except Exception as error:  # noqa: BLE001 - it is the caller's, who gets it
            self._answer(done, error=error)
        else:
            self._answer(done, result)
        return None

    async def _attempt(self, job: Job[T]) -> T:
        try:
            return await self._once(job)
        except DATABASE_ERRORS as error:
            # What did not come to its commit has not happened, so it can be done again over another connection.
            if self._committing or self._failures or isinstance(error, OSError) or not may_pass(error):
                raise
        return await self._once(job)

    async def _once(self, job: Job[T]) -> T:
        async with self._transaction() as c:
            return await job(c)

    @staticmethod
    def _answer(done: asyncio.Future[Any], result: Any = None, error: Exception | None = None) -> None:
        if done.done():
            return
        if error is None:
            done.set_result(result)
        else:
            done.set_exception(error)

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[AsyncConnection]:
        self._committing = False
        if self._connection is None:
            self._connection = await self._engine.connect()
        c = self._connection
        left(c)
        try:
            yield c
            await self._tell(c)
            self._committing = True
            await c.commit()
        except BaseException as error:
            # What the database said of itself leaves the connection in doubt; ask for another one.
            await (self._disconnect() if isinstance(error, DATABASE_ERRORS) else c.rollback())
            raise

    async def _tell(self, c: AsyncConnection) -> None:
        found = left(c)
        if self._name and found is not None and any(found):
            message = str(Message(self._name, *found))
            await c.exec_driver_sql("SELECT pg_notify($1, $2)", (CHANNEL, message))

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(*DATABASE_ERRORS):
                await connection.close()
