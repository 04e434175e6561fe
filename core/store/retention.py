"""What is forgotten of runs that ended, one small piece a transaction: first their logs, later their records.

A log goes from its first event to the last but one. The terminal event stays with the run's record, so that a late
reader is told of the gap and then gets the honest end.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Row, Table, bindparam, delete, exists, func, literal_column, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.store.admission import REQUEST_ID_LIVES
from core.store.tables import counters, duties, events, inputs, request_ids, runs, shares, steps, streams, turns

# A piece: small enough for the appends that wait for it on SQLite.
RUNS = 20
EVENTS = 500
BYTES = 2 * 2**20
ROWS = 500
# Counters and the like are kept somewhat longer than they say: servers' clocks differ.
SPARE = 60 * 1_000_000

# As a literal, because a partial index is only used where its condition is seen to hold.
_HELD = runs.c.kept > literal_column("0")
_FORGET = delete(events).where(
    events.c.run_id == bindparam("b_id"),
    events.c.sequence >= bindparam("b_from"),
    events.c.sequence < bindparam("b_to"),
)


@dataclass(frozen=True)
class Cut:
    """What goes of one run's log: events *start* to before *end*, *freed* bytes; *last*: nothing more is to go."""

    run_id: str
    start: int
    end: int
    freed: int
    last: bool


async def weight(c: AsyncConnection) -> int:
    """Return how many bytes of events ended runs hold; read off an index that has an entry for each of them."""
    return int((await c.execute(select(func.sum(runs.c.kept)).where(_HELD))).scalar() or 0)


async def forget_logs(c: AsyncConnection, before: int, most_bytes: int = BYTES) -> Sequence[Cut]:
    """Delete the oldest events of runs that ended before *before* (microseconds), about *most_bytes* of them.

    Of two servers that do it at once each takes other runs.
    """
    log = runs.c.oldest_sequence, runs.c.last_sequence, runs.c.bytes, runs.c.kept
    old = select(runs.c.id, *log).where(_HELD, runs.c.ended < before).order_by(runs.c.ended).limit(RUNS)
    cuts = await _cuts(c, (await c.execute(old.with_for_update(skip_locked=True))).all(), min(most_bytes, BYTES))
    if cuts:
        ranges = [{"b_id": cut.run_id, "b_from": cut.start, "b_to": cut.end} for cut in cuts if cut.end > cut.start]
        if ranges:
            await c.execute(_FORGET, ranges)
        oldest = {"oldest_sequence": bindparam("b_oldest"), "kept": runs.c.kept - bindparam("b_freed")}
        held = [{"b_id": cut.run_id, "b_oldest": cut.end, "b_freed": cut.freed} for cut in cuts]
        await c.execute(update(runs).where(runs.c.id == bindparam("b_id")).values(oldest), held)
        gone = [cut.run_id for cut in cuts if cut.last]
        for table in (steps, inputs):
            await c.execute(delete(table).where(table.c.run_id.in_(gone)))
    return cuts


async def _cuts(c: AsyncConnection, old: Sequence[Row], most_bytes: int) -> list[Cut]:
    """Return what goes of the runs in *old*: of as many as make one piece, or a piece of the first."""
    cuts: list[Cut] = []
    count = size = 0
    for run in old:
        count += run.last_sequence - run.oldest_sequence
        if cuts and (count > EVENTS or size >= most_bytes or run.kept > BYTES):
            break
        if count > EVENTS or run.kept > BYTES:
            return [await _first_piece(c, run)]
        cuts.append(Cut(run.id, run.oldest_sequence, run.last_sequence, run.kept, last=True))
        size += run.kept
    return cuts


async def _first_piece(c: AsyncConnection, run: Row) -> Cut:
    log = select(events.c.sequence, events.c.position).where(events.c.run_id == run.id)
    within = events.c.sequence.between(run.oldest_sequence, run.last_sequence)
    first, *more = (await c.execute(log.where(within).order_by(events.c.sequence).limit(EVENTS + 1))).all()
    enough = (event for event in more if event.position - first.position >= BYTES)
    end = next(enough, more[-1] if len(more) == EVENTS else None)
    if end is None or end.sequence == run.last_sequence:
        return Cut(run.id, run.oldest_sequence, run.last_sequence, run.kept, last=True)
    return Cut(run.id, run.oldest_sequence, end.sequence, end.position - first.position, last=False)


async def forget_records(c: AsyncConnection, before: int) -> Sequence[str]:
    """Delete some runs that ended before *before* (microseconds) and whose logs are gone; return their ids."""
    old = select(runs.c.id).where(runs.c.ended > 0, runs.c.ended < before, runs.c.kept == 0)
    found = await c.execute(old.order_by(runs.c.ended).limit(RUNS).with_for_update(skip_locked=True))
    ids = [run_id for (run_id,) in found]
    if ids:
        for table in (events, steps, inputs, turns, request_ids):
            await c.execute(delete(table).where(table.c.run_id.in_(ids)))
        await c.execute(delete(runs).where(runs.c.id.in_(ids)))
    return ids


async def forget_the_rest(c: AsyncConnection, now: int) -> int:
    """Delete some rows whose time is over: request ids, counts of rate limits, streams, duties, turns at work.

    Return how many.
    """
    count = await _late(c, request_ids, request_ids.c.created < now - REQUEST_ID_LIVES)
    for table in (counters, streams, duties):
        count += await _late(c, table, table.c.until < now - SPARE)
    # Who has no run left comes first again, as who never had one. The last turn stays: others are counted from it.
    gone = ~exists().where(runs.c.tenant == shares.c.tenant)
    return count + await _late(
        c, shares, gone & (shares.c.served < select(func.max(shares.c.served)).scalar_subquery())
    )


async def _late(c: AsyncConnection, table: Table, late: object) -> int:
    key = list(table.primary_key)
    some = select(*key).where(late).limit(ROWS)  # type: ignore[arg-type]
    return (await c.execute(delete(table).where(tuple_(*key).in_(some)))).rowcount
