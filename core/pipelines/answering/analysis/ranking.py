"""Findings across names: who is first and last, who has which share, who is unlike the rest."""

import statistics
from collections.abc import Iterator
from math import fsum

from core.pipelines.answering.analysis.drafting import Drafted, outlier
from core.pipelines.answering.analysis.outliers import far_from_mean
from core.pipelines.answering.analysis.statistics import Column
from core.pipelines.answering.analysis.view import (
    Ranked,
    figure_name,
    gained,
    growth_of,
    is_growth,
    total_name,
    written,
)
from core.pipelines.answering.analysis.words import compared, listed, number, percent, plural, sentence, times
from levada.v1 import event_pb2 as events
from levada.v1.event_pb2 import Figure


def rank(ranked: Ranked, measure: Column, kind: str, *, whole: bool) -> Iterator[Drafted]:
    """Say what stands out among *ranked*; *kind* is what one of them is, *whole* tells that none is missing."""
    values = ranked.values
    if len(values) < 2:
        return
    if min(values) == max(values):
        yield _all_equal(ranked, measure, kind, whole)
        return
    total = fsum(values) if measure.additive and whole and min(values) >= 0 else 0.0
    yield from _first(ranked, measure, total)
    if total:
        yield _total(ranked, measure, kind, total)
        yield from _concentration(ranked, kind, measure, total)
    if whole:
        yield from _last(ranked, measure, total)
        yield from _outliers(ranked, measure, kind)


def _figure(name: str, value: float, unit: str = "", label: str = "") -> Figure:
    return Figure(name=name, value=value, unit=unit, label=label)


def _all_equal(ranked: Ranked, measure: Column, kind: str, whole: bool) -> Drafted:
    value = ranked.values[0]
    things = f"{plural(len(ranked.values), kind)}{'' if whole else ' listed'}"
    text = f"All {things} have the same {figure_name(measure)}: {written(measure, value)}."
    return Drafted(50, events.FINDING_KIND_TOTAL, text, [_figure(figure_name(measure), value, measure.unit)])


def _first(ranked: Ranked, measure: Column, total: float) -> Iterator[Drafted]:
    name = figure_name(measure)
    best = ranked.values[ranked.order[0]]
    leaders = [place for place in ranked.order[:5] if ranked.values[place] == best]
    if len(leaders) == 5:
        return
    figures = [_figure(name, best, measure.unit, ranked.name(place)) for place in leaders]
    if len(leaders) > 1:
        who = listed([ranked.name(place) for place in leaders])
        text = f"{sentence(who)} share the highest {name}: {written(measure, best)}."
        yield Drafted(62, events.FINDING_KIND_EXTREME, text, figures)
        return
    first = sentence(ranked.name(leaders[0]))
    if is_growth(measure):
        yield _grew_most(first, ranked, measure, figures)
        return
    text = f"{first} has the highest {name}: {written(measure, best)}"
    if total:
        text += f", {percent(best / total)} of the total"
        figures.append(_figure("share", best / total * 100, "%", ranked.name(leaders[0])))
    second = ranked.values[ranked.order[1]]
    if second > 0:
        text += f"{' and' if total else ','} {_against(best, second, measure.unit)} {ranked.name(ranked.order[1])}"
        text += f" ({written(measure, second)})"
    yield Drafted(62, events.FINDING_KIND_SHARE if total else events.FINDING_KIND_EXTREME, f"{text}.", figures)


def _grew_most(first: str, ranked: Ranked, measure: Column, figures: list[Figure]) -> Drafted:
    best, second = (ranked.values[place] for place in ranked.order[:2])
    verb = "grew most" if best > 0 else "shrank least"
    text = (
        f"{first} {verb}: {growth_of(measure)} by {gained(measure, best)}, "
        f"ahead of {ranked.name(ranked.order[1])} ({gained(measure, second)})."
    )
    return Drafted(63, events.FINDING_KIND_EXTREME, text, figures)


def _against(best: float, second: float, unit: str) -> str:
    ratio = best / second
    return f"{times(ratio)} as much as" if ratio >= 2 and unit != "%" else compared(best, second, unit)


def _total(ranked: Ranked, measure: Column, kind: str, total: float) -> Drafted:
    count = len(ranked.values)
    mean = total / count
    text = (
        f"{total_name(measure)} over {plural(count, kind)} is {written(measure, total)}, "
        f"{number(mean, measure.unit)} on average."
    )
    figures = [_figure("total", total, measure.unit), _figure("average", mean, measure.unit)]
    return Drafted(58, events.FINDING_KIND_TOTAL, text, figures)


def _concentration(ranked: Ranked, kind: str, measure: Column, total: float) -> Iterator[Drafted]:
    """A few that make up most: said only when they are at most a third of eight or more."""
    count = len(ranked.values)
    so_far, needed = 0.0, 0
    while so_far < 0.8 * total:
        so_far += ranked.values[ranked.order[needed]]
        needed += 1
    if count >= 8 and 1 < needed <= count / 3:
        text = (
            f"{needed} of {plural(count, kind)} ({percent(needed / count)}) make up "
            f"{percent(so_far / total)} of the {figure_name(measure)}."
        )
        yield Drafted(57, events.FINDING_KIND_SHARE, text, [_figure("share", so_far / total * 100, "%")])


def _last(ranked: Ranked, measure: Column, total: float) -> Iterator[Drafted]:
    name = figure_name(measure)
    least = ranked.values[ranked.order[-1]]
    losers = [place for place in ranked.order[-6:] if ranked.values[place] == least]
    if len(losers) > 3:
        return
    who = listed([ranked.name(place) for place in losers])
    verb = "have" if len(losers) > 1 else "has"
    text = f"{sentence(who)} {verb} the lowest {name}: {written(measure, least)}"
    if total:
        text += f" ({percent(least / total)} of the total)"
    best = ranked.values[ranked.order[0]]
    if least > 0 and best / least >= 1.5 and measure.unit != "%":
        text += f"; the highest is {times(best / least)} as much"
    figures = [_figure(name, least, measure.unit, ranked.name(place)) for place in losers]
    yield Drafted(45, events.FINDING_KIND_EXTREME, f"{text}.", figures)


def _outliers(ranked: Ranked, measure: Column, kind: str) -> Iterator[Drafted]:
    """Name the values far from the others; where there are many, it is a long tail and said once."""
    mean = statistics.fmean(ranked.values)
    # However even the others are, a tenth more or less is no news.
    far = [one for one in far_from_mean(ranked.values) if abs(ranked.values[one.place] - mean) > 0.25 * abs(mean)]
    name = figure_name(measure)
    if len(far) > 3:
        most = ranked.values[far[0].place]
        text = (
            f"{len(far)} of {plural(len(ranked.values), kind)} lie far from the rest in {name}; "
            f"the farthest is {ranked.name(far[0].place) or 'one'} with {written(measure, most)} "
            f"against {number(mean, measure.unit)} on average."
        )
        figures = [_figure(name, most, measure.unit, ranked.name(far[0].place))]
        yield Drafted(54, events.FINDING_KIND_OUTLIER, text, figures, events.SEVERITY_MEDIUM)
        return
    for one in far[:2]:
        value, who = ranked.values[one.place], ranked.name(one.place) or f"One {kind}"
        text = (
            f"{sentence(who)} is unlike the rest: {name} {written(measure, value)}, where the average is "
            f"{number(mean, measure.unit)} ({abs(one.z):.1f} standard deviations {'above' if one.z > 0 else 'below'})."
        )
        figures = [_figure(name, value, measure.unit, who), _figure("z-score", one.z, label=who)]
        yield outlier(one.z, text, figures)
