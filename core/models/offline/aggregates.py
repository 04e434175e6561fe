"""Reads averages, totals, highest and lowest values, and the columns that they are of."""

from core.models.offline import ir
from core.models.offline.applied import aggregate
from core.models.offline.chunks import Chunk
from core.models.offline.counting import count_here
from core.models.offline.cues import Cue
from core.models.offline.mentions import read_column
from core.models.offline.reader import Pending, Reader


def read_aggregate(r: Reader, function: str) -> bool:
    """Read "average", "total", "maximum and minimum" with the column they are of. Return whether they were."""
    functions, ahead = _functions(r, function)
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
        r.speak_of(chunk.tables[0].element)
        r.need(chunk.tables[0].element)
        r.take(later - r.place)
    elif chunk.chosen == "name:column":
        r.take(ahead - r.place)
    else:
        return False
    _apply(r, functions)
    return True


def _functions(r: Reader, first: str) -> tuple[list[str], int]:
    """Return the functions said one after the other, and where what they are of is said."""
    functions, place = [first], r.place + 1
    while True:
        ahead = r.following(place, "and", "distinct", "preposition")
        chunk = r.chunk_at(ahead)
        if chunk and chunk.text == "," and (later := r.chunk_at(ahead + 1)) and later.cue("aggregate", "and", "super"):
            place = ahead + 1
            continue
        if chunk is None or (more := _another(r, chunk, ahead)) is None:
            return functions, ahead
        functions.append(more.value)
        place = ahead + 1


def _another(r: Reader, chunk: Chunk, ahead: int) -> Cue | None:
    if chunk.chosen != "cue":
        return None
    listed = r.chunks[ahead - 1].cue("and") or "number of" in chunk.text.lower()
    return chunk.cue("aggregate") or (chunk.cue("super") if listed else None)


def _apply(r: Reader, functions: list[str]) -> None:
    chunk = r.here
    if len(functions) == 1:
        r.aggregate = functions[0]
        read_column(r, chunk)
        return
    for one in functions:
        r.project(aggregate(r, one, chunk.columns[0].element))
    r.aggregate = ""
    r.take()


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
