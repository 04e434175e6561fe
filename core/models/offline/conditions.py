"""Reads conditions without a comparing word: values found in the data, quoted texts, bare numbers."""

from core.models.offline import ir
from core.models.offline.catalog import Column
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
    return any(read(r) for read in (_rows_to_show, _or_more, _of_what_was_said, _of_a_table, _of_a_column, _by_itself))


def _equal(r: Reader, column: Column, chunks: int = 1) -> bool:
    number = r.here.number if column.numeric else r.here.text
    r.take(chunks)
    say_compare(r, ir.Col(column), "=", number)
    return True


def _rows_to_show(r: Reader) -> bool:
    if not _counts_rows(r):
        return False
    r.rows = int(r.here.number or 1)
    r.take()
    return True


def _or_more(r: Reader) -> bool:
    """Read "two or more accounts"."""
    after, later = r.peek(), r.peek(2)
    if not after or after.chosen != "cue" or not after.cue("after") or (later and later.number is not None):
        return False
    spare = r.last_column(lambda column: not column.identifying and comparable(column, ">=", r))
    if spare and spare.projected:
        spare = None
    return with_number(r, spare.expr if spare else None, spare, ">=", r.place)


def _of_what_was_said(r: Reader) -> bool:
    """Read "a rating of 1", "20 years old", "district 1 or 2"."""
    before, after = r.peek(-1), r.peek()
    earlier = r.peek(-2)
    owned = before and earlier and before.text.lower() == "of" and earlier.chosen == "name:table"
    named = earlier.columns if owned and earlier else []
    if exact := [link.element for link in named if link.score >= 0.9 and link.element.numeric]:
        return _equal(r, exact[0])
    if after and after.text.lower() in _AGES and (column := r.hinted(("age",), r.focus)):
        return _equal(r, column, 2)
    last = r.conditions[-1].condition if r.conditions else None
    again = before and before.cue("or") and isinstance(last, ir.Compare) and last.op == "="
    if again and isinstance(last, ir.Compare) and isinstance(last.left, ir.Col) and isinstance(last.right, int | float):
        return _equal(r, last.left.column)
    return False


def _of_a_table(r: Reader) -> bool:
    """Read "department 80": the row with that key."""
    before = r.peek(-1)
    if not before or before.chosen != "name:table":
        return False
    keys = before.tables[0].element.primary_columns
    return len(keys) == 1 and keys[0].numeric and _equal(r, keys[0])


def _of_a_column(r: Reader) -> bool:
    left = r.last_column()
    if left and isinstance(left.expr, ir.Col) and left.place >= r.place - 3:
        column, number = left.expr.column, r.here.number
        if column.kind == "date" and isinstance(number, int):
            r.take()
            consume(r, left)
            year_bound(r, column, "=", number)
            return True
        if column.kind in ("number", "text"):
            consume(r, left)
            return _equal(r, column)
    after = r.peek()
    if after and after.chosen == "name:column" and after.columns[0].element.numeric and not r.head:
        return _equal(r, after.columns[0].element, 2)
    return False


def _by_itself(r: Reader) -> bool:
    number = r.here.number
    target = column_for_number(r, number)
    if not isinstance(target, ir.Col):
        return False
    if target.column.kind != "date":
        return _equal(r, target.column)
    r.take()
    period = of_year(int(number or 0))
    say(r, ir.Within(target.column, iso(period.start), iso(period.end), period.words, "year"))
    return True


def _counts_rows(r: Reader) -> bool:
    """Say whether the number here says how many rows to show: "the two shops with the most products"."""
    chunk, after = r.now, r.peek()
    if not chunk or not isinstance(chunk.number, int) or not 1 <= chunk.number <= 100 or not after:
        return False
    if after.chosen == "cue" and after.cue("super", "frequent"):
        return True
    later = any(c.chosen == "cue" and c.cue("super", "frequent") for c in r.chunks[r.place + 1 :])
    return r.head and later and after.chosen.startswith("name")
