"""What a group of runs said, as every commit stores it: logs moved on and events added, in the database's best way."""

from collections.abc import Sequence
from functools import cache

from sqlalchemy import Dialect, bindparam, insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.store.records import Append
from core.store.tables import events, runs

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

# PostgreSQL does all of it in one statement: a server's answer costs more than its work on a row.
_SAY = """
WITH moved AS (
    UPDATE runs SET last_sequence = said.last, bytes = said.bytes, progress = said.progress, worked = said.worked
    FROM unnest($1::bigint[], $2::bigint[], $3::float8[], $4::bigint[], $5::text[], $6::bigint[], $7::bigint[])
        AS said(last, bytes, progress, worked, id, epoch, after)
    WHERE runs.id = said.id AND runs.epoch = said.epoch AND runs.last_sequence = said.after
    RETURNING runs.id
), added AS (
    INSERT INTO events (run_id, sequence, position, data)
    SELECT * FROM unnest($8::text[], $9::bigint[], $10::bigint[], $11::bytea[])
    WHERE (SELECT count(*) FROM moved) = cardinality($5::text[])
)
SELECT count(*) FROM moved
"""


async def say(c: AsyncConnection, appends: Sequence[Append]) -> bool:
    """Store what *appends* say; tell whether all could be. When not, the transaction must be rolled back."""
    # Always in the same order, so that servers never wait for each other in a circle.
    ordered = sorted(appends, key=lambda append: append.run_id)
    moves, rows = [_move(append) for append in ordered], [row for append in ordered for row in _rows(append)]
    if c.dialect.name == "postgresql":
        columns = [*map(list, zip(*moves, strict=True)), *(map(list, zip(*rows, strict=True)) if rows else ([],) * 4)]
        return bool((await c.exec_driver_sql(_SAY, tuple(columns))).scalar_one() == len(moves))
    advance, insertion = _compiled(c.dialect)
    moved = (await c.exec_driver_sql(advance, moves)).rowcount
    if moved == len(moves) and rows:
        await c.exec_driver_sql(insertion, rows)
    return moved == len(moves)


@cache
def _compiled(dialect: Dialect) -> tuple[str, str]:
    """Return the statements as the driver wants them.

    Handing the driver tuples saves a quarter of a commit's time in SQLAlchemy's processing of parameters.
    """
    advance, insertion = _ADVANCE.compile(dialect=dialect), insert(events).compile(dialect=dialect, column_keys=_EVENT)
    if tuple(advance.positiontup or ()) != _ADVANCED or tuple(insertion.positiontup or ()) != _EVENT:
        raise TypeError(f"The parameters of {dialect.name} are not in the order that they are given in.")
    return str(advance), str(insertion)


def _move(one: Append) -> tuple[int, int, float, int, str, int, int]:
    size = one.position + sum(map(len, one.events))
    return one.last, size, one.progress, one.worked, one.run_id, one.epoch, one.after


def _rows(append: Append) -> list[tuple[str, int, int, bytes]]:
    rows, position = [], append.position
    for sequence, data in enumerate(append.events, append.after + 1):
        rows.append((append.run_id, sequence, position, data))
        position += len(data)
    return rows
