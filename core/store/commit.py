"""The one transaction that stores what all runs said: who is fenced off, new runs, events, checkpoints, endings."""

from collections.abc import Sequence
from enum import Enum
from functools import cache
from typing import Any

from sqlalchemy import Dialect, Table, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.errors import Limited
from core.store.admission import admit
from core.store.base import Append, Created, NewRun
from core.store.tables import events, inputs, runs, steps, turns, upsert

_EVENT = ("run_id", "sequence", "position", "data")
_ADVANCE = (
    update(runs)
    .where(runs.c.id == bindparam("b_id"), runs.c.epoch == bindparam("b_epoch"))
    .where(runs.c.last_sequence == bindparam("b_after"))
    .values(
        last_sequence=bindparam("b_last"),
        bytes=bindparam("b_bytes"),
        progress=bindparam("b_progress"),
        worked=bindparam("b_worked"),
    )
)
_ADVANCED = ("b_last", "b_bytes", "b_progress", "b_worked", "b_id", "b_epoch", "b_after")


@cache
def _compiled(dialect: Dialect) -> tuple[str, str]:
    """Return the two statements that every commit runs for every run, as the driver wants them.

    Handing the driver tuples saves a quarter of a commit's time in SQLAlchemy's processing of parameters.
    """
    advance, insertion = _ADVANCE.compile(dialect=dialect), insert(events).compile(dialect=dialect, column_keys=_EVENT)
    if tuple(advance.positiontup or ()) != _ADVANCED or tuple(insertion.positiontup or ()) != _EVENT:
        raise TypeError(f"The parameters of {dialect.name} are not in the order that they are given in.")
    return str(advance), str(insertion)


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
    careful = careful or not c.dialect.supports_sane_multi_rowcount
    verdicts = await _judge(c, appends) if careful else [Verdict.GOOD] * len(appends)
    good = [append for append, verdict in zip(appends, verdicts, strict=True) if verdict is Verdict.GOOD]
    if good:
        await _advance(c, good, careful)
    rows = [row for append in good for row in _event_rows(append)]
    created = await admit(c, new) if new else []
    if rows:
        await c.exec_driver_sql(_compiled(c.dialect)[1], rows)
    for append in good:
        if append.run:
            kept = {"kept": runs.c.bytes} if append.ends else {}
            await c.execute(update(runs).where(runs.c.id == append.run_id).values(append.run | kept))
    await _add(c, steps, [row for append in good for row in append.steps])
    await _add(c, inputs, [row for append in good for row in append.inputs])
    await _add(c, turns, [row for append in good for row in append.turns])
    for append in good:
        if append.received:
            heard = (inputs.c.run_id == append.run_id) & inputs.c.input_id.in_(append.received)
            await c.execute(update(inputs).where(heard).values(received=True))
    return created, [verdict is not Verdict.FENCED for verdict in verdicts]


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


async def _advance(c: AsyncConnection, appends: Sequence[Append], careful: bool) -> None:
    values = [
        (one.last, one.position + sum(map(len, one.events)), one.progress, one.worked, one.run_id, one.epoch, one.after)
        for one in appends
    ]
    result = await c.exec_driver_sql(_compiled(c.dialect)[0], values)
    if not careful and result.rowcount != len(appends):
        raise SomeFenced


def _event_rows(append: Append) -> list[tuple[str, int, int, bytes]]:
    rows, position = [], append.position
    for sequence, data in enumerate(append.events, append.after + 1):
        rows.append((append.run_id, sequence, position, data))
        position += len(data)
    return rows


async def _add(c: AsyncConnection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert *rows*, all with the same columns; a later row of the same key takes the place of an earlier one."""
    if not rows:
        return
    statement = upsert(c.dialect.name, table)
    keys = [column.name for column in table.primary_key]
    changed = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    await c.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed), rows)
