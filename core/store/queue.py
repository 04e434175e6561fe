"""Who works on which run: claims, leases, hand-overs, and what others want of a run that somebody holds."""

import time
from collections import defaultdict
from collections.abc import Collection, Sequence
from functools import cache

from sqlalchemy import (
    BigInteger,
    Dialect,
    Executable,
    Integer,
    Row,
    Select,
    bindparam,
    case,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from core.identity import Principal
from core.store import leases, turns
from core.store.records import Claimed, Fenced, Signal, StoredInput, StoredStep
from core.store.tables import duties, inputs, runs, steps, upsert
from core.store.turns import QUEUED, RUNNING, WAITING
from core.store.words import Word, leave
from levada.v1.event_pb2 import InputRequested
from levada.v1.run_pb2 import InputAnswer, RunRequest

# The lock of PostgreSQL that whoever claims holds.
CLAIMING = 0x6C657661


def now() -> int:
    return time.time_ns() // 1_000


class Busy(Exception):
    """Another server is claiming at this moment; try again in a few milliseconds."""


async def _alone(c: AsyncConnection) -> None:
    """Count what is at work, and change it, while no other server does. Raises Busy rather than wait."""
    if c.dialect.name == "postgresql":
        taken = await c.execute(select(func.pg_try_advisory_xact_lock(CLAIMING)))
        if not taken.scalar_one():
            raise Busy


async def give_back(c: AsyncConnection, worker: str, held: Collection[str]) -> None:
    """Queue again what a claim of *worker* took whose answer was lost: nobody has begun with it."""
    unknown = runs.c.state == RUNNING, runs.c.worker == worker, runs.c.id.not_in(held)
    await c.execute(update(runs).where(*unknown).values(state=QUEUED, worker=""))


async def claim(
    c: AsyncConnection, worker: str, limit: int, lease: float, held: Collection[str], tenant_limit: int | None
) -> Sequence[Claimed]:
    await _alone(c)
    ids = list((await c.execute(_lost(c.dialect), {"held": list(held), "most": limit})).scalars())
    ids += await turns.next_ones(c, limit - len(ids), held, tenant_limit)
    if not ids:
        return ()
    taken = await c.execute(_taken(c.dialect), {"ids": ids, "by": worker, "lease": int(lease * 1e6)})
    rows = {row.id: row for row in taken}
    known_steps, known_inputs = await _known(c, [row for row in rows.values() if row.attempts > 1 or row.forked_from])
    return [_claimed(rows[run_id], known_steps[run_id], known_inputs[run_id]) for run_id in ids]


# Making a statement takes longer than executing it, so those of a claim are made once.
@cache
def _lost(dialect: Dialect) -> Select[str]:
    others = runs.c.id.not_in(bindparam("held", expanding=True))
    lost = select(runs.c.id).where(runs.c.state == RUNNING, ~leases.held(dialect), others)
    # Oldest first, but not by the index of ids, in which every run ever made would be looked at.
    oldest = lost.order_by(runs.c.id.concat("")).limit(bindparam("most", type_=Integer))
    return oldest.with_for_update(skip_locked=True)


@cache
def _taken(dialect: Dialect) -> Executable:
    # A run that is still RUNNING lost its worker; one that was handed back is QUEUED.
    was_lost = runs.c.state == RUNNING
    taken = {
        "state": RUNNING,
        "epoch": runs.c.epoch + 1,
        "attempts": runs.c.attempts + 1,
        "losses": runs.c.losses + case((was_lost, 1), else_=0),
        "interrupted": case((was_lost, "worker lost"), else_=runs.c.interrupted),
        "worker": bindparam("by"),
        "lease_until": leases.clock(dialect) + bindparam("lease", type_=BigInteger),
        "place": 0,
        "comes_back": False,
    }
    return update(runs).where(runs.c.id.in_(bindparam("ids", expanding=True))).values(taken).returning(*runs.c)


async def go_on(c: AsyncConnection, run_id: str, epoch: int, tenant_limit: int) -> bool:
    """Count a run that has what it waited for as at work, if its tenant may have one more; else keep a place for it."""
    await _alone(c)
    this = select(runs.c.tenant, runs.c.state).where(runs.c.id == run_id, runs.c.epoch == epoch)
    row = (await c.execute(this.with_for_update())).first()
    if row is None:
        raise Fenced(run_id)
    works = row.state != WAITING or await turns.working(c, row.tenant) < tenant_limit
    now = {"state": RUNNING, "comes_back": False} if works else {"comes_back": True}
    if row.state == WAITING:
        await c.execute(update(runs).where(runs.c.id == run_id).values(now))
    return works


def _claimed(row: Row, known_steps: dict[str, StoredStep], known_inputs: dict[str, StoredInput]) -> Claimed:
    owner = Principal(tenant=row.tenant, subject=row.subject)
    request = RunRequest.FromString(row.request)
    return Claimed(row.id, row.epoch, owner, request, row, known_steps, known_inputs)


async def _known(
    c: AsyncConnection, begun: Sequence[Row]
) -> tuple[dict[str, dict[str, StoredStep]], dict[str, dict[str, StoredInput]]]:
    """Return the steps and inputs of runs that somebody has begun with, this run's earlier worker or another run's."""
    ids = [row.id for row in begun]
    return (await _steps(c, ids), await _inputs(c, ids)) if ids else (defaultdict(dict), defaultdict(dict))


async def _steps(c: AsyncConnection, ids: Sequence[str]) -> dict[str, dict[str, StoredStep]]:
    found: dict[str, dict[str, StoredStep]] = defaultdict(dict)
    for row in await c.execute(select(steps).where(steps.c.run_id.in_(ids))):
        found[row.run_id][row.path] = stored_step(row)
    return found


def stored_step(row: Row) -> StoredStep:
    return StoredStep(row.name, row.attempt, row.result, row.rows, row.origin, row.first, row.last)


async def _inputs(c: AsyncConnection, ids: Sequence[str]) -> dict[str, dict[str, StoredInput]]:
    found: dict[str, dict[str, StoredInput]] = defaultdict(dict)
    for row in await c.execute(select(inputs).where(inputs.c.run_id.in_(ids))):
        found[row.run_id][row.input_id] = stored_input(row)
    return found


def stored_input(row: Row) -> StoredInput:
    answer = None if row.answer is None else InputAnswer.FromString(row.answer)
    return StoredInput(InputRequested.FromString(row.request), row.asked, answer, row.answered_by, row.received)


async def unheard(c: AsyncConnection, run_ids: Collection[str]) -> Sequence[tuple[str, StoredInput]]:
    new = inputs.c.run_id.in_(run_ids), inputs.c.answer.is_not(None), inputs.c.received.is_(False)
    return [(row.run_id, stored_input(row)) for row in await c.execute(select(inputs).where(*new))]


async def renew(c: AsyncConnection, worker: str, lease: float, held: Collection[str]) -> Sequence[Signal]:
    mine = runs.c.id.in_(held), runs.c.worker == worker, runs.c.state.in_((RUNNING, WAITING))
    await c.execute(update(runs).where(*mine).values(lease_until=leases.until(c.dialect, lease)))
    wanted = runs.c.cancel_by, runs.c.cancel_cause, runs.c.pause_by
    rows = await c.execute(select(runs.c.id, runs.c.epoch, *wanted).where(*mine))
    return [Signal(*row) for row in rows]


async def take_over(c: AsyncConnection) -> None:
    left = update(runs).where(runs.c.worker != "")
    await c.execute(left.values(worker="", lease_until=0, interrupted="worker lost"))
    await c.execute(delete(duties))


async def take_duty(c: AsyncConnection, name: str, worker: str, seconds: float) -> bool:
    mine = {"worker": worker, "until": leases.until(c.dialect, seconds)}
    free = or_(duties.c.worker == worker, duties.c.until < leases.clock(c.dialect))
    taken = upsert(c.dialect.name, duties).values(name=name, **mine)
    taken = taken.on_conflict_do_update(index_elements=["name"], set_=mine, where=free)
    return (await c.execute(taken.returning(duties.c.name))).first() is not None


async def wake(c: AsyncConnection, input_seconds: float) -> int:
    """Queue waiting runs that nobody holds and that have something to go on with: an answer, or no more time."""
    mine = inputs.c.run_id == runs.c.id
    answered = exists().where(mine, inputs.c.answer.is_not(None), inputs.c.received.is_(False))
    late = exists().where(mine, inputs.c.answer.is_(None), inputs.c.asked < now() - int(input_seconds * 1e6))
    # That it waits may have been stored, and its worker lost, before what for.
    unasked = ~exists().where(mine, inputs.c.answer.is_(None))
    due = update(runs).where(runs.c.state == WAITING, ~leases.held(c.dialect), or_(answered, late, unasked))
    count = (await c.execute(due.values(state=QUEUED, worker=""))).rowcount
    if count:
        leave(c, Word.QUEUE)
    return count
