"""Labels of time as periods that can be ordered, counted and named: "2025-10" is October 2025."""

import calendar
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from core.pipelines.answering.analysis.words import tokens


class Grain(StrEnum):
    YEAR = "year"
    QUARTER = "quarter"
    MONTH = "month"
    WEEK = "week"
    DAY = "day"
    MOMENT = "moment"
    # Parts that come again: the month or hour without its year or day.
    PART = "part"


SEASONS = {Grain.QUARTER: 4, Grain.MONTH: 12, Grain.WEEK: 52, Grain.DAY: 7}
_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name} | {
    name.lower(): number for number, name in enumerate(calendar.month_abbr) if name
}
_DAYS = {name.lower(): number for number, name in enumerate(calendar.day_name)}
_TEXTS = (
    (Grain.MONTH, re.compile(r"(\d{4})[-/](0[1-9]|1[0-2])")),
    (Grain.DAY, re.compile(r"(\d{4})-(\d\d)-(\d\d)")),
    (Grain.YEAR, re.compile(r"((?:19|20)\d\d)")),
    (Grain.QUARTER, re.compile(r"(\d{4})[- ]?Q([1-4])", re.IGNORECASE)),
    (Grain.WEEK, re.compile(r"(\d{4})[- ]?W(\d\d?)", re.IGNORECASE)),
    (Grain.MOMENT, re.compile(r"(\d{4})-(\d\d)-(\d\d)[T ]\d\d:\d\d.*")),
)
# What a whole number under such a name may be.
_PARTS = {
    "month": range(1, 13),
    "quarter": range(1, 5),
    "week": range(54),
    "day": range(1, 32),
    "weekday": range(8),
    "dow": range(8),
    "hour": range(24),
}


# A year or month under a name with one of these is a figure: "orders per year".
_FIGURES = {"per", "count", "number", "num", "total", "sum", "avg", "average"}


@dataclass(frozen=True, order=True)
class Period:
    """A stretch of time: *order* counts periods of its grain, so that neighbours differ by one."""

    order: int
    label: str
    first_day: date | None = None
    last_day: date | None = None


@dataclass(frozen=True)
class Timeline:
    """What a column's labels are in time: *periods* holds one per label, in the labels' order."""

    grain: Grain
    periods: Sequence[Period]


def may_be_time(name: Sequence[str]) -> bool:
    """Tell whether whole numbers in a column whose name has these words may be years, months and the like."""
    if _FIGURES & set(name):
        return False
    return "year" in name or bool(name and name[-1] in _PARTS)


def read(name: str, labels: Iterable[Any]) -> Timeline | None:
    """Read a column's different labels as time, all of them or none."""
    values = list(labels)
    if not values:
        return None
    if all(isinstance(value, date) for value in values):
        return _dates(values)
    if all(isinstance(value, str) for value in values):
        return _texts([value.strip() for value in values])
    if all(isinstance(value, int | float) and value == int(value) for value in values):
        return _numbers(tokens(name), [int(value) for value in values])
    return None


def period(grain: Grain, day: date) -> Period:
    """Return the period of *grain* that holds *day*."""
    match grain:
        case Grain.YEAR:
            return Period(day.year, str(day.year), date(day.year, 1, 1), date(day.year, 12, 31))
        case Grain.QUARTER:
            quarter = (day.month + 2) // 3
            last = _month_end(day.year, quarter * 3)
            first = date(day.year, quarter * 3 - 2, 1)
            return Period(day.year * 4 + quarter - 1, f"Q{quarter} {day.year}", first, last)
        case Grain.MONTH:
            label = f"{calendar.month_name[day.month]} {day.year}"
            return Period(day.year * 12 + day.month - 1, label, day.replace(day=1), _month_end(day.year, day.month))
        case Grain.WEEK:
            monday = day - timedelta(days=day.weekday())
            year, week, _ = day.isocalendar()
            return Period(monday.toordinal() // 7, f"week {week} of {year}", monday, monday + timedelta(days=6))
    return Period(day.toordinal(), f"{day.day} {calendar.month_name[day.month]} {day.year}", day, day)


def _dates(values: list[Any]) -> Timeline:
    moments = [value for value in values if isinstance(value, datetime)]
    if any((one.hour, one.minute, one.second, one.microsecond) != (0, 0, 0, 0) for one in moments):
        ordered = {moment: number for number, moment in enumerate(sorted(moments))}
        return Timeline(Grain.MOMENT, [Period(ordered[one], f"{one:%Y-%m-%d %H:%M}", one.date()) for one in moments])
    days = [value.date() if isinstance(value, datetime) else value for value in values]
    grain = _truncated_to(days)
    return Timeline(grain, [period(grain, day) for day in days])


def _truncated_to(days: list[date]) -> Grain:
    """Dates that all begin a year, quarter, month or week stand for it, as date_trunc writes them."""
    if len(days) > 1 and all(day.day == 1 for day in days):
        if all(day.month == 1 for day in days):
            return Grain.YEAR
        return Grain.QUARTER if all(day.month % 3 == 1 for day in days) else Grain.MONTH
    return Grain.WEEK if len(days) > 2 and all(day.weekday() == 0 for day in days) else Grain.DAY


def _texts(values: list[str]) -> Timeline | None:
    for grain, pattern in _TEXTS:
        if all(pattern.fullmatch(value) for value in values):
            try:
                return _matched(grain, [match for value in values if (match := pattern.fullmatch(value))])
            except ValueError:  # 2025-02-31 looks like a date and is none
                return None
    for names in (_MONTHS, _DAYS):
        if len(values) > 1 and all(value.lower() in names for value in values):
            return Timeline(Grain.PART, [Period(names[value.lower()], value) for value in values])
    return None


def _matched(grain: Grain, matches: list[re.Match[str]]) -> Timeline:
    if grain is Grain.MOMENT:
        return _dates([datetime.fromisoformat(match[0]) for match in matches])
    if grain is Grain.DAY:
        return _dates([date.fromisoformat(match[0]) for match in matches])
    figures = [[int(group) for group in match.groups()] for match in matches]
    if grain is Grain.YEAR:
        days = [date(year, 1, 1) for (year,) in figures]
    elif grain is Grain.QUARTER:
        days = [date(year, quarter * 3, 1) for year, quarter in figures]
    elif grain is Grain.WEEK:
        days = [date.fromisocalendar(year, max(week, 1), 1) for year, week in figures]
    else:
        days = [date(year, month, 1) for year, month in figures]
    return Timeline(grain, [period(grain, day) for day in days])


def _numbers(name: list[str], values: list[int]) -> Timeline | None:
    if "year" in name and all(1000 <= value <= 2999 for value in values):
        return Timeline(Grain.YEAR, [period(Grain.YEAR, date(value, 1, 1)) for value in values])
    part = name[-1] if name else ""
    if part not in _PARTS or not all(value in _PARTS[part] for value in values):
        return None
    labels = {value: calendar.month_name[value] if part == "month" else f"{part} {value}" for value in values}
    return Timeline(Grain.PART, [Period(value, labels[value]) for value in values])


def _month_end(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])
