"""How new runs get in: a request id gives one run, the queue has an end, each run is told its place.

One that is held stands in no queue yet: it rests as if it had been paused, until somebody resumes it. As many runs of
a tenant may rest as may wait in the queue.
"""

import time
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.errors import Limited
from core.identity import Principal
from core.store.records import ENDED, RESUMED, Created, NewRun
from core.store.tables import events, inputs, request_ids, runs, steps, upsert
from core.store.turns import Standings, standings
from levada.v1 import error_reason_pb2 as reasons
from levada.v1.run_pb2 import RunState

REQUEST_ID_LIVES = 24 * 3600 * 1_000_000
LATELY = 60.0
LIVING = [state for state in RunState.values()[1:] if state not in ENDED]


async def admit(c: AsyncConnection, new: Sequence[NewRun]) -> list[Created | Limited]:
    """Store runs with their first events; say of each what became of it."""
    standing = await standings(c, *(run.owner.tenant for run in new))
    resting = await rests(c, {run.owner.tenant for run in new if run.request.options.hold})
    outcomes: list[Created | Limited] = []
    run_rows, event_rows = [], []
    kept_steps: list[dict[str, Any]] = []
    kept_inputs: list[dict[str, Any]] = []
    for run in new:
        tenant, priority = run.owner.tenant, run.request.priority
        refusal = await _refusal(c, run, standing, resting)
        earlier = await _claim_request_id(c, run, replace=refusal is None) if run.request.request_id else None
        if earlier is not None:
            outcomes.append(earlier)
        elif refusal is not None:
            outcomes.append(refusal)
        else:
            place = 0
            if run.request.options.hold:
                resting[tenant] += 1
            else:
                standing[tenant].waiting[priority] += 1
                place = standing.place(tenant, priority)
            event = run.first(place)
            run_rows.append({**_row(run, len(event)), "place": place})
            kept_steps += run.steps
            kept_inputs += run.inputs
            event_rows.append({"run_id": run.id, "sequence": 1, "position": 0, "data": event})
            outcomes.append(Created(run.id, event=event))
    if run_rows:
        await c.execute(insert(runs), run_rows)
        await c.execute(insert(events), event_rows)
    for table, rows in ((steps, kept_steps), (inputs, kept_inputs)):
        if rows:
            await c.execute(insert(table), rows)
    return outcomes


async def rests(c: AsyncConnection, tenants: Collection[str]) -> Counter[str]:
    """Return how many runs of each of *tenants* rest, or are to: somebody has to resume them."""
    at_rest = runs.c.state.in_(LIVING), runs.c.tenant.in_(tenants), runs.c.pause_by != ""
    count = select(runs.c.tenant, func.count().label("resting")).where(*at_rest).group_by(runs.c.tenant)
    return Counter({row.tenant: row.resting for row in await c.execute(count)} if tenants else {})


async def _refusal(c: AsyncConnection, run: NewRun, standing: Standings, resting: Counter[str]) -> Limited | None:
    tenant, limit = run.owner.tenant, run.queue_limit
    if standing.full(tenant, limit):
        return _queue_full(standing.waiting, await _seconds_a_run(c))
    full = run.request.options.hold and resting[tenant] >= limit
    return too_many_rest(limit, "no other is held") if full else None


async def _seconds_a_run(c: AsyncConnection) -> float:
    """Return how long it took lately until one more run was over, within bounds that fit somebody who waits."""
    now = time.time_ns() // 1_000
    over = select(func.count()).where(runs.c.ended > now - int(LATELY * 1e6))
    count = (await c.execute(over)).scalar_one()
    return max(1.0, LATELY / count) if count else LATELY


def _queue_full(waiting: int, seconds: float) -> Limited:
    return Limited(
        f"{waiting} runs are waiting already, which is the limit. Try again in {seconds:.0f} s.",
        reason=reasons.ERROR_REASON_QUEUE_FULL,
        retry_after=round(seconds),
    )


def too_many_rest(limit: int, so: str) -> Limited:
    return Limited(
        f"{limit} runs of your tenant are paused or held already, which is the limit, so {so}. Resume or cancel some "
        "of them.",
        reason=reasons.ERROR_REASON_QUEUE_FULL,
        details={"limit": str(limit), "name": "queue"},
    )


def _row(new: NewRun, size: int) -> dict[str, Any]:
    held = new.request.options.hold
    return {
        "id": new.id,
        "tenant": new.owner.tenant,
        "subject": new.owner.subject,
        "pause_by": new.owner.subject if held else "",
        "interrupted": RESUMED if held else "",
        "pipeline": new.request.pipeline,
        "conversation_id": new.request.conversation_id,
        "state": RunState.RUN_STATE_PAUSED if held else RunState.RUN_STATE_QUEUED,
        "priority": new.request.priority,
        "request": new.request.SerializeToString(),
        "created": new.created,
        "trace_id": new.trace_id,
        "traceparent": new.traceparent,
        "last_sequence": 1,
        "oldest_sequence": 1,
        "bytes": size,
        "deadline": new.deadline,
        "forked_from": new.forked_from,
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


async def knows(c: AsyncConnection, owner: Principal, request_id: str) -> bool:
    """Tell whether *owner*'s request id stands for a run."""
    mine = select(request_ids.c.run_id).filter_by(tenant=owner.tenant, subject=owner.subject, request_id=request_id)
    return (await c.execute(mine)).first() is not None
