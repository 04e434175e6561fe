"""Reads comparisons: with numbers, times, averages and other figures, and with other rows."""

from core.models.offline import ir
from core.models.offline.catalog import Column
from core.models.offline.chunks import Chunk
from core.models.offline.cues import Cue
from core.models.offline.found import read_value
from core.models.offline.periods import Period
from core.models.offline.reader import Pending, Reader
from core.models.offline.saying import consume, say, say_compare, typed
from core.models.offline.times import column_for_number, date_column, iso, of_age, resolved, year_bound

_NARROWING = {"of", "for", "in", "among", "across", "from", "at"}
_AGES = {"old", "years", "age"}


def read_comparison(r: Reader, cue: Cue) -> bool:
    """Read "more than 3 orders", "age over 20", "between 5 and 10", "above the average"."""
    start, op = r.place, cue.value
    left = r.last_column(lambda column: comparable(column, op, r))
    if cue.hints and (column := r.hinted(cue.hints, r.focus)):
        left = None
        target: ir.Expr | None = ir.Col(column)
    else:
        target = left.expr if left else _again(r)
    place = _past_verb(r, r.following(r.place + 1, "distinct"))
    if (column := _column_between(r, op, place)) is not None:
        inner = _past_than(r, place + 1)
        r.used.update(range(start, inner))
        left, target, place = None, ir.Col(column), inner
    elif (chunk := r.chunk_at(place)) and chunk.text.lower() in ("year", "the year"):
        r.used.add(place)
        place = r.following(place + 1, "preposition")
    chunk = r.chunk_at(place)
    return chunk is not None and _compare(r, cue, left, target, place, chunk)


def _column_between(r: Reader, op: str, place: int) -> Column | None:
    """Return the column said between the comparison and its number: "a higher price than 5", "after season 2010"."""
    chunk, later = r.chunk_at(place), r.chunk_at(_past_than(r, place + 1))
    if not chunk or chunk.chosen != "name:column" or not later or later.chosen == "cue":
        return None
    compared = later.number is not None or later.period or later.literal
    column = chunk.columns[0].element
    return column if compared and comparable(column, op, r, said=True) else None


def _compare(r: Reader, cue: Cue, left: Pending | None, target: ir.Expr | None, place: int, chunk: Chunk) -> bool:
    """Read what stands at *place*, after the comparing words, as what *target* is compared with."""
    start, op = r.place, cue.value
    if op == "between":
        return _between(r, target, left, place)
    if chunk.chosen == "number":
        return with_number(r, target, left, op, place)
    if (found := _other_rows(r, target, left, op, place)) is not None:
        return found
    if chunk.chosen == "cue" and chunk.cue("aggregate", "super"):
        return _with_figure(r, target, left, op, place)
    if chunk.chosen == "period" and chunk.period:
        return _with_period(r, op, chunk.period, place, left)
    if chunk.literal is not None and target is not None:
        r.place = place
        consume(r, left)
        say_compare(r, target, op, typed(target, chunk.literal))
        r.used.update(range(start, place + 1))
        r.place = place + 1
        return True
    if chunk.chosen == "value" and op in ("!=", "="):
        r.negated = op == "!="
        r.used.add(start)
        r.place = place
        return read_value(r)
    return False


def _past_verb(r: Reader, place: int) -> int:
    """Go past a verb that no name matches: "have at least participated in two races"."""
    chunk, after = r.chunk_at(place), r.chunk_at(r.following(place + 1, "preposition"))
    if chunk and not chunk.chosen and not chunk.filler and chunk.text.isalpha() and after and after.number is not None:
        return r.following(place + 1, "preposition")
    return place


def _past_than(r: Reader, place: int) -> int:
    """Go past what stands between a column and what it is compared with: "a higher price than", "a salary of"."""
    while (chunk := r.chunk_at(place)) and (
        chunk.text.lower() in ("than", "of") or (chunk.filler and not chunk.chosen)
    ):
        place += 1
    return place


_ALL = {"all", "every", "any", "those"}
_SOME = {"some", "one"}


