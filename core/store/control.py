"""Steering runs that somebody may hold or nobody: who wants one cancelled, at rest or going on, and what is due."""

from collections.abc import Sequence

from sqlalchemy import BigInteger, Row, Select, and_, cast, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.checkpoint import FAILED
from core.errors import Conflict, NotFound
from core.identity import Principal
from core.store import queue
from core.store.admission import LIVING, rests, too_many_rest
from core.store.leases import held
from core.store.records import ENDED, Past
from core.store.tables import inputs, runs, steps
from core.store.words import Word, leave
from levada.v1 import error_reason_pb2 as reasons
from levada.v1.run_pb2 import RunRequest, RunState

QUEUED, PAUSED = RunState.RUN_STATE_QUEUED, RunState.RUN_STATE_PAUSED
AT_ONCE = 100


def _whole(c: AsyncConnection) -> Select:
    """Select runs with whether somebody holds them, and the rows that they fetched, for their totals if they end."""
    mine = steps.c.run_id == runs.c.id, steps.c.result.is_not(None)
    rows = select(cast(func.coalesce(func.sum(steps.c.rows), 0), BigInteger)).where(*mine).scalar_subquery()
    return select(runs, held(c.dialect).label("held"), rows.label("rows"))


async def request_cancel(c: AsyncConnection, run_id: str, by: str, cause: str) -> Row | None:
    unasked = runs.c.id == run_id, runs.c.cancel_by == "", runs.c.state.not_in(ENDED)
    await c.execute(update(runs).where(*unasked).values(cancel_by=by, cancel_cause=cause))
    leave(c, Word.HOLDERS)
    return (await c.execute(_whole(c).where(runs.c.id == run_id))).first()


async def request_pause(c: AsyncConnection, run_id: str, by: str, limit: int | None) -> Row | None:
    """Note that a run is to rest, unless *limit* runs of its tenant do: then raise Limited."""
    if limit is not None:
        this = select(runs.c.tenant).where(runs.c.id == run_id, runs.c.pause_by == "", runs.c.state.not_in(ENDED))
        tenant = (await c.execute(this)).scalar()
        if tenant is not None and (await rests(c, {tenant}))[tenant] >= limit:
            raise too_many_rest(limit, "this one goes on")
    unasked = runs.c.id == run_id, runs.c.pause_by == "", runs.c.state.not_in(ENDED)
    await c.execute(update(runs).where(*unasked).values(pause_by=by))
    leave(c, Word.HOLDERS)
    return (await c.execute(_whole(c).where(runs.c.id == run_id))).first()


async def request_resume(c: AsyncConnection, run_id: str, by: str) -> None:
    """Put a paused run into the queue; one that was to rest and does not yet is let alone."""
    row = (await c.execute(select(runs).where(runs.c.id == run_id).with_for_update())).first()
    if row is None:
        raise NotFound("There is no such run.")
    if row.state in ENDED:
        raise Conflict("The run has ended already, so there is nothing to resume.")
    if not row.pause_by:
        raise Conflict(
            "The run is not paused, so there is nothing to resume: it goes on by itself.",
            reason=reasons.ERROR_REASON_RUN_NOT_PAUSED,
        )
    rests = row.state == PAUSED
    goes_on = {"pause_by": "", "resume_by": by, "state": QUEUED if rests else row.state}
    await c.execute(update(runs).where(runs.c.id == run_id).values(goes_on))
    leave(c, Word.QUEUE if rests else Word.HOLDERS)


async def due(c: AsyncConnection) -> Sequence[Row]:
    """Return some runs that nobody holds and that are to be ended or put to rest."""
    late = and_(runs.c.deadline > 0, runs.c.deadline < queue.now())
    restless = and_(runs.c.pause_by != "", runs.c.state != PAUSED)
    found = (
        _whole(c)
        .where(runs.c.state.in_(LIVING), ~held(c.dialect), or_(runs.c.cancel_by != "", restless, late))
        .limit(AT_ONCE)
    )
    return (await c.execute(found)).all()


async def past(c: AsyncConnection, run_id: str) -> Past | None:
    """Return what a fork of a run can be made from: what it was to do, the steps it completed, what it was told."""
    row = (await c.execute(select(runs).where(runs.c.id == run_id))).first()
    if row is None:
        return None
    succeeded = steps.c.result.is_not(None) & ~steps.c.result.startswith(FAILED)
    done = steps.c.run_id == run_id, succeeded, steps.c.origin == ""
    completed = (await c.execute(select(steps).where(*done).order_by(steps.c.last))).all()
    heard = (await c.execute(select(inputs).filter_by(run_id=run_id, received=True))).all()
    return Past(
        owner=Principal(tenant=row.tenant, subject=row.subject),
        request=RunRequest.FromString(row.request),
        oldest=row.oldest_sequence,
        last=row.last_sequence,
        steps={one.path: queue.stored_step(one) for one in completed},
        inputs={one.input_id: queue.stored_input(one) for one in heard},
    )
