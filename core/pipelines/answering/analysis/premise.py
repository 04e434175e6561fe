"""Whether what a "why" takes for granted is so: that a figure rose or fell in the time it names."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from core.pipelines.answering.analysis.drafting import Drafted, change_severity
from core.pipelines.answering.analysis.statistics import Column
from core.pipelines.answering.analysis.view import Series, figure_name, written
from core.pipelines.answering.analysis.words import percent, sentence
from levada.v1.event_pb2 import FINDING_KIND_CHANGE, Figure, Finding

_FELL = re.compile(
    r"\b(drop|fall|fell|declin|decreas|sink|sank|shrink|shrank|slump|collaps|plung|crash|down\b|low\b|lower\b|worse)",
    re.IGNORECASE,
)
_ROSE = re.compile(
    r"\b(ris(e|ing)\b|rose\b|grow|grew\b|increas|jump|spik|soar|climb|surg|up\b|high\b|higher\b|better)", re.IGNORECASE
)
# Ahead of everything else: what follows would explain what did not happen.
_WEIGHT = 120.0
_STILL = 0.01
_MOVED_MOST = 85.0
_SINCE = "change from the one before"


def checked(series: Series, measure: Column, question: str) -> Iterator[Drafted]:
    """Say how the figure went in the period that *question* names, first that it is not as asked where it is not."""
    fell, rose = bool(_FELL.search(question)), bool(_ROSE.search(question))
    if fell == rose or series.label:
        return
    for before, point in pairwise(series.points):
        if not re.search(rf"\b{re.escape(point.period.label)}\b", question, re.IGNORECASE):
            continue
        if before.value <= 0 or point.period.order - before.period.order != 1:
            return
        share = point.value / before.value - 1
        text = f"{_claim(share, fell, figure_name(measure), series.at(point))} from {written(measure, before.value)} "
        text += f"{series.at(before)} to {written(measure, point.value)}"
        figures = [
            Figure(name=figure_name(measure), value=point.value, unit=measure.unit, label=point.period.label),
            Figure(name=_SINCE, value=share * 100, unit="%", label=before.period.label),
        ]
        yield Drafted(_WEIGHT, FINDING_KIND_CHANGE, f"{text}.", figures, change_severity(share))
        return


def moved_most(lines: Sequence[Series], measure: Column) -> Iterator[Drafted]:
    """Of figures in the same two periods, say whose change was the largest."""
    if len(lines) < 2 or any(len(line.points) > 2 for line in lines):
        return
    pairs = [(line.points[0], line.points[1], line.label) for line in lines if len(line.points) == 2]
    if not pairs:
        return
    before, after, label = max(pairs, key=lambda pair: abs(pair[1].value - pair[0].value))
    change = after.value - before.value
    if not change:
        return
    text = (
        f"{sentence(label)} {'gained' if change > 0 else 'lost'} most: {figure_name(measure)} went from "
        f"{written(measure, before.value)} in {before.period.label} to {written(measure, after.value)} in "
        f"{after.period.label} ({'+' if change > 0 else ''}{written(measure, change)})."
    )
    figures = [Figure(name="change", value=change, unit=measure.unit, label=label)]
    yield Drafted(_MOVED_MOST, FINDING_KIND_CHANGE, text, figures)


def is_from(finding: Finding) -> bool:
    """Tell whether *finding* is one of these: the answer to what was asked, ahead of any total."""
    return any(figure.name == _SINCE for figure in finding.figures)


def _claim(share: float, fell: bool, name: str, when: str) -> str:
    """Begin the sentence: that it went as asked, or that it did not."""
    went = "stayed about the same," if abs(share) < _STILL else f"{'rose' if share > 0 else 'fell'} by"
    moved = went if abs(share) < _STILL else f"{went} {percent(abs(share))},"
    if abs(share) >= _STILL and (share < 0) == fell:
        return f"{sentence(name)} {moved.removesuffix(',')} {when},"
    return f"{sentence(name)} did not {'drop' if fell else 'rise'} {when}: it {moved}"
