"""Rows of the table of runs, and the Run messages that callers get."""

from collections.abc import Sequence

from google.protobuf.timestamp_pb2 import Timestamp
from sqlalchemy import Row, desc, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.identity import Principal
from core.store.tables import runs
from levada.v1.event_pb2 import InputRequested
from levada.v1.run_pb2 import Run, RunRequest, RunState

# A run with several branches may work on while one of them waits for a person.
HELD = (RunState.RUN_STATE_RUNNING, RunState.RUN_STATE_WAITING)


def _time(microseconds: int) -> Timestamp | None:
    if not microseconds:
        return None
    time = Timestamp()
    time.FromMicroseconds(microseconds)
    return time


def to_run(row: Row) -> Run:
    return Run(
        run_id=row.id,
        state=row.state,
        request=RunRequest.FromString(row.request),
        last_sequence=row.last_sequence,
        oldest_sequence=row.oldest_sequence,
        progress=row.progress,
        create_time=_time(row.created),
        start_time=_time(row.started),
        end_time=_time(row.ended),
        trace_id=row.trace_id,
        summary=row.summary,
        outcome=row.outcome,
        reason=row.reason,
        message=row.message,
        input=InputRequested.FromString(row.input) if row.input and row.state in HELD else None,
        forked_from=row.forked_from,
        queue_position=row.place if row.state == RunState.RUN_STATE_QUEUED else 0,
        pause_by=row.pause_by,
    )


async def get(c: AsyncConnection, run_id: str) -> tuple[Principal, Run] | None:
    row = (await c.execute(select(runs).where(runs.c.id == run_id))).first()
    return None if row is None else (Principal(tenant=row.tenant, subject=row.subject), to_run(row))


async def page(
    c: AsyncConnection, owner: Principal, limit: int, before: str, states: Sequence[RunState], conversation_id: str
) -> Sequence[Run]:
    query = select(runs).where(runs.c.tenant == owner.tenant, runs.c.subject == owner.subject)
    if before:
        query = query.where(runs.c.id < before)
    if states:
        query = query.where(runs.c.state.in_(states))
    if conversation_id:
        query = query.where(runs.c.conversation_id == conversation_id)
    return [to_run(row) for row in await c.execute(query.order_by(desc(runs.c.id)).limit(limit))]