def _other_rows(r: Reader, target: ir.Expr | None, left: Pending | None, op: str, place: int) -> bool | None:
    """Read "higher than all songs in English", "than the price of some wines": against other rows' same column.

    Returns None when the words are not of that kind.
    """
    if op not in (">", "<") or not isinstance(target, ir.Col) or not target.column.numeric:
        return None
    said: set[str] = set()
    end = place
    while (chunk := r.chunk_at(end)) and (
        chunk.filler
        or chunk.text.lower() in ("of", "than")
        or (chunk.column and target.column in [k.element for k in chunk.columns])
    ):
        said.add(chunk.text.lower())
        end += 1
    words = {token.lower() for token in r.words[r.chunks[r.place].end : chunk.start if chunk else None]}
    if chunk is None or chunk.chosen not in {"name:table", "value"} or not words & (_ALL | _SOME):
        return None
    extreme = "max" if (op == ">") == bool(words & _ALL) else "min"
    inner = ir.Query(select=[ir.Agg(extreme, target)])
    r.used.update(range(r.place, end + (chunk.chosen == "name:table")))
    consume(r, left)
    say_compare(r, target, op, inner)
    r.inside = inner
    r.place = end + (chunk.chosen == "name:table")
    return True


def _again(r: Reader) -> ir.Expr | None:
    """Return what the last condition was about, for "... or higher than 900"."""
    before = r.chunks[r.place - 1] if r.place else None
    if (
        before
        and before.cue("or", "and", "but")
        and r.conditions
        and isinstance(r.conditions[-1].condition, ir.Compare)
    ):
        left = r.conditions[-1].condition.left
        compared = r.conditions[-1].condition.op in (">", "<", ">=", "<=")
        return left if compared or not isinstance(left, ir.Col) or left.column.kind != "text" else None
    return None


def comparable(column: Column, op: str, r: Reader, said: bool = False) -> bool:
    """Say whether *column* can be more or less than something; ids only when said right before."""
    if op in ("=", "!=", "like"):
        return True
    if column.identifying:
        if said or not r.pending:
            return False
        last = r.pending[-1]
        return column.numeric and last.place >= r.place - 2
    return column.kind in ("number", "date", "time") or _numbers_as_text(column)


def _numbers_as_text(column: Column) -> bool:
    return bool(column.samples) and all(s.replace(".", "", 1).replace(",", "").isdigit() for s in column.samples)


def _between(r: Reader, target: ir.Expr | None, left: Pending | None, place: int) -> bool:
    second = r.following(place + 1, "and", "preposition")
    low, high = r.chunk_at(place), r.chunk_at(second)
    if not low or not high:
        return False
    if low.period and high.period and low.chosen == high.chosen == "period":
        column = date_column(r, left)
        if column is None:
            return False
        if left and isinstance(left.expr, ir.Col):
            consume(r, left)
        start, end = low.period.start, high.period.end
        say(r, ir.Within(column, iso(start), iso(end)))
    elif low.number is not None and high.number is not None:
        if target is None:
            target = column_for_number(r, low.number)
        if target is None:
            return False
        consume(r, left)
        if isinstance(target, ir.Col) and target.column.kind == "date":
            say(r, ir.Within(target.column, f"{low.number}-01-01", f"{int(high.number) + 1}-01-01"))
        else:
            say(r, ir.Compare(target, "between", (low.number, high.number)))
    else:
        return False
    r.used.update({r.place, place, second})
    r.place = second + 1
    return True


