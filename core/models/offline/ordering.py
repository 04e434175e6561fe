"""Reads superlatives, orders and groups."""

from core.models.offline import ir
from core.models.offline.cues import Cue
from core.models.offline.measures import read_measure
from core.models.offline.reader import Reader


def read_order(r: Reader, cue: Cue) -> bool:
    """Read "sorted by age descending and name", "in alphabetical order of title"."""
    down = cue.value == "desc"
    r.take()
    r.leave_head()
    added = 0
    while True:
        r.skip_fillers("preposition", "and", "relative")
        chunk = r.now
        if chunk and chunk.chosen == "cue" and (direction := chunk.cue("direction") or chunk.cue("order")):
            down = direction.value == "desc" or (down and direction.value not in ("asc", "alpha"))
            if added and direction.kind == "direction":
                last, _ = r.query.order[-1]
                r.query.order[-1] = (last, down)
            r.take()
            continue
        if chunk and chunk.text == "," and added:
            r.take()
            continue
        if chunk and chunk.chosen == "cue" and chunk.cue("count"):
            counted = next((p.expr for p in r.pending if isinstance(p.expr, ir.Agg)), None)
            following = r.chunk_at(r.following(r.place + 1))
            if counted and not (following and following.chosen.startswith("name")):
                r.take()
                r.query.order.append((counted, down))
                added += 1
                continue
        expr: ir.Expr | None = read_measure(r) if not _ends_order(r) else None
        if expr is None and chunk and chunk.chosen == "name:column" and chunk.column:
            expr = ir.Col(chunk.column)
        if expr is None:
            break
        if isinstance(expr, ir.Agg) and chunk and chunk.chosen.startswith("name"):
            expr = _plain(r, chunk, expr)
        r.query.order.append((expr, down))
        added += 1
    if not added:
        _order_by_selected(r, cue, down)
    return True


def _ends_order(r: Reader) -> bool:
    chunk = r.now
    return (
        chunk is None
        or chunk.text in ("?", ".", ";")
        or (chunk.chosen == "cue" and bool(chunk.cue("relative", "each")))
    )


def _plain(r: Reader, chunk, expr: ir.Expr) -> ir.Expr:
    """An order "by name" is by the value, not by a count; "by orders" stays a count."""
    if chunk.chosen == "name:column":
        return ir.Col(chunk.column)
    table = chunk.table
    if r.subject and table and table.id == r.subject.id and table.display:
        return ir.Col(table.display[0])
    return expr


def _order_by_selected(r: Reader, cue: Cue, down: bool) -> None:
    shown: list[ir.Expr] = [p.expr for p in r.pending if p.projected and not p.entity]
    if cue.value == "alpha":
        texts: list[ir.Expr] = [e for e in shown if isinstance(e, ir.Col) and e.column.kind == "text"]
        shown = texts or shown
    if shown:
        r.query.order.append((shown[-1] if cue.value != "alpha" else shown[0], down))
    elif r.subject and r.subject.display:
        r.query.order.append((ir.Col(r.subject.display[0]), down))
