"""How runs are forgotten when their time is over, a few at a time so that nobody waits for it."""

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.store.tables import events, inputs, request_ids, runs, steps, turns

AT_ONCE = 20


async def expire(c: AsyncConnection, before: int) -> list[str]:
    """Delete some runs that ended before *before* (microseconds); return their ids."""
    old = select(runs.c.id).where(runs.c.ended > 0, runs.c.ended < before).order_by(runs.c.ended).limit(AT_ONCE)
    ids = [run_id for (run_id,) in await c.execute(old)]
    if ids:
        for table in (events, steps, inputs, turns, request_ids):
            await c.execute(delete(table).where(table.c.run_id.in_(ids)))
        await c.execute(delete(runs).where(runs.c.id.in_(ids)))
    return ids
