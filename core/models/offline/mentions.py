"""Reads what is named: tables, columns, figures, counts and aggregates."""

from core.models.offline import ir
from core.models.offline.catalog import Column, Table
from core.models.offline.chunks import Chunk
from core.models.offline.found import read_value
from core.models.offline.reader import Pending, Reader, Said
from core.models.offline.saying import say, say_compare

_PRONOUNS = {"their", "its", "his", "her", "whose", "the"}
_LISTING = {",", "and", "&"}


def read_name(r: Reader) -> None:
    """Read the table or column named here."""
    chunk = r.now
    assert chunk
    if chunk.chosen == "name:table":
        read_table(r, chunk)
    else:
        read_column(r, chunk)


def read_table(r: Reader, chunk: Chunk) -> None:
    table = chunk.table
    assert table
    if r.negated and r.subject and table.id != r.subject.id:
        exclude_rows(r, table)
        r.take()
        return
    entity = r.head and not _owned(r)
    if r.head and chunk.possessive:
        entity = False
    first = r.subject is None
    r.speak_of(table)
    r.need(table)
    if entity and (first or _listed(r)):
        r.pending.append(Pending(ir.Star(table.id), r.place, True, entity=True))
    r.take()


def exclude_rows(r: Reader, table: Table) -> None:
    """Read "without orders", "never ordered": rows of the subject to which none of *table* belong."""
    assert r.subject
    r.conditions.append(Said(ir.Raw("", (table.id,)), r.connector, negated=True, place=r.place))
    r.negated = False


def _owned(r: Reader) -> bool:
    """Say whether a column or figure of this table was selected already ("the names of the students")."""
    return any(not pending.entity and pending.projected for pending in r.pending) and not _listed(r)


def _listed(r: Reader) -> bool:
    before = r.chunks[r.place - 1] if r.place else None
    return bool(before and before.text.lower() in _LISTING)


def read_column(r: Reader, chunk: Chunk) -> None:
    column = chunk.column
    assert column
    if r.head and r.pending and r.pending[-1].entity and r.pending[-1].place == r.place - 1:
        before = r.chunks[r.place - 1]
        if (isinstance(r.pending[-1].expr, ir.Star) and r.pending[-1].expr.table == column.table) or before.possessive:
            r.pending.pop()
    if (not r.head or _before_table(r)) and (truth := _truth(r, column)) is not None and _stands_alone(r):
        yes, no = truth
        head, negated, r.negated = r.head, r.negated, False
        say_compare(r, ir.Col(column), "=", no if negated else yes)
        r.head = head and _before_table(r)
        r.take()
        return
    if r.negated and r.subject and column.table == r.subject.id and _stands_alone(r):
        r.negated = False
        say(r, ir.IsNull(column))
        r.take()
        return
    if r.negated and _denies(r, column):
        exclude_rows(r, r.catalog.tables[column.table])
        r.take()
        return
    if r.head and _after_table_said(r):
        r.leave_head()
    narrowing = r.head and _narrows(r)
    expr: ir.Expr = ir.Col(column)
    if r.aggregate:
        expr = aggregate(r, r.aggregate, column)
        if not _continues(r):
            r.aggregate = ""
    if chunk.text.lower() in ("name", "names") and expr in [ir.Col(c) for c in r.catalog.tables[column.table].display]:
        for part in r.catalog.tables[column.table].display:
            r.project(ir.Col(part), projected=False if narrowing else None)
    else:
        before = r.chunks[r.place - 1].text.lower() if r.place else ""
        asked = True if before.split()[-1:] in (["their"], ["its"], ["his"], ["her"]) else None
        r.project(expr, projected=False if narrowing else asked)
    if r.distinct and not isinstance(expr, ir.Agg):
        r.query.distinct = r.query.distinct or r.head
    if r.subject is None and not column.foreign:
        r.focus = r.catalog.tables[column.table]
        if r.head and not narrowing and isinstance(expr, ir.Col):
            r.owner = r.owner or r.focus
    r.take()


_TRUTHS: tuple[tuple[str, str], ...] = (("y", "n"), ("yes", "no"), ("t", "f"), ("true", "false"))


def _truth(r: Reader, column: Column) -> tuple[object, object] | None:
    """Return what *column* holds for yes and no, when that is all it holds."""
    if column.kind == "boolean":
        return True, False
    if column.numeric:
        return (1, 0) if not column.identifying and r.lookup.bounds(column.table, column.name) == (0, 1) else None
    held = {sample.lower(): sample for sample in column.samples}
    for yes, no in _TRUTHS:
        if held and set(held) <= {yes, no}:
            upper = all(sample.isupper() for sample in held.values())
            return held.get(yes, yes.upper() if upper else yes.capitalize()), held.get(no, no.upper() if upper else no.capitalize())
    return None


def _before_table(r: Reader) -> bool:
    after = r.peek()
    return bool(after and after.chosen == "name:table")


def _denies(r: Reader, column: Column) -> bool:
    """Say whether "no" before *column* denies rows of its table rather than a value that follows."""
    if r.subject is None or column.table == r.subject.id:
        return False
    return _stands_alone(r)


def _stands_alone(r: Reader) -> bool:
    """Say whether no value or comparison follows the column here."""
    after = r.chunk_at(r.following(r.place + 1, "preposition", "relative", "with"))
    return not (after and (after.chosen in ("value", "literal", "number") or after.cue("compare", "like", "time")))


def _narrows(r: Reader) -> bool:
    """Say whether this column only tells of what: "the area of the region that ..."."""
    place = r.place - 1
    while place > 0 and r.chunks[place].text.lower() in ("the", "a", "an", "its", "their"):
        place -= 1
    before = r.chunks[place] if place >= 0 else None
    said = any(p.projected and not p.entity for p in r.pending)
    return bool(said and before and before.text.lower() in ("of", "for", "in", "from", "at", "on"))


def _after_table_said(r: Reader) -> bool:
    """Say whether the noun phrase is over: after "names of pilots", "named" begins something else."""
    before = r.chunks[r.place - 1] if r.place else None
    if not before or before.chosen != "name:table" or before.possessive:
        return False
    shown = [p for p in r.pending if p.projected]
    return bool(shown) and not shown[-1].entity


def aggregate(r: Reader, function: str, column: Column) -> ir.Expr:
    if not column.numeric and function in ("avg", "sum") and column.kind == "text":
        samples = [s for s in column.samples if s]
        if not samples or not all(_figure(s) for s in samples):
            if function == "sum":
                return ir.Agg("count", ir.Col(column), distinct=r.distinct)
            r.penalties.append("aggregate of text")
    return ir.Agg(function, ir.Col(column), distinct=False)


def _figure(text: str) -> bool:
    return text.replace(".", "", 1).replace("-", "", 1).replace(",", "").isdigit()


def _continues(r: Reader) -> bool:
    """Say whether an aggregate goes on to the next column: "average price and score"."""
    after, then = r.peek(1), r.peek(2)
    if not after or not then or after.text.lower() not in _LISTING:
        return False
    return then.chosen == "name:column" and bool(then.column and then.column.numeric and not then.column.identifying)


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
        return _aggregate_of_count(r, functions, ahead)
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


def _aggregate_of_count(r: Reader, functions: list[str], ahead: int) -> bool:
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
        table = chunk.table
        assert table
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
    column = chunk.column
    assert column
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


def read_metric(r: Reader) -> None:
    """Read a figure that the source's configuration defines."""
    chunk = r.now
    assert chunk and chunk.metric
    r.project(chunk.metric)
    r.take()
