"""Findings on single figures, on figures row by row, on lists, and on what is missing."""

import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import compress
from math import fsum, isnan, sqrt
from operator import mul

from core.pipelines.answering.analysis.drafting import Drafted
from core.pipelines.answering.analysis.roles import Role
from core.pipelines.answering.analysis.statistics import NO_LABEL, Column, Statistics
from core.pipelines.answering.analysis.view import (
    figure_name,
    growth_of,
    is_growth,
    label_of,
    naming,
    naming_columns,
    nouns,
    text_of,
    total_name,
    written,
)
from core.pipelines.answering.analysis.words import human, listed, number, percent, plural, sentence, stopped
from levada.v1 import event_pb2 as events
from levada.v1.event_pb2 import Figure


def single(stats: Statistics) -> Iterator[Drafted]:
    """Say the one row there is."""
    about = [
        text_of(column, column.label(0))
        for column in stats.columns
        if column.role in (Role.CATEGORY, Role.TIME, Role.IDENTIFIER) and column.label(0) is not None
    ]
    measures = [column for column in stats.columns if column.role is Role.MEASURE and column.values]
    if not measures:
        yield Drafted(60, events.FINDING_KIND_UNSPECIFIED, stopped(f"The answer is {listed(about)}"))
    for place, column in enumerate(measures):
        value = column.values[0]
        name = human(column.name)
        text = f"{', '.join(about)}: {name} is" if about else f"The {name} is"
        if about and is_growth(column) and stats.shape.limited:
            text = f"{', '.join(about)} grew most: {growth_of(column)} by"
        figures = [Figure(name=name, value=value, unit=column.unit, label=", ".join(about))]
        text = f"{sentence(text)} {written(column, value, exact=True)}."
        yield Drafted(60 - place, events.FINDING_KIND_TOTAL, text, figures)


def distribution(stats: Statistics, column: Column) -> Iterator[Drafted]:
    """Say how a figure spreads over rows."""
    values = column.values
    if len(values) < 8 or min(values) == max(values):
        return
    low, high = min(values), max(values)
    mean, middle = statistics.fmean(values), statistics.median(values)
    text = (
        f"{sentence(figure_name(column))} ranges from {written(column, low)} to {written(column, high)}; "
        f"half of the {len(values):,} rows have {written(column, middle)} or less, "
        f"the average is {number(mean, column.unit)}."
    )
    figures = [
        Figure(name=name, value=value, unit=column.unit)
        for name, value in (("smallest", low), ("largest", high), ("median", middle), ("average", mean))
    ]
    yield Drafted(48, events.FINDING_KIND_TOTAL, text, figures)
    if column.additive:
        total = fsum(values)
        text = f"{total_name(column)} over {len(values):,} rows is {written(column, total)}."
        figures = [Figure(name="total", value=total, unit=column.unit)]
        yield Drafted(56, events.FINDING_KIND_TOTAL, text, figures)


def _how_many(stats: Statistics, things: str, truncated: bool) -> str:
    """Say how many *things* are listed; that there are so many only where none can be missing."""
    one = stats.rows == 1
    if truncated:
        return f"The first {things} {'is' if one else 'are'} listed and there are more"
    if stats.cut:
        return f"The first {things} {'is' if one else 'are'} listed, of perhaps more"
    return f"There {'is' if one else 'are'} {things}"


def listing(stats: Statistics, *, truncated: bool = False) -> Iterator[Drafted]:
    """Say how many things a list without figures holds, and name the first."""
    columns = naming_columns(stats)
    text = _how_many(stats, plural(stats.rows, nouns(columns)), truncated)
    name = naming(stats)
    shown = [name(row) for row in range(min(stats.rows, 5))] if columns else []
    if all(shown) and shown:
        text += f": {listed(shown)}" if stats.rows <= 5 else f", among them {listed(shown[:3])}"
    yield Drafted(60, events.FINDING_KIND_TOTAL, stopped(text), [Figure(name="rows", value=stats.rows)])


def commonest(stats: Statistics) -> Iterator[Drafted]:
    """Say which value of a category is the most common, where rows are things and values come again."""
    names = naming_columns(stats)
    for column in stats.having(Role.CATEGORY):
        different = len(column.labels or ())
        if column.codes is None or column in names or not 2 <= different <= min(50, stats.rows / 4):
            continue
        (code, count), *_ = Counter(code for code in column.codes if code != NO_LABEL).most_common(1)
        text = (
            f"The most common {human(column.name)} is {label_of(column, code)}: "
            f"{count:,} of {stats.rows:,} rows ({percent(count / stats.rows)})."
        )
        figures = [Figure(name="share", value=count / stats.rows * 100, unit="%", label=label_of(column, code))]
        yield Drafted(44, events.FINDING_KIND_SHARE, text, figures)


def missing(stats: Statistics) -> Iterator[Drafted]:
    """Say where values are missing often enough to matter."""
    for column in stats.columns:
        share = column.nulls / stats.rows
        if share < 0.05:
            continue
        name = human(column.name)
        if column.nulls == stats.rows:
            text = f"No row has a value for {name}."
        else:
            text = f"{sentence(name)} is missing in {column.nulls:,} of {stats.rows:,} rows ({percent(share)})."
        yield Drafted(30, events.FINDING_KIND_SHARE, text, [Figure(name="missing", value=share * 100, unit="%")])


def together(stats: Statistics) -> Iterator[Drafted]:
    """Say whether two figures go together."""
    measures = stats.measures
    if len(measures) != 2 or stats.rows < 10:
        return
    strength = _correlation(*(column.numbers or () for column in measures))
    if abs(strength) < 0.5:
        return
    one, other = (figure_name(column) for column in measures)
    text = (
        f"Rows with more {one} {'also' if strength > 0 else 'rather'} have {'more' if strength > 0 else 'less'} "
        f"{other} (correlation {strength:.2f})."
    )
    yield Drafted(46, events.FINDING_KIND_TREND, text, [Figure(name="correlation", value=strength)])


def _correlation(first: Sequence[float], second: Sequence[float]) -> float:
    """Return Pearson's r over the rows that have both; 0 when there are too few or one of them never changes."""
    there = [not isnan(one + other) for one, other in zip(first, second, strict=True)]
    sides = [list(compress(side, there)) for side in (first, second)]
    if len(sides[0]) < 10:
        return 0.0
    middles = [fsum(side) / len(side) for side in sides]
    one, other = ([value - middle for value in side] for side, middle in zip(sides, middles, strict=True))
    scatter = sqrt(fsum(map(mul, one, one)) * fsum(map(mul, other, other)))
    return fsum(map(mul, one, other)) / scatter if scatter else 0.0
