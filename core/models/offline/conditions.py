"""Reads conditions: comparisons, values found in the data, texts, times, and what is compared with an average."""

import datetime

from core.models.offline import ir
from core.models.offline.catalog import Column, Table
from core.models.offline.chunks import Chunk
from core.models.offline.cues import Cue
from core.models.offline.periods import Period, day_of, of_year
from core.models.offline.reader import Pending, Reader, Said

_FLIP = {"=": "!=", "!=": "=", ">": "<=", "<": ">=", ">=": "<", "<=": ">", "like": "not like"}
_NARROWING = {"of", "for", "in", "among", "across", "from", "at"}
_AGES = {"old", "years", "age"}


def say(r: Reader, condition: ir.Condition) -> None:
    """Add *condition*, denied where the words before it did."""
    if r.inside is not None and not r.negated:
        r.inside.where.append(condition)
        r.connector = "and"
        return
    r.conditions.append(Said(condition, r.connector, r.negated, r.both, r.excluded, r.place))
    r.connector, r.negated, r.excluded = "and", False, False
    r.leave_head()


def read_comparison(r: Reader, cue: Cue) -> bool:
    """Read "more than 3 orders", "age over 20", "between 5 and 10", "above the average"."""
    start, op = r.place, cue.value
    left = r.last_column(lambda column: _comparable(column, op, r))
    if cue.hints and (column := r.hinted(cue.hints, r.focus)):
        left = None
        target: ir.Expr | None = ir.Col(column)
    else:
        target = left.expr if left else _again(r)
    place = r.following(r.place + 1, "distinct")
    chunk = r.chunk_at(place)
    if (
        chunk
        and chunk.text.lower() in ("year", "the year")
        and (later := r.chunk_at(r.following(place + 1, "preposition")))
    ):
        if later.number is not None:
            target = ir.Col(chunk.column) if chunk.chosen == "name:column" and chunk.column else target
            r.used.add(place)
            place, chunk = r.following(place + 1, "preposition"), later
    if chunk is None:
        return False
    if op == "between":
        return _between(r, target, left, place)
    if chunk.chosen == "number":
        return _with_number(r, target, left, op, place)
    if chunk.chosen == "cue" and chunk.cue("aggregate", "super"):
        return _with_figure(r, target, left, op, place)
    if chunk.chosen == "period" and chunk.period:
        return _with_period(r, op, chunk.period, place, left)
    if chunk.literal is not None and target is not None:
        r.place = place
        consume(r, left)
        say_compare(r, target, op, _typed(target, chunk.literal))
        r.used.update(range(start, place + 1))
        r.place = place + 1
        return True
    if chunk.chosen == "value" and op in ("!=", "="):
        r.negated = op == "!="
        r.used.add(start)
        r.place = place
        return read_value(r)
    return False


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
        return left if not isinstance(left, ir.Col) or left.column.kind != "text" else None
    return None


def _comparable(column: Column, op: str, r: Reader) -> bool:
    """Say whether *column* can be more or less than something; ids only when said right before."""
    if op in ("=", "!=", "like"):
        return True
    if column.identifying:
        last = r.pending[-1]
        return column.numeric and last.place >= r.place - 2
    return column.kind in ("number", "date", "time") or _numbers_as_text(column)


def _numbers_as_text(column: Column) -> bool:
    return bool(column.samples) and all(s.replace(".", "", 1).replace(",", "").isdigit() for s in column.samples)


def consume(r: Reader, pending: Pending | None) -> None:
    """Take *pending* out of what would be selected, unless it was asked for by name at the head."""
    if pending and pending in r.pending and not (pending.projected and pending.place < r.place - 3):
        r.pending.remove(pending)


def say_compare(r: Reader, left: ir.Expr, op: str, right: object) -> None:
    if r.negated and op in _FLIP:
        op, r.negated = _FLIP[op], False
    say(r, ir.Compare(left, op, right))


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
        say(r, ir.Within(column, _iso(start), _iso(end)))
    elif low.number is not None and high.number is not None:
        if target is None:
            target = _column_for_number(r, low.number)
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


