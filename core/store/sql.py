"""The store on a SQL database, SQLite or PostgreSQL, through SQLAlchemy Core: one writer, several readers."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import AsyncExitStack, suppress
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from core.identity import Principal
from core.models.base import Turn
from core.store import answers, history, migrate, postgresql, queue, retention, rows, sqlite
from core.store.base import Append, Claimed, Created, Journal, NewRun, Signal, StoredInput, Waiting
from core.store.faults import speaking
from core.store.log import Log
from core.store.tables import inputs
from core.store.tail import Tails
from core.store.writer import Writer
from levada.v1.run_pb2 import InputAnswer, Run, RunState

CLOSING_SECONDS = 5.0
T = TypeVar("T")


class SqlStore:
    """Implements Store. A *shared* one may be worked on by other servers, and is migrated by command only."""

    def __init__(self, url: str, *, shared: bool = False) -> None:
        self.url = url
        self.shared = shared
        self._stack = AsyncExitStack()
        self._tails = Tails()

    async def open(self) -> None:
        async with AsyncExitStack() as stack:
            if not self.shared:
                stack.enter_context(sqlite.locked(sqlite.path_of(self.url)))
            writing, self._reading = self._engine(writing=True), self._engine(writing=False)
            stack.push_async_callback(writing.dispose)
            stack.push_async_callback(self._reading.dispose)
            with speaking():
                await (migrate.require(writing) if self.shared else migrate.upgrade(writing))
            self._log = Log(self._reading, self._tails, shared=self.shared)
            self._writer = Writer(writing, self._on_created, self._on_stored)
            self._task = asyncio.create_task(self._writer.run(), name="levada-store-writer")
            stack.push_async_callback(self._stop_writing)
            self._stack = stack.pop_all()

    def _engine(self, *, writing: bool) -> AsyncEngine:
        if self.shared:
            return postgresql.engine(self.url, writing=writing)
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

    async def claim(self, worker: str, limit: int, lease: float, held: Collection[str]) -> Sequence[Claimed]:
        return await self._writer.do(partial(queue.claim, worker=worker, limit=limit, lease=lease, held=held))

    async def renew(self, worker: str, lease: float, held: Collection[str]) -> Sequence[Signal]:
        return await self._writer.do(partial(queue.renew, worker=worker, lease=lease, held=held))

    async def take_over(self) -> None:
        await self._writer.do(queue.take_over)

    async def wake(self, input_seconds: float) -> int:
        return await self._writer.do(partial(queue.wake, input_seconds=input_seconds))

    async def request_cancel(self, run_id: str, by: str, cause: str) -> Any:
        return await self._writer.do(partial(queue.request_cancel, run_id=run_id, by=by, cause=cause))

    async def answer(self, run_id: str, answer: InputAnswer, by: str) -> None:
        await self._writer.do(partial(answers.answer, run_id=run_id, given=answer, by=by))

    async def expire(self, before: int) -> int:
        count = 0
        while ids := await self._writer.do(partial(retention.expire, before=before)):
            count += len(ids)
            for run_id in ids:
                self._tails.drop(run_id)
        return count

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

    async def stored_input(self, run_id: str, input_id: str) -> StoredInput | None:
        async def find(c: AsyncConnection) -> StoredInput | None:
            row = (await c.execute(select(inputs).filter_by(run_id=run_id, input_id=input_id))).first()
            return None if row is None else queue.stored_input(row)

        return await self._ask(find)

    async def queue(self, limit: int) -> Sequence[Waiting]:
        return await self._ask(partial(queue.waiting, limit=limit))

    async def durations(self, pipeline: str, limit: int) -> Sequence[tuple[str, int]]:
        return await self._ask(partial(history.durations, pipeline=pipeline, limit=limit))

    async def history(self, owner: Principal, conversation_id: str, limit: int) -> Sequence[Turn]:
        return await self._ask(partial(history.history, owner=owner, conversation_id=conversation_id, limit=limit))

    async def answered(self, owner: Principal, source: str, limit: int) -> Sequence[Turn]:
        return await self._ask(partial(history.answered, owner=owner, source=source, limit=limit))
