"""The store on a SQL database, SQLite or PostgreSQL, through SQLAlchemy Core: one writer, several readers."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from functools import partial
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from core.errors import StoreError
from core.identity import Principal
from core.models.base import Turn
from core.store import (
    admission,
    answers,
    control,
    history,
    migrate,
    postgresql,
    presence,
    queue,
    rows,
    spending,
    sqlite,
    turns,
)
from core.store.base import Journal
from core.store.counters import Counters
from core.store.documents import Documents, SqlDocuments
from core.store.faults import insist, speaking
from core.store.follower import Follower
from core.store.housekeeping import Housekeeper
from core.store.log import Log
from core.store.records import (
    Append,
    Claimed,
    Created,
    Forgotten,
    Keep,
    NewRun,
    Past,
    Queue,
    Signal,
    Spent,
    StoredInput,
)
from core.store.tail import Tails
from core.store.together import Caller
from core.store.words import Inbox, Word
from core.store.writer import Writer
from levada.v1.run_pb2 import InputAnswer, Run, RunState

CLOSING_SECONDS = 5.0
# How long until a server looks again whether another one is done claiming, which takes about as long.
BUSY_SECONDS = 0.01
T = TypeVar("T")


class SqlStore:
    """Implements Store. A *shared* one may be worked on by other servers, and is migrated by command only."""

    def __init__(self, url: str, *, shared: bool = False, readers: int = postgresql.READERS, overflow: int = 0) -> None:
        self.url = url
        self.shared = shared
        self._readers, self._overflow = readers, overflow
        self._stack = AsyncExitStack()
        self._tails = Tails()
        self._inbox = Inbox()
        self._follower: Follower | None = None
        # Whether the last claim failed, perhaps after its commit.
        self._unanswered = False
        # What other servers know this one by.
        self._name = secrets.token_hex(4) if shared else ""

    async def open(self) -> None:
        async with AsyncExitStack() as stack:
            if not self.shared:
                stack.enter_context(sqlite.locked(sqlite.path_of(self.url)))
            self._writing = writing = self._engine(writing=True)
            self._reading = self._engine(writing=False)
            stack.push_async_callback(writing.dispose)
            stack.push_async_callback(self._reading.dispose)
            with postgresql.opening() if self.shared else speaking():
                await (migrate.require(writing) if self.shared else migrate.upgrade(writing))
            if self.shared:
                # Its driver is imported only when it is used.
                from core.store.listener import hearing

                others = hearing(self.url, self._name, self._tails, self._inbox)
                self._follower = await stack.enter_async_context(others)
            self._log = Log(self._reading, self._tails, self._follower)
            self._writer = Writer(writing, self._on_created, self._on_stored, self._name)
            self._task = asyncio.create_task(self._writer.run(), name="levada-store-writer")
            stack.push_async_callback(self._stop_writing)
            do, shrink = (partial(postgresql.aside, writing), None) if self.shared else (self._writer.do, sqlite.shrink)
            self._housekeeper = Housekeeper(do, self._tails.drop, shrink)
            self._stack = stack.pop_all()

    def _engine(self, *, writing: bool) -> AsyncEngine:
        if self.shared:
            return postgresql.engine(self.url, writing=writing, readers=self._readers, overflow=self._overflow)
        return sqlite.engine(sqlite.path_of(self.url), writing=writing)

    async def close(self) -> None:
        self._tails.close()
        await self._stack.aclose()

    async def _stop_writing(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSING_SECONDS):
                await self._writer.drained()
        self._task.cancel()
        await asyncio.wait([self._task])

    def _on_created(self, created: Created) -> None:
        self._tails.add(created.run_id, 0, [created.event], ended=False)

    def _on_stored(self, append: Append) -> None:
        if append.events:
            self._tails.add(append.run_id, append.after, append.events, append.ends)
            if self._follower is not None:
                self._follower.advanced(append.run_id, append.last)
            self._tails.wake(append.run_id)

    # Writing

    async def create(self, new: NewRun) -> Created:
        created: Created = await self._writer.put(new)
        if not created.existed:
            self._log.know(new.id, new.owner)
        return created

    async def append(self, append: Append) -> None:
        await self._writer.put(append)

    def enlist(self, journal: Journal) -> None:
        self._writer.enlist(journal)

    async def claim(
        self, worker: str, limit: int, lease: float, held: Collection[str], tenant_limit: int | None = None
    ) -> Sequence[Claimed]:
        again = self._unanswered

        async def job(c: AsyncConnection) -> Sequence[Claimed]:
            if again:
                await queue.give_back(c, worker, held)
            return await queue.claim(c, worker, limit, lease, held, tenant_limit)

        try:
            claimed = await self._alone(job)
        except StoreError:
            self._unanswered = True
            raise
        if again:
            self._unanswered = False
        return claimed

    async def go_on(self, run_id: str, epoch: int, tenant_limit: int) -> bool:
        return await self._alone(partial(queue.go_on, run_id=run_id, epoch=epoch, tenant_limit=tenant_limit))

    async def _alone(self, job: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Do *job* when no other server does such a one, without keeping the writer from what runs say meanwhile."""
        while True:
            with suppress(queue.Busy):
                return await self._writer.do(job)
            await asyncio.sleep(BUSY_SECONDS)

    async def take_duty(self, name: str, worker: str, seconds: float) -> bool:
        return await self._writer.do(partial(queue.take_duty, name=name, worker=worker, seconds=seconds))

    async def renew(self, worker: str, lease: float, held: Collection[str]) -> Sequence[Signal]:
        return await self._writer.do(partial(queue.renew, worker=worker, lease=lease, held=held))

    async def take_over(self) -> None:
        await self._writer.do(queue.take_over)

    async def wake(self, input_seconds: float) -> int:
        return await self._writer.do(partial(queue.wake, input_seconds=input_seconds))

    async def request_cancel(self, run_id: str, by: str, cause: str) -> Any:
        return await self._writer.do(partial(control.request_cancel, run_id=run_id, by=by, cause=cause))

    async def request_pause(self, run_id: str, by: str, limit: int | None = None) -> Any:
        return await self._writer.do(partial(control.request_pause, run_id=run_id, by=by, limit=limit))

    async def request_resume(self, run_id: str, by: str) -> None:
        await self._writer.do(partial(control.request_resume, run_id=run_id, by=by))

    async def answer(self, run_id: str, answer: InputAnswer, by: str) -> None:
        await self._writer.do(partial(answers.answer, run_id=run_id, given=answer, by=by))

    async def expire(self, keep: Keep) -> Forgotten:
        return await self._housekeeper.expire(keep)

    # Reading

    async def _ask(self, question: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        with speaking():
            async with self._reading.connect() as c:
                return await question(c)

    async def get(self, run_id: str) -> tuple[Principal, Run] | None:
        return await self._ask(partial(rows.get, run_id=run_id))

    async def list(
        self, owner: Principal, *, limit: int, before: str, states: Sequence[RunState], conversation_id: str
    ) -> Sequence[Run]:
        wanted = partial(
            rows.page, owner=owner, limit=limit, before=before, states=states, conversation_id=conversation_id
        )
        return await self._ask(wanted)

    async def owner(self, run_id: str) -> Principal | None:
        return await self._log.owner(run_id)

    async def read(self, run_id: str, after: int, limit: int, max_bytes: int) -> tuple[Sequence[bytes], bool]:
        return await self._log.read(run_id, after, limit, max_bytes)

    async def wait(self, run_id: str, after: int) -> None:
        await self._log.wait(run_id, after)

    async def news(self, seconds: float) -> Word:
        return await self._inbox.take(seconds)

    async def unheard(self, run_ids: Collection[str]) -> Sequence[tuple[str, StoredInput]]:
        return await self._ask(partial(queue.unheard, run_ids=run_ids))

    async def due(self) -> Sequence[Any]:
        return await self._ask(control.due)

    async def past(self, run_id: str) -> Past | None:
        return await self._ask(partial(control.past, run_id=run_id))

    async def queue(self, wanted: Callable[[int, int], bool]) -> Queue:
        return await self._ask(partial(turns.queue, wanted=wanted))

    async def knows(self, owner: Principal, request_id: str) -> bool:
        return await self._ask(partial(admission.knows, owner=owner, request_id=request_id))

    async def spent_today(self, tenant: str) -> Spent:
        return await insist(partial(self._ask, partial(spending.today, tenant=tenant)))

    async def durations(self, pipeline: str, limit: int) -> Sequence[tuple[str, int]]:
        return await insist(partial(self._ask, partial(history.durations, pipeline=pipeline, limit=limit)))

    async def history(self, owner: Principal, conversation_id: str, limit: int) -> Sequence[Turn]:
        wanted = partial(history.history, owner=owner, conversation_id=conversation_id, limit=limit)
        return await insist(partial(self._ask, wanted))

    async def answered(self, owner: Principal, source: str, limit: int) -> Sequence[Turn]:
        return await self._ask(partial(history.answered, owner=owner, source=source, limit=limit))

    def documents(self) -> Documents:
        return SqlDocuments(self._ask, self._beside if self.shared else self._writer.do)

    async def _beside(self, job: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Do *job* without keeping the writer from what runs say meanwhile."""
        with speaking():
            async with self._writing.begin() as c:
                return await job(c)

    # Counted together

    def counters(self) -> Counters:
        return Counters(self._ask)

    async def share_streams(
        self, server: str, counts: Mapping[Caller, int], lives: float, *, tidy: bool
    ) -> dict[Caller, int]:
        return await self._ask(partial(presence.share, server=server, counts=counts, lives=lives, tidy=tidy))

    async def leave_streams(self, server: str) -> None:
        await self._ask(partial(presence.leave, server=server))
