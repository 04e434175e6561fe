"""Reads superlatives: "the youngest student", "most orders", "top 5 products by revenue", "the most common city"."""

from core.models.offline import ir
from core.models.offline.catalog import Column
from core.models.offline.cues import Cue
from core.models.offline.figures import take_figure
from core.models.offline.measures import measurable, read_measure
from core.models.offline.reader import Pending, Reader
from core.models.offline.saying import say_compare
from core.models.offline.times import date_column


def read_superlative(r: Reader, cue: Cue) -> bool:
    """Read "the youngest student", "most orders", "top 5 products by revenue". Return whether it was one."""
    limit, place = _limit(r)
    chunk = r.chunk_at(place)
    down = cue.value == "max"
    if chunk and chunk.chosen == "cue" and (other := chunk.cue("super")) and other.hints:
        cue, place = other, r.following(place + 1)
        down, chunk = other.value == "max", r.chunk_at(place)
    first = not r.pending
    hinted = bool(cue.hints)
    column = chunk.columns[0].element if chunk and chunk.chosen == "name:column" else None
    if hinted and not (column and measurable(column) and _fits(column, cue)):
        return _hinted_superlative(r, cue, limit, place)
    if chunk and chunk.chosen == "name:table" and r.chunks[r.place].text.lower() in ("top", "best", "bottom", "worst"):
        return _top(r, cue, limit, place)
    start = r.place
    r.take(place - r.place)
    expr = read_measure(r) or take_figure(r)
    if expr is None and limit and r.query.order:
        r.query.limit = limit
        return True
    if expr is None:
        r.place = start
        return False
    if (
        cue.value
        and hinted
        and any(hint.startswith("-") and set(hint[1:].split()) & set(_words(expr)) for hint in cue.hints)
    ):
        down = not down
    agg_of = isinstance(expr, ir.Col) and first and limit is None and r.head and not _row_wanted(r)
    if agg_of:
        r.pending.append(Pending(ir.Agg("max" if down else "min", expr), r.place, True))
        _also(r, expr)
        return True
    r.query.order.append((expr, down))
    r.query.limit = limit or 1
    return True


def _top(r: Reader, cue: Cue, limit: int | None, place: int) -> bool:
    """Read "top 10 products by revenue"."""
    table = r.chunks[place].tables[0].element
    by = r.following(place + 1)
    said = r.chunk_at(by)
    r.take(place + 1 - r.place)
    r.speak_of(table)
    r.pending.append(Pending(ir.Star(table.id), place, True, entity=True))
    expr: ir.Expr | None = None
    if said and said.cue("preposition", "with") and said.text.lower() in ("by", "in terms of", "with", "for"):
        r.take(by + 1 - r.place)
        if (here := r.now) and here.chosen == "cue" and here.cue("super"):
            return read_superlative_with(r, limit)
        expr = read_measure(r)
    expr = expr or take_figure(r)
    if expr is None:
        # "the top 3 artists who have the most songs": what they are ranked by is said later.
        r.rows = limit
        r.unranked = True
        return True
    if isinstance(expr, ir.Metric):
        r.pending.append(Pending(expr, r.place, True))
    r.query.order.append((expr, cue.value == "max"))
    r.query.limit = limit or 10
    return True


def read_superlative_with(r: Reader, limit: int | None) -> bool:
    """Read the rest of "top 5 products with the highest price"."""
    r.rows = limit or 10
    here = r.now
    cue = here.cue("super") if here else None
    return bool(cue) and read_superlative(r, cue)  # type: ignore[arg-type]


def _words(expr: ir.Expr) -> tuple[str, ...]:
    return expr.column.words if isinstance(expr, ir.Col) else ()


def _fits(column: Column, cue: Cue) -> bool:
    """Say whether an adjective can be about *column* itself: "the longest lead time", "the latest date"."""
    return column.numeric or column.kind == "date" or bool({h.lstrip("-") for h in cue.hints} & set(column.words))


def _limit(r: Reader) -> tuple[int | None, int]:
    """Return the number of rows asked for, said before or after the superlative, and where reading goes on."""
    before = r.peek(-1)
    limit, r.rows, r.unranked = r.rows, None, False
    if (
        limit is None
        and before
        and before.chosen == "number"
        and isinstance(before.number, int)
        and 0 < before.number <= 1000
    ):
        limit = before.number
        r.used.add(r.place - 1)
    place = r.following(r.place + 1)
    after = r.chunk_at(place)
    if limit is None and after and after.chosen == "number" and isinstance(after.number, int) and after.number <= 1000:
        limit, place = after.number, r.following(place + 1)
    return limit, place


