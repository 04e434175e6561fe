"""A result as an analyst lays it out: a figure by time, a figure by name, each with its words."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isnan
from typing import Any

from core.pipelines.answering.analysis.periods import Grain, Period
from core.pipelines.answering.analysis.roles import Role
from core.pipelines.answering.analysis.statistics import NO_LABEL, Column, Statistics
from core.pipelines.answering.analysis.words import human, number, singular, tokens

_SAYS_NO_THING = {"name", "title", "id", "full", "first", "last", "display", "short", "long"}
_NAMES = ({"first", "given", "forename"}, {"last", "family", "surname"})


@dataclass(frozen=True)
class Ranked:
    """Figures and, by their place, what each belongs to."""

    values: Sequence[float]
    name: Callable[[int], str]

    @cached_property
    def order(self) -> list[int]:
        """Places from the largest figure to the smallest."""
        return sorted(range(len(self.values)), key=self.values.__getitem__, reverse=True)


@dataclass(frozen=True)
class Point:
    """A figure and its period."""

    period: Period
    value: float


@dataclass(frozen=True)
class Series:
    """A figure over time; *label* says of what, empty when of everything."""

    label: str
    grain: Grain
    each: str
    points: Sequence[Point]

    def at(self, point: Point) -> str:
        """Say when: "in June 2026", "on 3 June 2026"."""
        day = self.grain in (Grain.DAY, Grain.MOMENT) or point.period.label.endswith("day")
        return f"{'on' if day else 'in'} {point.period.label}"


def time_of(stats: Statistics) -> Column | None:
    """Return the column to lay out along time: one with a year in it before one without."""
    timed = [column for column in stats.having(Role.TIME) if column.timeline]
    return min(timed, key=lambda column: column.timeline.grain is Grain.PART, default=None)  # type: ignore[union-attr]


def series(stats: Statistics, time: Column, measure: Column, by: Column | None = None) -> list[Series]:
    """Lay *measure* out along *time*, one series per value of *by*; empty where that would add up averages."""
    if time.timeline is None or time.codes is None or measure.numbers is None:
        return []
    sums: dict[int, dict[int, float]] = defaultdict(dict)
    groups = by.codes if by is not None and by.codes is not None else [NO_LABEL] * stats.rows
    for code, group, value in zip(time.codes, groups, measure.numbers, strict=True):
        if code == NO_LABEL or isnan(value):
            continue
        line = sums[group]
        if code in line and not measure.additive:
            return []
        line[code] = line.get(code, 0.0) + value
    timeline = time.timeline
    return [
        Series(
            label_of(by, group) if by is not None else "",
            timeline.grain,
            _each(time, timeline.grain),
            sorted((Point(timeline.periods[code], value) for code, value in line.items()), key=lambda one: one.period),
        )
        for group, line in sums.items()
    ]


def _each(time: Column, grain: Grain) -> str:
    if grain is Grain.MOMENT:
        return "row"
    return tokens(time.name)[-1] if grain is Grain.PART else grain.value


def label_of(column: Column, code: int) -> str:
    """Return a value as words."""
    value = None if code == NO_LABEL or not column.labels else column.labels[code]
    return text_of(column, value)


def text_of(column: Column, value: Any) -> str:
    if value is None:
        return f"no {human(column.name)}"
    if isinstance(value, bool):
        return f"{human(column.name)}: {'yes' if value else 'no'}"
    if column.timeline and column.labels:
        return column.timeline.periods[column.labels.index(value)].label
    if column.role is Role.IDENTIFIER:
        return f"{human(column.name)} {value}"
    return " ".join(str(value).split())[:80] or f"empty {human(column.name)}"


def naming(stats: Statistics) -> Callable[[int], str]:
    """Return what names a row in words; the empty text when nothing does."""
    columns = naming_columns(stats)
    between = " " if is_person(columns) else ", "
    return lambda row: between.join(text_of(column, column.label(row)) for column in columns)


def naming_columns(stats: Statistics) -> list[Column]:
    """Return the columns whose values together name a row."""
    words = [column for column in stats.having(Role.CATEGORY) if column.labels]
    person = [next((one for one in words if part & set(tokens(one.name))), None) for part in _NAMES]
    if all(person):
        return [one for one in person if one is not None]
    if words and stats.grouped:
        return words
    # Rows that are things: a name that few share, else what identifies them.
    named = [column for column in words if len(column.labels or ()) >= 0.8 * stats.rows]
    known = [column for column in stats.having(Role.IDENTIFIER) if len(column.labels or ()) == stats.rows]
    return (named or known)[:1]


def is_person(columns: Sequence[Column]) -> bool:
    return len(columns) == 2 and all(
        part & set(tokens(column.name)) for part, column in zip(_NAMES, columns, strict=True)
    )


def by_row(stats: Statistics, measure: Column, time: Column | None = None) -> Ranked:
    """Return each row's figure with the row's name, and its *time* where that tells rows apart."""
    numbers = measure.numbers or ()
    name = naming(stats)
    rows = [row for row, value in enumerate(numbers) if not isnan(value)]

    def named(place: int) -> str:
        when = f" in {text_of(time, time.label(rows[place]))}" if time is not None else ""
        return f"{name(rows[place])}{when}"

    return Ranked([numbers[row] for row in rows], named)


def by_label(column: Column, measure: Column) -> Ranked:
    """Add *measure* up per value of *column*."""
    sums: dict[int, float] = defaultdict(float)
    for code, value in zip(column.codes or (), measure.numbers or (), strict=True):
        if not isnan(value):
            sums[code] += value
    codes = list(sums)
    return Ranked(list(sums.values()), lambda place: label_of(column, codes[place]))


def noun(column: Column) -> str:
    """Return what one value of *column* is: "country" for country_name."""
    words = [word for word in human(column.name).split() if word not in _SAYS_NO_THING]
    return " ".join(words) or singular(human(column.table) if column.table else "row")


def nouns(columns: Sequence[Column]) -> str:
    """Return what the rows are that *columns* name together."""
    tables = {column.table for column in columns}
    if len(columns) == 1:
        return noun(columns[0])
    return singular(human(tables.pop())) if len(tables) == 1 and all(tables) else "row"


def total_name(column: Column) -> str:
    """Return how a measure's sum begins a sentence."""
    name = figure_name(column)
    return "The total" if name in ("total", "value") else f"Total {name}"


def figure_name(column: Column) -> str:
    """Return what a measure is, without the words that say how it was put together."""
    return human(column.name).removeprefix("total ").removeprefix("sum of ")


def is_growth(column: Column) -> bool:
    return column.name.startswith(("growth of ", "change of "))


def growth_of(column: Column) -> str:
    """Return what grew, where a measure is growth."""
    return human(column.name.partition(" of ")[2])


def gained(column: Column, value: float) -> str:
    """Write a growth with its sign: "+141.1 %"."""
    return f"{'+' if value > 0 else ''}{written(column, value)}"


def written(column: Column, value: float, *, exact: bool = False) -> str:
    """Write a value of *column* with its unit."""
    return number(value, column.unit, exact=exact)
