"""Reads what is named: tables, columns, figures, counts and aggregates."""

from core.models.offline import ir
from core.models.offline.applied import LISTING, aggregate, continues
from core.models.offline.catalog import Column, Table
from core.models.offline.chunks import Chunk
from core.models.offline.reader import Pending, Reader, Said
from core.models.offline.saying import say, say_compare
from core.models.offline.truths import truth


def read_name(r: Reader) -> None:
    """Read the table or column named here."""
    chunk = r.here
    if chunk.chosen == "name:table":
        read_table(r, chunk)
    else:
        read_column(r, chunk)


def read_table(r: Reader, chunk: Chunk) -> None:
    table = chunk.tables[0].element
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
    r.conditions.append(Said(ir.Raw("", (table.id,)), r.connector, negated=True, place=r.place))
    r.negated = False


def _owned(r: Reader) -> bool:
    """Say whether a column or figure of this table was selected already ("the names of the students")."""
    return any(not pending.entity and pending.projected for pending in r.pending) and not _listed(r)


def _listed(r: Reader) -> bool:
    before = r.chunks[r.place - 1] if r.place else None
    return bool(before and before.text.lower() in LISTING)


def read_column(r: Reader, chunk: Chunk) -> None:
    column = chunk.columns[0].element
    last = r.pending[-1] if r.pending else None
    beside = r.head and last and last.entity and last.place == r.place - 1
    if beside and last and (last.expr == ir.Star(column.table) or r.chunks[r.place - 1].possessive):
        r.pending.pop()
    if _tells_by_itself(r, column):
        return
    if r.head and _after_table_said(r):
        r.leave_head()
    _show(r, chunk, column)
    r.take()


def _tells_by_itself(r: Reader, column: Column) -> bool:
    """Read a column that is a condition without more: "active", "no phone", "without an order number"."""
    before = r.peek(-1)
    stated = before is not None and before.text.lower() in ("is", "are", "was", "were") and r.place > 1
    told = truth(r, column) if not r.head or _before_table(r) or stated else None
    if told is not None and stands_alone(r):
        yes, no = told
        head, negated, r.negated = r.head, r.negated, False
        say_compare(r, ir.Col(column), "=", no if negated else yes)
        r.head = head and _before_table(r)
    elif r.negated and r.subject and column.table == r.subject.id and stands_alone(r):
        r.negated = False
        say(r, ir.IsNull(column))
    elif r.negated and _denies(r, column):
        exclude_rows(r, r.catalog.tables[column.table])
    else:
        return False
    r.take()
    return True


def _show(r: Reader, chunk: Chunk, column: Column) -> None:
    """Keep the column for showing, or for what is said of it next."""
    narrowing = r.head and _narrows(r)
    expr: ir.Expr = ir.Col(column)
    if r.aggregate:
        expr = aggregate(r, r.aggregate, column)
        if not continues(r):
            r.aggregate = ""
    display = r.catalog.tables[column.table].display
    if chunk.text.lower() in ("name", "names") and expr == ir.Col(column) and column in display:
        for part in display:
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


def _before_table(r: Reader) -> bool:
    after = r.peek()
    return bool(after and after.chosen == "name:table")


def _denies(r: Reader, column: Column) -> bool:
    """Say whether "no" before *column* denies rows of its table rather than a value that follows."""
    if r.subject is None or column.table == r.subject.id:
        return False
    return stands_alone(r)


def stands_alone(r: Reader) -> bool:
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
    if not before or not before.chosen.startswith("name") or before.possessive:
        return False
    shown = [p for p in r.pending if p.projected]
    if before.chosen == "name:column":  # "how many customers wrote"
        return bool(shown) and shown[-1].place == r.place - 1 and ir.is_aggregate(shown[-1].expr)
    return bool(shown) and not shown[-1].entity


def read_metric(r: Reader) -> None:
    """Read a figure that the source's configuration defines."""
    chunk = r.here
    if chunk.metric:
        r.project(chunk.metric)
    r.take()
