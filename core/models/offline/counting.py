"""Reads what is counted: rows of a table, different values of a column, or a column that holds the number."""

from core.models.offline import ir
from core.models.offline.chunks import Chunk
from core.models.offline.found import read_value
from core.models.offline.reader import Pending, Reader


def count_here(r: Reader, skip_cue: bool = False) -> bool:
    """Read what is counted: rows of a table, different values of a column, or a column that holds the number."""
    start = r.place
    distinct = r.distinct
    place = r.place + (1 if skip_cue else 0)
    while True:
        place = r.following(place, "distinct", "negate") if not distinct else r.following(place, "distinct")
        chunk = r.chunk_at(place)
        distinct = distinct or any(c.cue("distinct") for c in r.chunks[start:place])
        if chunk and chunk.chosen == "cue" and chunk.cue("aggregate", "count"):
            place += 1
            continue
        break
    values = []
    while chunk and chunk.chosen == "value" and (later := r.chunk_at(place + 1)):
        values.append(place)
        place, chunk = place + 1, later
    if (chunk is None or not chunk.chosen.startswith("name")) and values:
        best = r.chunks[values[-1]].values[0]
        table = r.catalog.tables[best.table]
        r.used.add(start)
        r.speak_of(table)
        r.pending.append(Pending(ir.Agg("count", ir.Star(table.id)), start, r.head))
        for value in values:
            r.place = value
            read_value(r)
        r.place = place
        return True
    if chunk is None or not chunk.chosen.startswith("name"):
        return _count_rows(r, start, place) if skip_cue else False
    expr = _counted(r, chunk, distinct, place)
    r.used.update(p for p in range(start, place) if p not in values)
    r.pending.append(Pending(expr, place, r.head))
    r.used.add(place)
    r.distinct = False
    if values:
        for value in values:
            r.place = value
            read_value(r)
    r.place = place + 1
    return True


def _count_rows(r: Reader, start: int, place: int) -> bool:
    """Read "the number of records", or a count of nothing named: rows of the subject."""
    chunk = r.chunk_at(place)
    said = r.chunks[start].text.lower()
    if not r.subject and not (chunk and chunk.cue("each")) and "often" not in said and "times" not in said:
        return False
    if (
        "often" not in said
        and "times" not in said
        and not (chunk is None or chunk.cue("each", "relative") or chunk.text in "?.,")
    ):
        return False
    tables = [c.table for c in r.chunks if c.chosen == "name:table" and c.table]
    tables += [r.catalog.tables[c.column.table] for c in r.chunks if c.chosen == "name:column" and c.column]
    table = r.subject or (tables[0] if tables else None)
    if table is None:
        return False
    r.pending.append(Pending(ir.Agg("count", ir.Star(table.id)), r.place, True))
    r.used.add(start)
    r.place = start + 1
    return True


def _counted(r: Reader, chunk: Chunk, distinct: bool, place: int) -> ir.Expr:
    if chunk.chosen == "name:table":
        table = chunk.tables[0].element
        after = r.chunk_at(place + 1)
        if after and after.chosen == "name:column" and after.column and after.column.table == table.id and distinct:
            r.used.add(place + 1)
            return ir.Agg("count", ir.Col(after.column), distinct=True)
        r.need(table)
        if r.subject is None or r.head:
            r.speak_of(table)
        if distinct and len(table.display) == 1 and not table.primary:
            return ir.Agg("count", ir.Col(table.display[0]), distinct=True)
        return ir.Agg("count", ir.Star(table.id))
    column = chunk.columns[0].element
    table = r.catalog.tables[column.table]
    if r.subject is None:
        r.focus = table
    there = any(c.text.lower() in ("there", "exist", "exists") for c in r.chunks[place:])
    if column.numeric and not column.identifying and not column.year and chunk.column_score > 0.6 and not there:
        return ir.Agg("sum", ir.Col(column)) if not {"number", "count", "num"} & set(column.words) else ir.Col(column)
    if column.key or column.name in table.primary or (column in table.display and not distinct):
        r.need(table)
        if r.subject is None:
            r.speak_of(table)
        return ir.Agg("count", ir.Star(table.id))
    return ir.Agg("count", ir.Col(column), distinct=True)
