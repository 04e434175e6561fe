"""Chooses what to say about a result, the most remarkable first."""

from collections.abc import Iterator
from datetime import date

from core.pipelines.answering.analysis import emptiness, premise, spread
from core.pipelines.answering.analysis.breaks import breaks
from core.pipelines.answering.analysis.drafting import Drafted
from core.pipelines.answering.analysis.ranking import rank
from core.pipelines.answering.analysis.roles import Role
from core.pipelines.answering.analysis.statistics import Column, Statistics
from core.pipelines.answering.analysis.trends import over_time
from core.pipelines.answering.analysis.view import by_label, by_row, naming_columns, noun, nouns, series, time_of
from levada.v1 import event_pb2 as events
from levada.v1.event_pb2 import Figure, Finding

MOST = 8
MOST_OUTLIERS = 3
# With more series than this, none is looked at alone.
MOST_SERIES = 12


def find(
    stats: Statistics,
    *,
    query_id: str = "",
    truncated: bool = False,
    question: str = "",
    as_of: date | None = None,
    why: str = "",
) -> list[Finding]:
    """Return at most eight findings on a result, the most remarkable first; always at least one.

    *truncated* tells that rows are missing from its end, which is then said. *as_of* is the data's last day, where
    known: a period that goes on after it is not compared with whole ones. *why* is the question as a person put it,
    where it takes for granted that something rose or fell.
    """
    drafted = sorted(
        [*_drafts(stats, question, truncated, as_of), *_premise(stats, why)], key=lambda draft: -draft.weight
    )
    far = [draft for draft in drafted if draft.kind == events.FINDING_KIND_OUTLIER]
    kept = [draft for draft in drafted if draft not in far[MOST_OUTLIERS:]][: MOST - truncated]
    if truncated:
        kept.append(_cut(stats))
    return [draft.finding(query_id) for draft in kept]


def _drafts(stats: Statistics, question: str, truncated: bool, as_of: date | None) -> Iterator[Drafted]:
    measures = stats.measures
    if not stats.rows:
        yield emptiness.nothing(question, stats.shape.conditions)
    elif stats.rows == 1 and all(column.nulls for column in stats.columns):
        yield emptiness.nothing(question, stats.shape.conditions, figure=True)
    elif stats.rows == 1:
        yield from spread.single(stats)
    elif not measures:
        yield from spread.listing(stats, truncated=truncated)
        yield from spread.commonest(stats)
        yield from spread.missing(stats)
    else:
        whole = not truncated and not stats.cut
        for place, measure in enumerate(measures[:3]):
            for draft in _on_measure(stats, measure, as_of, whole):
                yield _lighter(draft, place * 15)
        yield from spread.together(stats)
        if not stats.grouped:
            yield from spread.commonest(stats)
        yield from spread.missing(stats)


def _premise(stats: Statistics, why: str) -> Iterator[Drafted]:
    time = time_of(stats)
    if why and time is not None and stats.measures and stats.grouped:
        for line in series(stats, time, stats.measures[0]):
            yield from premise.checked(line, stats.measures[0], why)


def _on_measure(stats: Statistics, measure: Column, as_of: date | None, whole: bool) -> Iterator[Drafted]:
    time = time_of(stats)
    groups = [column for column in stats.having(Role.CATEGORY) if 2 <= len(column.labels or ()) < stats.rows]
    along = time is not None and len(time.labels or ()) > 1 and (stats.grouped or not stats.keys)
    if time is not None and along and not whole and stats.having(Role.CATEGORY):
        # A ranking over several times: its rows are no course, and what they add up to is nobody's total.
        yield from rank(by_row(stats, measure, time), measure, "row", whole=False)
        return
    if time is not None and along:
        lines = series(stats, time, measure)
        for line in lines:
            yield from over_time(line, measure, as_of)
            yield from breaks(line, measure, as_of)
        yield from _by_group(stats, time, measure, groups, as_of)
        return
    if names := naming_columns(stats):
        yield from rank(by_row(stats, measure), measure, nouns(names), whole=whole)
    if not stats.grouped:
        yield from spread.distribution(stats, measure)
    if measure.additive and groups and not stats.grouped:
        group = min(groups, key=lambda column: len(column.labels or ()))
        yield from rank(by_label(group, measure), measure, noun(group), whole=whole)


def _by_group(
    stats: Statistics, time: Column, measure: Column, groups: list[Column], as_of: date | None
) -> Iterator[Drafted]:
    """Compare what the figure is split by, and look for the one of them that broke its pattern."""
    for group in groups[:1]:
        if measure.additive:
            ranked = rank(by_label(group, measure), measure, noun(group), whole=not stats.cut)
            # The total was said over time already.
            yield from (draft for draft in ranked if draft.kind != events.FINDING_KIND_TOTAL)
        lines = series(stats, time, measure, group)
        if measure.additive:
            yield from premise.moved_most(lines, measure)
        for line in lines if len(lines) <= MOST_SERIES else ():
            # Which of them broke says more than that all together did.
            yield from (_lighter(draft, -10) for draft in breaks(line, measure, as_of))


def _lighter(draft: Drafted, by: float) -> Drafted:
    return Drafted(draft.weight - by, draft.kind, draft.text, draft.figures, draft.severity)


def _cut(stats: Statistics) -> Drafted:
    text = f"Only the first {stats.rows:,} rows were fetched and there are more: the figures here cover those rows."
    return Drafted(0, events.FINDING_KIND_UNSPECIFIED, text, [Figure(name="rows", value=stats.rows)])
