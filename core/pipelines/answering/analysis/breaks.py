"""Where a figure over time breaks its own pattern: measured against a season ago, else against its own line."""

import statistics
from collections.abc import Iterator, Sequence
from datetime import date

from core.pipelines.answering.analysis.drafting import Drafted, outlier
from core.pipelines.answering.analysis.outliers import Far, around_line, far_from_mean, far_from_usual
from core.pipelines.answering.analysis.periods import SEASONS, Grain
from core.pipelines.answering.analysis.statistics import Column
from core.pipelines.answering.analysis.view import Point, Series, figure_name, written
from core.pipelines.answering.analysis.words import percent, sentence
from levada.v1.event_pb2 import Figure

# What more than doubles or halves every season has no pattern to break yet.
STEADY = 1.0


def breaks(series: Series, measure: Column, as_of: date | None = None) -> Iterator[Drafted]:
    """Name the periods that are unlike what came before, neighbours together, at most two of them."""
    points = [
        point
        for point in series.points
        if as_of is None or point.period.last_day is None or point.period.last_day <= as_of
    ]
    if series.grain in (Grain.PART, Grain.MOMENT):
        return
    compared = _with_a_season_ago(points, SEASONS.get(series.grain, 0))
    if len(compared) >= 6:
        yield from _against_last_season(series, compared, measure)
    else:
        yield from _against_line(series, points, measure)


def _with_a_season_ago(points: Sequence[Point], season: int) -> list[tuple[Point, Point]]:
    """Pair each point with the one a season before; a point that was itself a break is no measure for the next."""
    known = {point.period.order: point for point in points}
    # What was next to nothing a season ago says nothing by its multiple.
    least = statistics.median(point.value for point in points) / 4 if points else 0.0
    pairs = [
        (point, before)
        for point in points
        if season and (before := known.get(point.period.order - season)) and before.value > max(least, 0)
    ]
    broken = {pairs[one.place][0].period.order for one in far_from_usual(_ratios(pairs)) if one.z < -3}
    return [(point, before) for point, before in pairs if before.period.order not in broken]


def _ratios(pairs: Sequence[tuple[Point, Point]]) -> list[float]:
    return [point.value / before.value for point, before in pairs]


def _against_last_season(series: Series, pairs: Sequence[tuple[Point, Point]], measure: Column) -> Iterator[Drafted]:
    ratios = _ratios(pairs)
    usual = statistics.median(ratios) - 1
    if abs(usual) > STEADY:
        return
    ago = "week" if series.grain is Grain.DAY else "year"
    for run in _runs(far_from_usual(ratios), [pair[0] for pair in pairs])[:2]:
        worst = max(run, key=lambda one: abs(one.z))
        point, before = pairs[worst.place]
        share = ratios[worst.place] - 1
        text = (
            f"{_subject(series, measure)} breaks its pattern in {_stretch(run, [pair[0] for pair in pairs])}: "
            f"{written(measure, point.value)} {series.at(point)} is {percent(abs(share))} "
            f"{'above' if share > 0 else 'below'} {before.period.label}, where the usual {series.each} is "
            f"{percent(abs(usual))} {'above' if usual >= 0 else 'below'} the one a {ago} before."
        )
        yield outlier(worst.z, text, _figures(series, measure, point, worst, share))


def _against_line(series: Series, points: Sequence[Point], measure: Column) -> Iterator[Drafted]:
    if len(points) < 8:
        return
    _, _, left = around_line([point.value for point in points])
    for run in _runs(far_from_mean(left), points)[:2]:
        worst = max(run, key=lambda one: abs(one.z))
        point = points[worst.place]
        text = (
            f"{_subject(series, measure)} stands out in {_stretch(run, points)}: {written(measure, point.value)} "
            f"{series.at(point)} is {abs(worst.z):.1f} standard deviations "
            f"{'above' if worst.z > 0 else 'below'} its course."
        )
        yield outlier(worst.z, text, _figures(series, measure, point, worst, None))


def _figures(series: Series, measure: Column, point: Point, far: Far, share: float | None) -> list[Figure]:
    label = f"{series.label}, {point.period.label}" if series.label else point.period.label
    figures = [
        Figure(name=figure_name(measure), value=point.value, unit=measure.unit, label=label),
        Figure(name="z-score", value=far.z, label=label),
    ]
    if share is not None:
        figures.append(Figure(name="change", value=share * 100, unit="%", label=label))
    return figures


def _subject(series: Series, measure: Column) -> str:
    name = figure_name(measure)
    return sentence(f"{name} of {series.label}" if series.label else name)


def _runs(far: Sequence[Far], points: Sequence[Point]) -> list[list[Far]]:
    """Join neighbours on the same side into runs, the strongest run first."""
    runs: list[list[Far]] = []
    for one in sorted(far, key=lambda one: one.place):
        last = runs[-1][-1] if runs else None
        order = points[one.place].period.order
        if last and (last.z > 0) == (one.z > 0) and points[last.place].period.order == order - 1:
            runs[-1].append(one)
        else:
            runs.append([one])
    return sorted(runs, key=lambda run: -max(abs(one.z) for one in run))


def _stretch(run: Sequence[Far], points: Sequence[Point]) -> str:
    first, last = points[run[0].place].period.label, points[run[-1].place].period.label
    return first if len(run) == 1 else f"{first} to {last}"