def with_number(r: Reader, target: ir.Expr | None, left: Pending | None, op: str, place: int) -> bool:
    number = r.chunks[place].number
    end = place + 1
    after = r.chunk_at(end)
    later = r.chunk_at(end + 1)
    if after and after.chosen == "cue" and (cue := after.cue("after")) and not (later and later.number is not None):
        op, end = cue.value, end + 1
        r.used.add(end - 1)
    unit = r.chunk_at(r.following(end, "distinct", "preposition"))
    place_of_unit = r.following(end, "distinct", "preposition")
    aged = unit and unit.text.lower() in _AGES and (target is None or isinstance(target, ir.Agg))
    if aged and (column := r.hinted(("age",), r.focus)):
        target, left = ir.Col(column), None
        r.used.add(place_of_unit)
    if unit and _counts(r, unit, left) and (measure := _unit_measure(r, unit)) is not None:
        target, left, end = measure, None, place_of_unit + 1
        r.used.add(place_of_unit)
    distant = left is None or (left.projected and left.place < r.place - 1)
    if unit and unit.chosen == "name:column" and unit.column and unit.column.numeric and (target is None or distant):
        left = None
        target, end = ir.Col(unit.column), place_of_unit + 1
        r.used.add(place_of_unit)
    if unit and unit.text.lower() in ("records", "times", "entries", "rows") and (rows := r.subject or r.owner):
        target, left, end = ir.Agg("count", ir.Star(rows.id)), None, place_of_unit + 1
        r.used.add(place_of_unit)
    elif unit and unit.chosen == "value" and unit.values and (left is None or left.projected):
        target, left = ir.Agg("count", ir.Star(unit.values[0].table)), None
    if target is None:
        target = _age_of(r, number) or column_for_number(r, number)
    if target is None:
        return False
    r.used.update(range(r.place, place + 1))
    consume(r, left)
    dated = isinstance(target, ir.Col) and target.column.kind == "date"
    if isinstance(target, ir.Col) and dated and of_age(r, target.column, op, number):
        pass
    elif isinstance(target, ir.Col) and dated and isinstance(number, int) and 1800 < number < 2200:
        year_bound(r, target.column, op, number)
    else:
        say_compare(r, target, op, number)
    r.place = end
    return True


def _age_of(r: Reader, number: float | None) -> ir.Expr | None:
    """Read "students under 20" as their age."""
    before = r.chunks[r.place - 1] if r.place else None
    if number is None or number > 120 or not before or before.chosen != "name:table" or not before.table:
        return None
    return next((ir.Col(column) for column in before.table.columns if column.words == ("age",)), None)


def _counts(r: Reader, unit: Chunk, left: Pending | None) -> bool:
    """Say whether the number counts what follows it ("more than 3 orders") rather than measures what came before."""
    if not unit.chosen.startswith("name"):
        return False
    if left is not None and not left.projected and left.place >= r.place - 2:
        return False
    if left is not None and left.place == r.place - 1:
        return False
    return unit.chosen == "name:table" or not (unit.column and unit.column.numeric)


def _unit_measure(r: Reader, unit: Chunk) -> ir.Expr | None:
    if unit.chosen == "name:table" and unit.table:
        r.need(unit.table)
        return ir.Agg("count", ir.Star(unit.table.id))
    column = unit.columns[0].element
    table = r.catalog.tables[column.table]
    if column in table.display or column.identifying:
        r.need(table)
        return ir.Agg("count", ir.Star(table.id))
    distinct = any(c.cue("distinct") for c in r.chunks[r.place : unit.start])
    return ir.Agg("count", ir.Col(column), distinct=distinct)


def _with_figure(r: Reader, target: ir.Expr | None, left: Pending | None, op: str, place: int) -> bool:
    """Read "older than the average", "more than the minimum salary", "than the average age of ..."."""
    cue = r.chunks[place].cue("aggregate", "super")
    function = cue.value if cue else "avg"
    end = r.following(place + 1, "preposition", "count", "distinct")
    of = r.chunk_at(end)
    if of and of.chosen == "name:column" and of.column and of.column.numeric:
        measured = ir.Col(of.column)
        if target is None or not isinstance(target, ir.Col) or not target.column.numeric:
            target, left = measured, None
        end += 1
    elif isinstance(target, ir.Col) and target.column.numeric:
        measured, end = target, place + 1
    else:
        return False
    r.used.update(range(r.place, end))
    consume(r, left)
    inner = ir.Query(select=[ir.Agg(function, measured)])
    say_compare(r, target, op, inner)
    r.place = end
    if (after := r.now) and after.text.lower() in _NARROWING:
        r.inside = inner
    return True


def _with_period(r: Reader, op: str, period: Period, place: int, left: Pending | None) -> bool:
    column = date_column(r, left)
    if column is None:
        return False
    start, end = resolved(r, period, column)
    r.used.update(range(r.place, place + 1))
    consume(r, left if left and isinstance(left.expr, ir.Col) and left.expr.column == column else None)
    bounds = {">": (end, None), "<": (None, start), ">=": (start, None), "<=": (None, end), "=": (start, end)}
    begins, ends = bounds.get(op, (start, end))
    say(r, ir.Within(column, iso(begins), iso(ends), period.words if op == "=" else ""))
    r.place = place + 1
    return True
