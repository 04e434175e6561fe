"""Reads averages, totals, highest and lowest values, and the columns that they are of."""

from core.models.offline import ir
from core.models.offline.applied import aggregate
from core.models.offline.catalog import Table
from core.models.offline.counting import count_here
from core.models.offline.mentions import read_column
from core.models.offline.reader import Pending, Reader


def read_aggregate(r: Reader, function: str) -> bool:
    """Read "average", "total", "maximum and minimum" with the column they are of. Return whether they were."""
    functions, place = [function], r.place + 1
    while True:
        ahead = r.following(place, "and", "distinct", "preposition")
        chunk = r.chunk_at(ahead)
        if chunk and chunk.text == "," and (later := r.chunk_at(ahead + 1)) and later.cue("aggregate", "and"):
            place = ahead + 1
            continue
        more = chunk.cue("aggregate") if chunk and chunk.chosen == "cue" else None
        if more is None and chunk and chunk.chosen == "cue" and ahead and r.chunks[ahead - 1].cue("and"):
            more = chunk.cue("super")
        if chunk and chunk.chosen == "cue" and more is None and "number of" in chunk.text.lower():
            more = chunk.cue("super")
        if more:
            functions.append(more.value)
            place = ahead + 1
            continue
        break
    chunk = r.chunk_at(ahead)
    if chunk is None:
        return False
    if chunk.metric:
        r.take(ahead - r.place)
        return True
    if chunk.chosen == "cue" and chunk.cue("count"):
        return aggregate_of_count(r, functions, ahead)
    if chunk.chosen == "name:table" and functions == ["sum"]:
        r.take(ahead - r.place)
        return count_here(r)
    if chunk.chosen == "name:table" and (later := _after_table(r, ahead)) is not None:
        r.take(ahead + 1 - r.place)
        _note_table(r, chunk.table)
        r.take(later - r.place)
        chunk = r.now
    elif chunk.chosen == "name:column":
        r.take(ahead - r.place)
    else:
        return False
    assert chunk and chunk.column
    if len(functions) == 1:
        r.aggregate = function
        read_column(r, chunk)
        return True
    for one in functions:
        r.project(aggregate(r, one, chunk.column))
    r.aggregate = ""
    r.take()
    return True


def _note_table(r: Reader, table: Table | None) -> None:
    if table:
        r.speak_of(table)
        r.need(table)


def _after_table(r: Reader, place: int) -> int | None:
    """Return where a column stands right after the table at *place*: "average student age"."""
    chunk = r.chunk_at(place + 1)
    return place + 1 if chunk and chunk.chosen == "name:column" and chunk.column and chunk.column.numeric else None


def aggregate_of_count(r: Reader, functions: list[str], ahead: int) -> bool:
    r.take(ahead - r.place)
    before = len(r.pending)
    if not count_here(r, r.now is not None) or len(r.pending) == before:
        return False
    measured = r.pending[-1]
    if isinstance(measured.expr, ir.Agg) and measured.expr.function == "sum":
        measured.expr = measured.expr.of
    if isinstance(measured.expr, ir.Col):
        r.pending[-1:] = [Pending(ir.Agg(f, measured.expr), measured.place, measured.projected) for f in functions]
    elif functions == ["avg"]:
        measured.expr = ir.Agg("avg", measured.expr)
    return True
