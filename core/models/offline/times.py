"""Reads times: which date a time phrase is about, and what it means counted from the last day in the data."""

import datetime

from sqlglot import exp, parse_one

from core.models.offline import ir
from core.models.offline.catalog import Column, Table
from core.models.offline.periods import Period, day_of, shift
from core.models.offline.reader import Pending, Reader
from core.models.offline.saying import consume, say
from core.models.offline.tables import tables_of


def read_period(r: Reader) -> bool:
    """Read "last month", "in March 2025" as a condition, "monthly" as a group."""
    period = r.here.period
    if period is None:
        return False
    left = r.last_column(lambda column: column.kind == "date")
    column = date_column(r, left)
    if column is None:
        return False
    if period.bucket:
        r.groups.append(ir.Bucket(column, period.bucket))
        r.take()
        return True
    start, end = resolved(r, period, column)
    if left and isinstance(left.expr, ir.Col) and left.expr.column == column:
        consume(r, left)
    say(r, ir.Within(column, iso(start), iso(end), period.words, period.span))
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


def iso(day: datetime.date | None) -> str:
    return day.isoformat() if day else ""


def date_column(r: Reader, left: Pending | None = None) -> Column | None:
    """Return the date that a time phrase is about: the one just said, else the main one of what is spoken of."""
    if left and isinstance(left.expr, ir.Col) and left.expr.column.kind == "date":
        return left.expr.column
    tables: list[str] = []
    for pending in reversed(r.pending):
        if isinstance(pending.expr, ir.Metric):
            tables += _eventful(r, pending.expr)
        elif isinstance(pending.expr, ir.Agg):
            tables += _measured(r, pending.expr)
    tables += [r.focus.id] if r.focus else []
    tables += [r.subject.id] if r.subject else []
    tables += list(r.context.mentioned)
    tables += [far for table in tables for far in _referred(r, table)]
    for table in dict.fromkeys(tables):
        if dated := _main_date(r, r.catalog.tables[table]):
            return dated
    return None


def _eventful(r: Reader, metric: ir.Metric) -> list[str]:
    """Return the tables of *metric*, those first whose date is the figure's: its own rows, then what most figures use.

    What was earned in a month was ordered in it, whenever the product was launched.
    """
    referred = {key.to_table for key in r.catalog.keys if key.table in metric.tables}
    figures = set(r.metrics.values())
    own = sorted(metric.tables, key=lambda t: (t in referred, -sum(t in figure.tables for figure in figures)))
    return [*(near for whole in _wholes(r, metric) for near in (whole, *_referred(r, whole))), *own]


def _wholes(r: Reader, metric: ir.Metric) -> list[str]:
    """Return the tables that *metric* is a share of: by the date of its parts, only parts would be counted."""
    division = parse_one(metric.sql, read=r.catalog.dialect).find(exp.Div)
    if division is None:
        return []
    sides = division.left, division.right
    parts, wholes = ({(one.table, one.name) for one in side.find_all(exp.Column)} for side in sides)
    keys = [key for key in r.catalog.keys if (key.table, key.column) in parts]
    return [key.to_table for key in keys if (key.to_table, key.to_column) in wholes]


def _measured(r: Reader, figure: ir.Agg) -> list[str]:
    """Return the tables whose date is that of the rows that *figure* is worked out of, and of what these belong to."""
    return [near for table in tables_of(figure) for near in (table, *_referred(r, table))]


def _referred(r: Reader, table: str) -> list[str]:
    return [far for far, key in r.joins.neighbours(table) if key.table == table]


def _main_date(r: Reader, table: Table) -> Column | None:
    dates = [column for column in table.columns if column.kind == "date"]
    said = {token for chunk in r.chunks for token in chunk.text.lower().split()}
    stems = {word[:5] for word in said}

    def rank(column: Column) -> tuple[int, bool, int]:
        named = sum(word[:5] in stems for word in column.core if len(word) > 3)
        own = any(word[:4] in {w[:4] for w in table.words} for word in column.words)
        return (-named, "birth" in column.words, 0 if own else 1)

    return min(dates, key=rank) if dates else None


def year_bound(r: Reader, column: Column, op: str, year: int) -> None:
    starts, ends = f"{year}-01-01", f"{year + 1}-01-01"
    bounds = {">": (ends, ""), ">=": (starts, ""), "<": ("", starts), "<=": ("", ends), "=": (starts, ends)}
    if op in bounds:
        say(r, ir.Within(column, *bounds[op]))
    else:
        say(r, ir.Not(ir.Within(column, starts, ends)))


def column_for_number(r: Reader, number: float | None) -> ir.Expr | None:
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


def of_age(r: Reader, column: Column, op: str, years: float | None) -> bool:
    """Read "older than 60" of a date of birth: born before the day 60 years ago."""
    if "birth" not in column.words or not isinstance(years, int) or years > 120 or op not in (">", ">=", "<", "<="):
        return False
    day = shift(r.today, "year", -years)
    after = iso(day + datetime.timedelta(days=1))
    bounds = {">": ("", iso(day)), ">=": ("", after), "<": (after, ""), "<=": (iso(day), "")}
    say(r, ir.Within(column, *bounds[op]))
    return True
