"""Reads groups: "for each country", "per month"."""

from core.models.offline import ir
from core.models.offline.reader import Reader
from core.models.offline.times import date_column

_NAMES = ("year", "month", "quarter", "week", "day", "weekday", "hour")
UNITS = {name: name for name in _NAMES} | {f"{name}s": name for name in _NAMES}


def read_group(r: Reader) -> bool:
    """Read "for each country and year", "per month". Return whether a group was named."""
    r.take()
    if (chunk := r.now) and chunk.text.lower() == "all":
        return True
    found = 0
    while True:
        r.skip_fillers("distinct")
        chunk = r.now
        if chunk is None:
            break
        expr = group_expr(r, chunk)
        if expr is None:
            break
        last = r.pending[-1] if r.pending else None
        if isinstance(expr, ir.Star) and last and isinstance(last.expr, ir.Agg) and isinstance(last.expr.of, ir.Agg):
            last.expr = ir.PerRow(last.expr.of, expr.table)
            r.need(r.catalog.tables[expr.table])
            r.take()
            return True
        r.groups.append(expr)
        r.take()
        found += 1
        after = r.now
        if not (after and after.text.lower() in ("and", ",")):
            break
        then = r.chunk_at(r.following(r.place + 1, "each", "distinct"))
        if (
            then is None
            or group_expr(r, then) is None
            or (after.text == "," and found == 1 and then.chosen != "name:column")
        ):
            break
        if after.text == "," or (r.pending and not any(p.projected for p in r.pending)):
            break
        r.take()
        if r.now and r.now.cue("each"):
            r.take()
    return found > 0


def group_expr(r: Reader, chunk) -> ir.Expr | None:
    """Return what *chunk* groups by: a column, the rows of a table, or a unit of time."""
    unit = UNITS.get(chunk.text.lower())
    unnamed = chunk.chosen != "name:column" or chunk.column_score < 0.9
    if unit and unnamed and (column := date_column(r)):
        return ir.Bucket(column, unit)
    if chunk.chosen == "name:column" and chunk.column:
        return ir.Col(chunk.column)
    if chunk.chosen == "name:table" and chunk.table:
        return ir.Star(chunk.table.id)
    return None
