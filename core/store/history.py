"""What is remembered of runs that ended: turns of conversations, answered questions, how long steps took."""

from collections.abc import Sequence

from sqlalchemy import desc, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.identity import Principal
from core.models.base import Turn
from core.store.tables import runs, steps, turns


async def history(c: AsyncConnection, owner: Principal, conversation_id: str, limit: int) -> Sequence[Turn]:
    same = turns.c.tenant == owner.tenant, turns.c.subject == owner.subject
    said = turns.c.run_id, turns.c.question, turns.c.sql, runs.c.summary
    last = (
        select(*said, func.min(turns.c.source).label("source"))
        .join(runs, runs.c.id == turns.c.run_id)
        .where(*same, turns.c.conversation_id == conversation_id)
        .group_by(*said)
        .order_by(desc(turns.c.run_id))
        .limit(limit)
    )
    found = reversed((await c.execute(last)).all())
    return [Turn(question=row.question, sql=row.sql, source=row.source, answer=row.summary) for row in found]


async def answered(c: AsyncConnection, owner: Principal, source: str, limit: int) -> Sequence[Turn]:
    found = (
        select(turns.c.question, turns.c.sql)
        .where(turns.c.tenant == owner.tenant, turns.c.source == source, turns.c.answered)
        .order_by(desc(turns.c.run_id))
        .limit(limit)
    )
    return [Turn(question=row.question, sql=row.sql) for row in await c.execute(found)]


async def durations(c: AsyncConnection, pipeline: str, limit: int) -> Sequence[tuple[str, int]]:
    last = select(steps.c.name, steps.c.duration).where(steps.c.pipeline == pipeline, steps.c.completed > 0)
    found = await c.execute(last.order_by(desc(steps.c.completed)).limit(limit))
    return [(name, duration) for name, duration in found]
