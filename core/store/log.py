"""How a run's events are read: from the tail in memory when that holds them, else from the database, by number."""

from collections import OrderedDict
from collections.abc import Sequence

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncEngine

from core.errors import CursorAhead, CursorExpired, NotFound, ServerStopping
from core.identity import Principal
from core.store.faults import speaking
from core.store.follower import Follower
from core.store.records import ENDED
from core.store.tables import events, runs
from core.store.tail import Tails

OWNERS = 100_000

_base = events.alias("base")


class Log:
    """Reads and waits. Where other servers may append too, a tail is the log's end only while *follower* follows it."""

    def __init__(self, engine: AsyncEngine, tails: Tails, follower: Follower | None) -> None:
        self._engine = engine
        self._tails = tails
        self._follower = follower
        self._owners: OrderedDict[str, Principal] = OrderedDict()

    async def owner(self, run_id: str) -> Principal | None:
        known = self._owners.get(run_id)
        if known is None:
            row = await self._row(run_id)
            if row is None:
                return None
            known = Principal(tenant=row.tenant, subject=row.subject)
            self.know(run_id, known)
        return known

    def know(self, run_id: str, owner: Principal) -> None:
        """Note whose a run is, which never changes; only the latest are kept in mind."""
        self._owners[run_id] = owner
        if len(self._owners) > OWNERS:
            self._owners.popitem(last=False)

    async def read(self, run_id: str, after: int, limit: int, max_bytes: int) -> tuple[Sequence[bytes], bool]:
        ready = self._ready(run_id, after, limit, max_bytes)
        if ready is not None:
            return ready
        row = await self._row(run_id)
        if row is None:
            self._owners.pop(run_id, None)
            raise NotFound("There is no such run.")
        if after > row.last_sequence:
            message = f"The run's last event is number {row.last_sequence}; there is nothing after {after} to wait for."
            raise CursorAhead({"after_sequence": message})
        if after + 1 < row.oldest_sequence:
            raise CursorExpired(row.oldest_sequence)
        found = await self._events(run_id, after, min(row.last_sequence, after + limit), max_bytes)
        return found, row.state in ENDED and after + len(found) == row.last_sequence

    def _ready(self, run_id: str, after: int, limit: int, max_bytes: int) -> tuple[Sequence[bytes], bool] | None:
        tail = self._tails.get(run_id)
        ready = tail.read(after, limit, max_bytes) if tail else None
        if tail is None or ready is None or self._follower is None or ready[1]:
            return ready
        up_to_date = 0 <= self._follower.last(run_id) <= tail.last
        return ready if up_to_date or after + len(ready[0]) < tail.last else None

    async def _row(self, run_id: str) -> Row | None:
        columns = runs.c.tenant, runs.c.subject, runs.c.state, runs.c.oldest_sequence, runs.c.last_sequence
        with speaking():
            async with self._engine.connect() as c:
                return (await c.execute(select(*columns).where(runs.c.id == run_id))).first()

    async def _events(self, run_id: str, after: int, up_to: int, max_bytes: int) -> Sequence[bytes]:
        first = select(_base.c.position).where(_base.c.run_id == run_id, _base.c.sequence == after + 1)
        query = (
            select(events.c.data)
            .where(events.c.run_id == run_id, events.c.sequence > after, events.c.sequence <= up_to)
            .where(events.c.position < first.scalar_subquery() + max_bytes)
            .order_by(events.c.sequence)
        )
        with speaking():
            async with self._engine.connect() as c:
                return [bytes(data) for (data,) in await c.execute(query)]

    async def wait(self, run_id: str, after: int) -> None:
        while not self._tails.closed:
            waiter = self._tails.enter(run_id)
            try:
                if await self._has_more(run_id, after):
                    return
                await waiter
                if self._follower is not None and not self._tails.closed:
                    # It may be gone, which the next read says.
                    return
            finally:
                self._tails.leave(run_id, waiter)
        raise ServerStopping

    async def _has_more(self, run_id: str, after: int) -> bool:
        tail = self._tails.get(run_id)
        if tail is not None and (tail.last > after or tail.ended):
            return True
        if self._follower is not None:
            self._follower.follow(run_id, after)
            return self._follower.last(run_id) > after
        if tail is not None:
            return False
        row = await self._row(run_id)
        return row is None or row.last_sequence > after or row.state in ENDED
