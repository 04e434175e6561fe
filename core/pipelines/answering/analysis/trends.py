"""Findings over time: total, direction, the last change, the highest and lowest, and what broke the pattern."""

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise
from math import fsum

from core.pipelines.answering.analysis.drafting import Drafted, change_severity
from core.pipelines.answering.analysis.outliers import around_line
from core.pipelines.answering.analysis.periods import SEASONS, Grain
from core.pipelines.answering.analysis.statistics import Column
from core.pipelines.answering.analysis.view import Point, Series, figure_name, total_name, written
from core.pipelines.answering.analysis.words import compared, number, percent, plural, sentence
from levada.v1 import event_pb2 as events
from levada.v1.event_pb2 import Figure


def over_time(series: Series, measure: Column, as_of: date | None = None) -> Iterator[Drafted]:
    """Say how *measure* went; a last period that *as_of* (the data's last day) falls short of is set apart."""
    whole, partial = _complete(series, as_of)
    if partial is not None:
        yield _incomplete(whole, partial, measure, as_of)
    points = whole.points
    if len(points) < 2:
        return
    if measure.additive:
        yield _total(series, measure)
    yield _extremes(whole, measure)
    if series.grain is Grain.PART:
        return
    yield from _last_change(whole, measure)
    yield from _direction(whole, measure)
    yield from _gaps(whole, measure)


def _complete(series: Series, as_of: date | None) -> tuple[Series, Point | None]:
    """Split off a last period that the data does not cover to its end."""
    last = series.points[-1] if series.points else None
    if last is None or as_of is None or last.period.last_day is None or last.period.last_day <= as_of:
        return series, None
    return replace(series, points=series.points[:-1]), last


def _incomplete(whole: Series, point: Point, measure: Column, as_of: date | None) -> Drafted:
    day = f"{as_of.day} {as_of:%B %Y}" if as_of else ""
    text = (
        f"{sentence(point.period.label)} is not over in the data, which ends on {day}: "
        f"{figure_name(measure)} so far is {written(measure, point.value)}"
    )
    before = whole.points[-1] if whole.points else None
    if measure.additive and before is not None and before.value > 0:
        text += f", {percent(point.value / before.value)} of all of {before.period.label}"
        text += f" ({written(measure, before.value)})"
    return Drafted(68, events.FINDING_KIND_TOTAL, f"{text}.", [_figure(measure, point)])


def _figure(measure: Column, point: Point) -> Figure:
    return Figure(name=figure_name(measure), value=point.value, unit=measure.unit, label=point.period.label)


def _total(series: Series, measure: Column) -> Drafted:
    points = series.points
    total = fsum(point.value for point in points)
    mean = total / len(points)
    first, last = points[0].period.label, points[-1].period.label
    text = (
        f"{total_name(measure)} from {first} to {last} is {written(measure, total)}, "
        f"on average {number(mean, measure.unit)} a {series.each}."
    )
    figures = [
        Figure(name="total", value=total, unit=measure.unit),
        Figure(name="average", value=mean, unit=measure.unit),
    ]
    return Drafted(58, events.FINDING_KIND_TOTAL, text, figures)


def _extremes(series: Series, measure: Column) -> Drafted:
    high = max(series.points, key=lambda point: point.value)
    low = min(series.points, key=lambda point: point.value)
    name = figure_name(measure)
    if high.value == low.value:
        text = f"{sentence(name)} is the same throughout: {written(measure, high.value)}."
        return Drafted(50, events.FINDING_KIND_EXTREME, text, [_figure(measure, high)])
    text = (
        f"{sentence(name)} is highest {series.at(high)} ({written(measure, high.value)}) "
        f"and lowest {series.at(low)} ({written(measure, low.value)})."
    )
    return Drafted(52, events.FINDING_KIND_EXTREME, text, [_figure(measure, high), _figure(measure, low)])


