"""Reads conditions without a comparing word: values found in the data, quoted texts, bare numbers."""

from core.models.offline import ir
from core.models.offline.comparisons import comparable, with_number
from core.models.offline.cues import Cue
from core.models.offline.periods import of_year
from core.models.offline.reader import Pending, Reader
from core.models.offline.saying import consume, say, say_compare
from core.models.offline.times import column_for_number, iso, year_bound

_AGES = {"old", "years", "age"}


def read_like(r: Reader, cue: Cue) -> bool:
    """Read "whose name contains 'x'"."""
    place = r.following(r.place + 1, "preposition")
    chunk = r.chunk_at(place)
    if chunk is None:
        return False
    if (
        chunk.chosen == "cue"
        and (cue_of := chunk.cue("super"))
        and cue_of.hints
        and (column := r.hinted(cue_of.hints, r.focus))
    ):
        r.take(place + 1 - r.place)
        r.query.order.append((ir.Col(column), cue_of.value == "max" and not column.year))
        return True
    wanted = chunk.literal if chunk.literal is not None else chunk.text if not chunk.chosen.startswith("name") else ""
    texts = [p for p in r.pending if isinstance(p.expr, ir.Col) and p.expr.column.kind == "text"]
    left = next((p for p in reversed(texts) if not p.projected), texts[-1] if texts else None)
    after = r.chunk_at(r.following(place + 1, "preposition"))
    if (
        after
        and after.chosen == "name:column"
        and after.column
        and (before := r.chunk_at(place + 1))
        and before.text == "in"
    ):
        r.used.add(r.chunks.index(after))
        left, place = Pending(ir.Col(after.column), r.place, False), r.chunks.index(after)
        r.pending.append(left)
    if not wanted or chunk.filler or (chunk.literal is None and cue.value == "contains" and chunk.chosen == "value"):
        return False
    target = left.expr if left else None
    if target is None and r.subject and r.subject.display:
        target = ir.Col(r.subject.display[0])
    if target is None:
        return False
    if (left and not left.projected) or (
        left and left.place >= r.place - 2 and len([p for p in r.pending if p.projected]) > 1
    ):
        r.pending.remove(left)
    pattern = {"contains": f"%{wanted}%", "starts": f"{wanted}%", "ends": f"%{wanted}"}[cue.value]
    r.used.update(range(r.place, place + 1))
    say_compare(r, target, "like", pattern)
    r.place = place + 1
    return True


def read_number(r: Reader) -> bool:
    """Read a bare number: what the column just said equals, or a year."""
    chunk = r.now
    assert chunk
    left = r.last_column()
    if _counts_rows(r):
        r.rows = int(chunk.number or 1)
        r.take()
        return True
    after = r.peek()
    later = r.peek(2)
    if after and after.chosen == "cue" and after.cue("after") and not (later and later.number is not None):
        spare = r.last_column(lambda column: not column.identifying and comparable(column, ">=", r))
        if spare and spare.projected:
            spare = None
        return with_number(r, spare.expr if spare else None, spare, ">=", r.place)
    before = r.chunks[r.place - 1] if r.place else None
    if before and before.text.lower() == "of" and r.place > 1:
        before = r.chunks[r.place - 2]
        if before.chosen == "name:table" and (
            exact := [k.element for k in before.columns if k.score >= 0.9 and k.element.numeric]
        ):
            r.take()
            say_compare(r, ir.Col(exact[0]), "=", chunk.number)
            return True
    if after and after.text.lower() in _AGES and (column := r.hinted(("age",), r.focus)):
        r.take(2)
        say_compare(r, ir.Col(column), "=", chunk.number)
        return True
    if before and before.cue("or") and r.conditions and isinstance(r.conditions[-1].condition, ir.Compare):
        last = r.conditions[-1].condition
        if last.op == "=" and isinstance(last.right, int | float):
            r.take()
            say_compare(r, last.left, "=", chunk.number)
            return True
    if before and before.chosen == "name:table" and before.table and len(before.table.primary_columns) == 1:
        key = before.table.primary_columns[0]
        if key.numeric:
            r.take()
            say_compare(r, ir.Col(key), "=", chunk.number)
            return True
    if left and isinstance(left.expr, ir.Col) and left.place >= r.place - 3:
        if left.expr.column.kind == "date" and isinstance(chunk.number, int):
            r.take()
            consume(r, left)
            year_bound(r, left.expr.column, "=", chunk.number)
            return True
        if left.expr.column.kind in ("number", "text"):
            value: object = chunk.number if left.expr.column.numeric else chunk.text
            r.take()
            consume(r, left)
            say_compare(r, left.expr, "=", value)
            return True
    after = r.peek()
    if after and after.chosen == "name:column" and after.column and after.column.numeric and not r.head:
        r.take(2)
        say_compare(r, ir.Col(after.column), "=", chunk.number)
        return True
    target = column_for_number(r, chunk.number)
    if isinstance(target, ir.Col):
        r.take()
        if target.column.kind == "date":
            period = of_year(int(chunk.number or 0))
            say(r, ir.Within(target.column, iso(period.start), iso(period.end), period.words, "year"))
        else:
            say_compare(r, target, "=", chunk.number if target.column.numeric else chunk.text)
        return True
    return False


def _counts_rows(r: Reader) -> bool:
    """Say whether the number here says how many rows to show: "the two shops with the most products"."""
    chunk, after = r.now, r.peek()
    if not chunk or not isinstance(chunk.number, int) or not 1 <= chunk.number <= 100 or not after:
        return False
    if after.chosen == "cue" and after.cue("super", "frequent"):
        return True
    later = any(c.chosen == "cue" and c.cue("super", "frequent") for c in r.chunks[r.place + 1 :])
    return r.head and later and after.chosen.startswith("name")