def _with_number(r: Reader, target: ir.Expr | None, left: Pending | None, op: str, place: int) -> bool:
    number = r.chunks[place].number
    end = place + 1
    after = r.chunk_at(end)
    later = r.chunk_at(end + 1)
    if after and after.chosen == "cue" and (cue := after.cue("after")) and not (later and later.number is not None):
        op, end = cue.value, end + 1
        r.used.add(end - 1)
    unit = r.chunk_at(r.following(end, "distinct", "preposition"))
    place_of_unit = r.following(end, "distinct", "preposition")
    if unit and unit.text.lower() in _AGES and (target is None or isinstance(target, ir.Agg)):
        if column := r.hinted(("age",), r.focus):
            target, left = ir.Col(column), None
            r.used.add(place_of_unit)
    if _counts(r, unit, target, left, end):
        assert unit
        measure = _unit_measure(r, unit)
        if measure is not None:
            target, left, end = measure, None, place_of_unit + 1
            r.used.add(place_of_unit)
    distant = left is None or (left.projected and left.place < r.place - 1)
    if unit and unit.chosen == "name:column" and unit.column and unit.column.numeric and (target is None or distant):
        left = None
        target, end = ir.Col(unit.column), place_of_unit + 1
        r.used.add(place_of_unit)
    if target is None:
        target = _age_of(r, number) or _column_for_number(r, number)
    if target is None:
        return False
    r.used.update(range(r.place, place + 1))
    consume(r, left)
    if isinstance(target, ir.Col) and target.column.kind == "date" and isinstance(number, int) and 1800 < number < 2200:
        _year_bound(r, target.column, op, number)
    else:
        say_compare(r, target, op, number)
    r.place = end
    return True


def _age_of(r: Reader, number: float | int | None) -> ir.Expr | None:
    """Read "students under 20" as their age."""
    before = r.chunks[r.place - 1] if r.place else None
    if number is None or number > 120 or not before or before.chosen != "name:table" or not before.table:
        return None
    return next((ir.Col(column) for column in before.table.columns if column.words == ("age",)), None)


def _year_bound(r: Reader, column: Column, op: str, year: int) -> None:
    starts, ends = f"{year}-01-01", f"{year + 1}-01-01"
    bounds = {">": (ends, ""), ">=": (starts, ""), "<": ("", starts), "<=": ("", ends), "=": (starts, ends)}
    if op in bounds:
        say(r, ir.Within(column, *bounds[op]))
    else:
        say(r, ir.Not(ir.Within(column, starts, ends)))


def _counts(r: Reader, unit: Chunk | None, target: ir.Expr | None, left: Pending | None, end: int) -> bool:
    """Say whether the number counts what follows it ("more than 3 orders") rather than measures what came before."""
    if unit is None or not unit.chosen.startswith("name"):
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
    column = unit.column
    assert column
    table = r.catalog.tables[column.table]
    if column in table.display or column.identifying:
        r.need(table)
        return ir.Agg("count", ir.Star(table.id))
    distinct = any(c.cue("distinct") for c in r.chunks[r.place : unit.start])
    return ir.Agg("count", ir.Col(column), distinct=distinct)


def _with_figure(r: Reader, target: ir.Expr | None, left: Pending | None, op: str, place: int) -> bool:
    """Read "older than the average", "more than the minimum salary", "than the average age of ..."."""
    chunk = r.chunk_at(place)
    assert chunk
    cue = chunk.cue("aggregate", "super")
    assert cue
    function = cue.value
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
    say(r, ir.Within(column, *(_iso(day) for day in bounds.get(op, (start, end))), period.words))
    r.place = place + 1
    return True


def read_period(r: Reader) -> bool:
    """Read "last month", "in March 2025" as a condition, "monthly" as a group."""
    chunk = r.now
    assert chunk and chunk.period
    left = r.last_column(lambda column: column.kind == "date")
    column = date_column(r, left)
    if column is None:
        return False
    if chunk.period.bucket:
        r.groups.append(ir.Bucket(column, chunk.period.bucket))
        r.take()
        return True
    start, end = resolved(r, chunk.period, column)
    if left and isinstance(left.expr, ir.Col) and left.expr.column == column:
        consume(r, left)
    say(r, ir.Within(column, _iso(start), _iso(end), chunk.period.words, chunk.period.span))
    r.take()
    return True


def resolved(r: Reader, period: Period, column: Column) -> tuple[datetime.date | None, datetime.date | None]:
    """Return the days of *period*; relative ones are seen from the last day in the data."""
    anchor = last_day(r, column)
    if period.unit:
        note = f"The data in {column.table}.{column.name} ends on {anchor.isoformat()}; times are counted from there."
        if anchor != r.today and note not in r.notes:
            r.notes.append(note)
    return period.resolve(anchor)