def _last_change(series: Series, measure: Column) -> Iterator[Drafted]:
    """Compare the last period with the one before, and with the same one a season ago where there is one."""
    points = series.points
    before, last = points[-2], points[-1]
    if before.value <= 0 or last.period.order - before.period.order != 1:
        return
    share = last.value / before.value - 1
    text = (
        f"{sentence(figure_name(measure))} {series.at(last)} is {written(measure, last.value)}, "
        f"{compared(last.value, before.value, measure.unit)} {series.at(before)} ({written(measure, before.value)})"
    )
    figures = [_figure(measure, last), Figure(name="change", value=share * 100, unit="%", label=before.period.label)]
    season = SEASONS.get(series.grain, 0)
    earlier = next((one for one in points if season and one.period.order == last.period.order - season), None)
    if earlier is not None and earlier.value > 0:
        since = last.value / earlier.value - 1
        text += f" and {compared(last.value, earlier.value, measure.unit)} {series.at(earlier)}"
        figures.append(Figure(name="change", value=since * 100, unit="%", label=earlier.period.label))
    weight = 60 + min(abs(share), 1) * (20 if len(points) == 2 else 8)
    yield Drafted(weight, events.FINDING_KIND_CHANGE, f"{text}.", figures, change_severity(share))


def _direction(series: Series, measure: Column) -> Iterator[Drafted]:
    """A season against the one before where there are two, else the line through all points."""
    season = SEASONS.get(series.grain, 0)
    if season and len(series.points) >= 2 * season and measure.additive and _unbroken(series):
        yield _season_against_season(series, measure, season)
    elif len(series.points) >= 4:
        yield from _line(series, measure)


def _unbroken(series: Series) -> bool:
    return all(after.period.order - before.period.order == 1 for before, after in pairwise(series.points))


def _season_against_season(series: Series, measure: Column, season: int) -> Drafted:
    before = fsum(point.value for point in series.points[-2 * season : -season])
    now = fsum(point.value for point in series.points[-season:])
    share = now / before - 1 if before > 0 else 0.0
    told = compared(now, before) if before > 0 else "as against"
    since, until = series.points[-season].period.label, series.points[-1].period.label
    text = (
        f"The last {season} {series.grain}s ({since} to {until}) bring {figure_name(measure)} of "
        f"{written(measure, now)}, {told} the {season} before ({written(measure, before)})."
    )
    figures = [
        Figure(name=figure_name(measure), value=now, unit=measure.unit, label=f"{since} to {until}"),
        Figure(name="change", value=share * 100, unit="%"),
    ]
    return Drafted(66 + min(abs(share), 1) * 8, events.FINDING_KIND_TREND, text, figures, change_severity(share))


def _line(series: Series, measure: Column) -> Iterator[Drafted]:
    points = series.points
    values = [point.value for point in points]
    mean = statistics.fmean(values)
    slope, fit, _ = around_line(values)
    if mean <= 0 or not slope:
        return
    gained = slope * (len(values) - 1) / mean
    name = sentence(figure_name(measure))
    if fit < 0.4 or abs(gained) < 0.05:
        yield Drafted(40, events.FINDING_KIND_TREND, f"{name} shows no clear direction from {_span(points)}.")
        return
    text = (
        f"{name} {'rises' if slope > 0 else 'falls'} from {_span(points)}, "
        f"by about {number(abs(slope), measure.unit)} a {series.each}."
    )
    figures = [Figure(name="slope", value=slope, unit=measure.unit), Figure(name="fit", value=fit)]
    yield Drafted(64, events.FINDING_KIND_TREND, text, figures)


def _span(points: Sequence[Point]) -> str:
    return f"{points[0].period.label} to {points[-1].period.label}"


def _gaps(series: Series, measure: Column) -> Iterator[Drafted]:
    """A few missing periods in a long series are worth a look; many are how the data is."""
    missing = [after.period.order - before.period.order - 1 for before, after in pairwise(series.points)]
    if not 0 < sum(missing) <= max(1, len(series.points) // 6) or series.grain is Grain.MOMENT:
        return
    place = next(place for place, gap in enumerate(missing) if gap)
    text = (
        f"{plural(sum(missing), series.grain.value)} in between {'has' if sum(missing) == 1 else 'have'} no "
        f"{figure_name(measure)} at all, the first after {series.points[place].period.label}."
    )
    figures = [Figure(name="missing", value=sum(missing))]
    yield Drafted(67, events.FINDING_KIND_OUTLIER, text, figures, events.SEVERITY_MEDIUM)
