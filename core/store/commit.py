"""The one transaction that stores what all runs said: who is fenced off, new runs, events, checkpoints, endings."""

from collections.abc import Sequence
from enum import Enum
from typing import Any

from sqlalchemy import Table, case, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.errors import Limited
from core.store import spending
from core.store.admission import admit
from core.store.bulk import say
from core.store.records import Append, Created, NewRun
from core.store.tables import events, inputs, runs, steps, turns, upsert
from core.store.words import NOTHING, Word, leave
from levada.v1.run_pb2 import RunState

# A run that comes to rest may have to go on at once.
QUEUED = {RunState.RUN_STATE_QUEUED, RunState.RUN_STATE_PAUSED}


class Verdict(Enum):
    GOOD = 1
    THERE = 2
    FENCED = 3


class SomeFenced(Exception):
    """At least one append of the group was fenced off; the transaction must be done again with *careful*."""


async def store(
    c: AsyncConnection, new: Sequence[NewRun], appends: Sequence[Append], *, careful: bool
) -> tuple[list[Created | Limited], list[bool]]:
    """Store a group; say what became of each run and which appends were stored (not fenced off).

    At most one append per run. Unless *careful*, raises SomeFenced when one is fenced off.
    """
    verdicts = await _judge(c, appends) if careful else [Verdict.GOOD] * len(appends)
    good = [append for append, verdict in zip(appends, verdicts, strict=True) if verdict is Verdict.GOOD]
    if good and not await say(c, good):
        raise SomeFenced
    created = await _create(c, new, careful)
    for append in good:
        if append.run:
            kept = {"kept": runs.c.bytes} if append.ends else {}
            await c.execute(update(runs).where(runs.c.id == append.run_id).values(append.run | kept | _rest(append)))
    await _add(c, steps, [row for append in good for row in append.steps])
    await _add(c, inputs, [row for append in good for row in append.inputs])
    await _add(c, turns, [row for append in good for row in append.turns])
    for append in good:
        if append.received:
            heard = (inputs.c.run_id == append.run_id) & inputs.c.input_id.in_(append.received)
            await c.execute(update(inputs).where(heard).values(received=True))
    await spending.add(c, [spent for append in good for spent in append.spent])
    leave(c, _word(created, good), [append.run_id for append in good if append.events])
    return created, [verdict is not Verdict.FENCED for verdict in verdicts]


def _rest(append: Append) -> dict[str, Any]:
    """Return what becomes of a run that comes to rest: if the request for that was just taken back, it goes on."""
    if append.run.get("state") != RunState.RUN_STATE_PAUSED:
        return {}
    goes_on = case((runs.c.pause_by == "", RunState.RUN_STATE_QUEUED), else_=RunState.RUN_STATE_PAUSED)
    return {"state": goes_on}


def _word(created: Sequence[Created | Limited], appends: Sequence[Append]) -> Word:
    """Say whether there may be something new in the queue: new runs, or some that were given back."""
    new = any(isinstance(one, Created) and not one.existed for one in created)
    return Word.QUEUE if new or any(append.run.get("state") in QUEUED for append in appends) else NOTHING


async def _create(c: AsyncConnection, new: Sequence[NewRun], careful: bool) -> list[Created | Limited]:
    there: dict[str, Created] = {}
    if careful and new:
        # A run may be stored already: the commit went through, and only the answer to it was lost.
        first = select(events.c.run_id, events.c.data).where(events.c.run_id.in_([run.id for run in new]))
        there = {
            row.run_id: Created(row.run_id, event=row.data) for row in await c.execute(first.filter_by(sequence=1))
        }
    missing = [run for run in new if run.id not in there]
    made = iter(await admit(c, missing) if missing else ())
    return [there[run.id] if run.id in there else next(made) for run in new]


async def _judge(c: AsyncConnection, appends: Sequence[Append]) -> list[Verdict]:
    ids = [append.run_id for append in appends]
    columns = select(runs.c.id, runs.c.epoch, runs.c.last_sequence)
    found = await c.execute(columns.where(runs.c.id.in_(ids)).order_by(runs.c.id).with_for_update())
    at = {row.id: (row.epoch, row.last_sequence) for row in found}
    return [await _verdict(c, append, at.get(append.run_id)) for append in appends]


async def _verdict(c: AsyncConnection, append: Append, at: tuple[int, int] | None) -> Verdict:
    if at == (append.epoch, append.after):
        return Verdict.GOOD
    if at != (append.epoch, append.last):
        return Verdict.FENCED
    # Either somebody else's events, or ours: the commit went through, and only the answer to it was lost.
    last = select(events.c.data).filter_by(run_id=append.run_id, sequence=append.last)
    return Verdict.THERE if (await c.execute(last)).scalar_one() == append.events[-1] else Verdict.FENCED


async def _add(c: AsyncConnection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert *rows*, all with the same columns; a later row of the same key takes the place of an earlier one."""
    if not rows:
        return
    statement = upsert(c.dialect.name, table)
    keys = [column.name for column in table.primary_key]
    changed = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    await c.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed), rows)