def last_day(r: Reader, column: Column) -> datetime.date:
    bounds = r.lookup.bounds(column.table, column.name)
    last = bounds[1] if bounds else None
    if isinstance(last, datetime.datetime):
        last = last.date()
    day = last if isinstance(last, datetime.date) else day_of(str(last)) if last else None
    return min(day, r.today) if day else r.today


def _iso(day: datetime.date | None) -> str:
    return day.isoformat() if day else ""


def date_column(r: Reader, left: Pending | None = None) -> Column | None:
    """Return the date that a time phrase is about: the one just said, else the main one of what is spoken of."""
    if left and isinstance(left.expr, ir.Col) and left.expr.column.kind == "date":
        return left.expr.column
    tables: list[str] = []
    for pending in reversed(r.pending):
        if isinstance(pending.expr, ir.Metric):
            tables += pending.expr.tables
    tables += [r.focus.id] if r.focus else []
    tables += [r.subject.id] if r.subject else []
    tables += list(r.context.mentioned)
    tables += [far for table in tables for far, key in r.joins.neighbours(table) if key.table == table]
    for table in dict.fromkeys(tables):
        if dated := _main_date(r, r.catalog.tables[table]):
            return dated
    return None


def _main_date(r: Reader, table: Table) -> Column | None:
    dates = [column for column in table.columns if column.kind == "date"]
    said = {token for chunk in r.chunks for token in chunk.text.lower().split()}
    stems = {word[:5] for word in said}

    def rank(column: Column) -> tuple[int, int]:
        named = sum(word[:5] in stems for word in column.core if len(word) > 3)
        own = any(word[:4] in {w[:4] for w in table.words} for word in column.words)
        return (-named, 0 if own else 1)

    return min(dates, key=rank) if dates else None


def _column_for_number(r: Reader, number: float | int | None) -> ir.Expr | None:
    """Return the column that a bare number is about: a year when it looks like one."""
    if isinstance(number, int) and 1800 < number < 2200:
        tables = [r.subject] if r.subject else []
        tables += [r.catalog.tables[name] for name in r.context.mentioned]
        for table in tables:
            if years := [column for column in table.columns if column.year]:
                return ir.Col(years[0])
        if column := date_column(r):
            return ir.Col(column)
    return None


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
    if left and not left.projected:
        r.pending.remove(left)
    elif left and left.place >= r.place - 2 and len([p for p in r.pending if p.projected]) > 1:
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
        spare = r.last_column(lambda column: _comparable(column, ">=", r))
        return _with_number(r, spare.expr if spare else None, spare, ">=", r.place)
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
            _year_bound(r, left.expr.column, "=", chunk.number)
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
    target = _column_for_number(r, chunk.number)
    if isinstance(target, ir.Col):
        r.take()
        if target.column.kind == "date":
            period = of_year(int(chunk.number or 0))
            say(r, ir.Within(target.column, _iso(period.start), _iso(period.end), period.words, "year"))
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


def _typed(target: ir.Expr, text: str) -> object:
    if isinstance(target, ir.Col) and target.column.numeric:
        try:
            return float(text) if "." in text else int(text)
        except ValueError:
            return text
    return text


def read_value(r: Reader) -> bool:
    """Read words found in the data: the column that holds them equals them."""
    chunk = r.now
    assert chunk
    if not chunk.values:
        return _unfound(r, chunk)
    best = chunk.values[0]
    column = r.catalog.column(best.table, best.column)
    if column is None:
        return False
    said = next((p for p in reversed(r.pending[-3:]) if isinstance(p.expr, ir.Col) and p.expr.column == column), None)
    if said and (not said.projected or said.place >= r.place - 2) and _other_shown(r, said):
        r.pending.remove(said)
    head = r.head
    say_compare(r, ir.Col(column), "=", _typed(ir.Col(column), best.value) if column.numeric else best.value)
    after = r.peek()
    r.head = head and bool(after and after.chosen.startswith("name"))
    r.take()
    return True


def _other_shown(r: Reader, said: Pending) -> bool:
    return not said.projected or r.head is False or any(p is not said and p.projected for p in r.pending)


def _unfound(r: Reader, chunk: Chunk) -> bool:
    """A quoted text that the index does not hold is compared with the column said before it."""
    left = r.last_column()
    if chunk.literal is None or left is None or not isinstance(left.expr, ir.Col):
        return False
    r.penalties.append("value not found")
    r.take()
    consume(r, left)
    say_compare(r, left.expr, "=", _typed(left.expr, chunk.literal))
    return True
