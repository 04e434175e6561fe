"""How new runs get in: a request id gives one run, the queue has an end, each run is told its place."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.errors import Limited
from core.store.base import Created, NewRun
from core.store.tables import events, request_ids, runs, upsert
from levada.v1 import error_reason_pb2 as reasons
from levada.v1.run_pb2 import RunState

REQUEST_ID_LIVES = 24 * 3600 * 1_000_000


async def admit(c: AsyncConnection, new: Sequence[NewRun]) -> list[Created | Limited]:
    """Store runs with their first events; say of each what became of it."""
    queued = select(runs.c.priority, func.count()).where(runs.c.state == RunState.RUN_STATE_QUEUED)
    waiting = Counter({row[0]: row[1] for row in await c.execute(queued.group_by(runs.c.priority))})
    outcomes: list[Created | Limited] = []
    run_rows, event_rows = [], []
    for run in new:
        full = waiting.total() >= run.queue_limit
        earlier = await _claim_request_id(c, run, replace=not full) if run.request.request_id else None
        if earlier is not None:
            outcomes.append(earlier)
        elif full:
            outcomes.append(_queue_full(waiting.total()))
        else:
            waiting[run.request.priority] += 1
            ahead = sum(count for priority, count in waiting.items() if priority >= run.request.priority)
            event = run.queued(ahead)
            run_rows.append(_row(run, len(event)))
            event_rows.append({"run_id": run.id, "sequence": 1, "position": 0, "data": event})
            outcomes.append(Created(run.id, event=event))
    if run_rows:
        await c.execute(insert(runs), run_rows)
        await c.execute(insert(events), event_rows)
    return outcomes


def _queue_full(waiting: int) -> Limited:
    return Limited(
        f"{waiting} runs are waiting already, which is the limit. Try again in a few seconds.",
        reason=reasons.ERROR_REASON_QUEUE_FULL,
        retry_after=5,
    )


def _row(new: NewRun, size: int) -> dict[str, Any]:
    return {
        "id": new.id,
        "tenant": new.owner.tenant,
        "subject": new.owner.subject,
        "pipeline": new.request.pipeline,
        "conversation_id": new.request.conversation_id,
        "state": RunState.RUN_STATE_QUEUED,
        "priority": new.request.priority,
        "request": new.request.SerializeToString(),
        "created": new.created,
        "trace_id": new.trace_id,
        "traceparent": new.traceparent,
        "last_sequence": 1,
        "oldest_sequence": 1,
        "bytes": size,
    }


async def _claim_request_id(c: AsyncConnection, new: NewRun, *, replace: bool) -> Created | None:
    """Return the earlier run of the request id, or None after taking the id for the new run (if *replace*)."""
    key = {"tenant": new.owner.tenant, "subject": new.owner.subject, "request_id": new.request.request_id}
    mine = {"run_id": new.id, "digest": new.digest, "created": new.created}
    expired = request_ids.c.created < new.created - REQUEST_ID_LIVES
    if replace:
        taken = upsert(c.dialect.name, request_ids).values(**key, **mine)
        taken = taken.on_conflict_do_update(index_elements=list(key), set_=mine, where=expired)
        if (await c.execute(taken.returning(request_ids.c.run_id))).first() is not None:
            return None
    row = (await c.execute(select(request_ids).filter_by(**key).where(~expired))).first()
    return Created(row.run_id, existed=True, same_request=bytes(row.digest) == new.digest) if row else None