def _hinted_superlative(r: Reader, cue: Cue, limit: int | None, place: int) -> bool:
    chunk = r.chunk_at(place)
    table = chunk.table if chunk and chunk.chosen == "name:table" else None
    if table is None and chunk and chunk.chosen == "name:column" and chunk.column:
        table = r.catalog.tables[chunk.column.table]
    said = r.pending[-1] if r.pending and not r.pending[-1].projected else None
    if r.chunks[r.place].text.lower() == "last" and table is None:
        return False
    column = r.hinted(cue.hints, table or r.focus)
    if "date" in cue.hints and table is None:
        dated = date_column(r, said)
        column = dated or column
        if said and isinstance(said.expr, ir.Col) and said.expr.column == column:
            r.pending.remove(said)
    if column is None:
        return False
    r.take()
    down = (cue.value == "max") != _reversed(cue, column)
    r.query.order.append((ir.Col(column), down))
    r.query.limit = limit or 1
    return True


def _reversed(cue: Cue, column: Column) -> bool:
    """An old person has a small birth date; a fast runner a small time."""
    for hint in cue.hints:
        if hint.startswith("-") and hint[1:] in column.words:
            return True
    birthlike = (
        {"birth", "found", "founded", "open", "opened", "start"} & set(column.words)
        or column.kind == "date"
        or column.year
    )
    return bool("age" in cue.hints and birthlike)


def _row_wanted(r: Reader) -> bool:
    """Say whether the question asks who or which one, rather than how much."""
    return bool(r.wanted) or r.subject is not None


def _also(r: Reader, expr: ir.Expr) -> None:
    """Read "highest and lowest price" backwards: a superlative left open before takes the same column."""
    for place in range(r.place - 2, -1, -1):
        chunk = r.chunks[place]
        if place not in r.used and chunk.chosen == "cue" and (cue := chunk.cue("super")) and not cue.hints:
            r.used.add(place)
            r.pending.append(Pending(ir.Agg(cue.value, expr), place, True))


def read_frequent(r: Reader, cue: Cue) -> bool:
    """Read "the most common nationality": the value that most rows have."""
    limit, place = _limit(r)
    r.take(place - r.place)
    r.skip_fillers("distinct")
    if (chunk := r.now) and chunk.text.lower() == "of":
        r.take()
        r.skip_fillers()
    chunk = r.now
    counted: ir.Expr
    shown = [p.expr for p in r.pending if p.projected]
    if chunk and chunk.chosen == "name:column" and chunk.column and shown and not any(map(ir.is_aggregate, shown)):
        r.take()
        most = ir.Query(select=[ir.Col(chunk.column)], group=[ir.Col(chunk.column)], limit=1)
        most.order = [(ir.Agg("count", ir.Star(chunk.column.table)), cue.value == "max")]
        say_compare(r, ir.Col(chunk.column), "=", most)
        return True
    if chunk and chunk.chosen == "name:column" and chunk.column:
        r.project(ir.Col(chunk.column), projected=not shown)
        r.query.group.append(ir.Col(chunk.column))
        counted = ir.Agg("count", ir.Star(chunk.column.table))
        r.take()
    elif chunk and chunk.chosen == "name:table" and chunk.table:
        r.speak_of(chunk.table)
        r.pending.append(Pending(ir.Star(chunk.table.id), r.place, True, entity=True))
        counted = ir.Agg("count", ir.Star(chunk.table.id))
        r.take()
    else:
        last = next((p for p in reversed(r.pending) if p.projected), None)
        if last is None or not isinstance(last.expr, ir.Col | ir.Star):
            return False
        table = last.expr.column.table if isinstance(last.expr, ir.Col) else last.expr.table
        if isinstance(last.expr, ir.Col) and last.expr.column not in r.catalog.tables[table].display:
            r.query.group.append(last.expr)
        counted = ir.Agg("count", ir.Star(table))
    r.query.order.append((counted, cue.value == "max"))
    r.query.limit = limit or 1
    return True
