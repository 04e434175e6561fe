"""Who works on which run: claims, leases, hand-overs, and what others want of a run that somebody holds."""

import time
from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlalchemy import Row, and_, case, desc, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.identity import Principal
from core.store.base import ENDED, Claimed, Signal, StoredInput, StoredStep, Waiting
from core.store.tables import inputs, runs, steps
from levada.v1.event_pb2 import InputRequested
from levada.v1.run_pb2 import InputAnswer, RunRequest, RunState

QUEUED, RUNNING, WAITING = RunState.RUN_STATE_QUEUED, RunState.RUN_STATE_RUNNING, RunState.RUN_STATE_WAITING
_IN_ORDER = (desc(runs.c.priority), runs.c.id)


def now() -> int:
    return time.time_ns() // 1_000


async def claim(c: AsyncConnection, worker: str, limit: int, lease: float, held: Collection[str]) -> Sequence[Claimed]:
    lost = and_(runs.c.state == RUNNING, runs.c.lease_until < now(), runs.c.id.not_in(held))
    free = select(runs.c.id).where(or_(runs.c.state == QUEUED, lost)).order_by(*_IN_ORDER).limit(limit)
    ids = [run_id for (run_id,) in await c.execute(free.with_for_update(skip_locked=True))]
    if not ids:
        return ()
    # A run that is still RUNNING lost its worker; one that was handed back is QUEUED.
    was_lost = runs.c.state == RUNNING
    taken = {
        "state": RUNNING,
        "epoch": runs.c.epoch + 1,
        "attempts": runs.c.attempts + 1,
        "losses": runs.c.losses + case((was_lost, 1), else_=0),
        "interrupted": case((was_lost, "worker lost"), else_=runs.c.interrupted),
        "worker": worker,
        "lease_until": now() + int(lease * 1e6),
    }
    await c.execute(update(runs).where(runs.c.id.in_(ids)).values(taken))
    rows = (await c.execute(select(runs).where(runs.c.id.in_(ids)).order_by(*_IN_ORDER))).all()
    known_steps, known_inputs = await _steps(c, ids), await _inputs(c, ids)
    return [_claimed(row, known_steps[row.id], known_inputs[row.id]) for row in rows]


def _claimed(row: Row, known_steps: dict[str, StoredStep], known_inputs: dict[str, StoredInput]) -> Claimed:
    owner = Principal(tenant=row.tenant, subject=row.subject)
    request = RunRequest.FromString(row.request)
    return Claimed(row.id, row.epoch, owner, request, row, known_steps, known_inputs)


async def _steps(c: AsyncConnection, ids: Sequence[str]) -> dict[str, dict[str, StoredStep]]:
    found: dict[str, dict[str, StoredStep]] = defaultdict(dict)
    for row in await c.execute(select(steps).where(steps.c.run_id.in_(ids))):
        found[row.run_id][row.path] = StoredStep(row.attempt, row.result, row.rows)
    return found


async def _inputs(c: AsyncConnection, ids: Sequence[str]) -> dict[str, dict[str, StoredInput]]:
    found: dict[str, dict[str, StoredInput]] = defaultdict(dict)
    for row in await c.execute(select(inputs).where(inputs.c.run_id.in_(ids))):
        found[row.run_id][row.input_id] = stored_input(row)
    return found


def stored_input(row: Row) -> StoredInput:
    answer = None if row.answer is None else InputAnswer.FromString(row.answer)
    return StoredInput(InputRequested.FromString(row.request), row.asked, answer, row.answered_by, row.received)


async def renew(c: AsyncConnection, worker: str, lease: float, held: Collection[str]) -> Sequence[Signal]:
    mine = runs.c.id.in_(held), runs.c.worker == worker, runs.c.state.in_((RUNNING, WAITING))
    await c.execute(update(runs).where(*mine).values(lease_until=now() + int(lease * 1e6)))
    rows = await c.execute(select(runs.c.id, runs.c.epoch, runs.c.cancel_by, runs.c.cancel_cause).where(*mine))
    return [Signal(*row) for row in rows]


async def take_over(c: AsyncConnection) -> None:
    left = update(runs).where(runs.c.worker != "")
    await c.execute(left.values(worker="", lease_until=0, interrupted="worker lost"))


async def wake(c: AsyncConnection, input_seconds: float) -> int:
    """Queue waiting runs that nobody holds and that have something to go on with: an answer, or no more time."""
    mine = inputs.c.run_id == runs.c.id
    answered = exists().where(mine, inputs.c.answer.is_not(None), inputs.c.received.is_(False))
    late = exists().where(mine, inputs.c.answer.is_(None), inputs.c.asked < now() - int(input_seconds * 1e6))
    due = update(runs).where(runs.c.state == WAITING, runs.c.lease_until < now(), or_(answered, late))
    return (await c.execute(due.values(state=QUEUED, worker=""))).rowcount


async def request_cancel(c: AsyncConnection, run_id: str, by: str, cause: str) -> Row | None:
    unasked = runs.c.id == run_id, runs.c.cancel_by == "", runs.c.state.not_in(ENDED)
    await c.execute(update(runs).where(*unasked).values(cancel_by=by, cancel_cause=cause))
    return (await c.execute(select(runs).where(runs.c.id == run_id))).first()


async def waiting(c: AsyncConnection, limit: int) -> Sequence[Waiting]:
    log = runs.c.last_sequence, runs.c.bytes, runs.c.progress, runs.c.worked, runs.c.trace_id
    queued = select(runs.c.id, runs.c.epoch, *log).where(runs.c.state == QUEUED).order_by(*_IN_ORDER).limit(limit)
    return [Waiting(*row) for row in await c.execute(queued)]
