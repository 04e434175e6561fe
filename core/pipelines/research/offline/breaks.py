"""Breaks in patterns that tasks found, and which of them is to be looked at closer."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.pipelines.research.offline.span import Span, span_in
from core.pipelines.research.results import Found, Look, Query, Task
from core.pipelines.research.workflow import Workflow
from levada.v1.event_pb2 import FINDING_KIND_OUTLIER, FINDING_KIND_SHARE, Finding

FAR = 3.0
"""A z-score that is called far from usual (see answering.analysis.outliers)."""
MOST_PARTNERS, MOST_LED = 2, 6
CENT = 0.005
MANY = 3  # a task tells of no more
STATES = ("status", "state")
"""Columns that say how far something is: at the data's end more is under way than ever before."""
_FELL = re.compile(r"\b(?:drop|fall|fell|declin|decreas|sink|shrink|slump|collaps|lower|loss|lost)", re.IGNORECASE)
_ROSE = re.compile(r"\b(?:rise|rose|grow|grew|increas|jump|spik|higher|surge)", re.IGNORECASE)


@dataclass(frozen=True)
class Break:
    """A figure of the values *of* that is far (*z*) from its pattern in *span*; *by* is what it was split by there.

    *ongoing* tells that the data ends in that time: what is under way then is not what happened.
    """

    task: Task
    look: Look
    of: tuple[str, ...]
    by: str
    span: Span
    z: float
    rows: int
    finding: Finding
    ongoing: bool

    @property
    def value(self) -> str:
        return self.of[-1] if self.by and self.of else ""


def breaks(workflow: Workflow) -> list[Break]:
    """Return the breaks that were found, the farthest from what is usual first, of equal ones the finest split's."""
    found = [
        one
        for task, found in workflow.held
        if task.look is not None and not task.look.when
        for query in found.queries[:1]
        for one in _of_query(task, task.look, query)
    ]
    return sorted(found, key=lambda one: (-round(abs(one.z), 6), -one.rows))


def _of_query(task: Task, look: Look, query: Query) -> Iterator[Break]:
    splits = [one for one in look.by if one != "month"]
    end = _end(query)
    for finding in query.findings:
        if finding.kind != FINDING_KIND_OUTLIER or len(finding.figures) < 2 or "month" not in look.by:
            continue
        value, _, _ = finding.figures[0].label.rpartition(", ")
        span = span_in(finding.text.partition(":")[0].rpartition(" in ")[2])
        if span is None or finding.figures[1].name != "z-score":
            continue
        of = (*look.of, value) if value else tuple(look.of)
        by = splits[0] if value and splits else ""
        if (ongoing := span.last >= end) and by in STATES:
            continue
        yield Break(task, look, of, by, span, finding.figures[1].value, query.rows, finding, ongoing)


def _end(query: Query) -> int:
    """Return the last month that *query*'s findings name."""
    labels = (figure.label for finding in query.findings for figure in finding.figures)
    return max((span.last for label in labels if (span := span_in(label))), default=0)


def wanted(found: Sequence[Break], objective: str) -> list[Break]:
    """Return those of *found* that are far, at the time that *objective* names; those first that go its direction."""
    span = span_in(objective)
    sign = -1 if _FELL.search(objective) else 1 if _ROSE.search(objective) else 0
    far = [one for one in found if abs(one.z) >= FAR and (span is None or one.span.meets(span))]
    return sorted(far, key=lambda one: one.z * sign < 0)


def closer(found: Sequence[Break]) -> list[tuple[Look, Break]]:
    """Return what looks closer at the first of *found*: at where breaks of other splits coincide with it."""
    split = [one for one in found if one.by]
    if not split:
        return []
    # How far things are is what comes of whatever happened to someone or something.
    happened = [one for one in split if one.by not in STATES and _coincide(one, split[0])]
    top, partners = (happened or split)[0], list[Break]()
    for one in happened[1:]:
        known = {top.by, *(other.by for other in partners)}
        if one.by not in known and _coincide(one, top) and not _same(one, top):
            partners.append(one)
    looks = [_along(top, [*top.of, one.value]) for one in partners[:MOST_PARTNERS]]
    return [(look, top) for look in looks or [_along(top, top.of)]]


def common(found: Sequence[Break]) -> Break | None:
    """Return a break of the whole figure that nothing it was split by is why of: many have it, or none has any."""
    split = any(one.by for one in found)
    for whole in found:
        if not whole.by and not whole.task.parent:
            alike = Counter(one.by for one in found if one.by and _coincide(one, whole))
            if not split or any(count >= MANY for count in alike.values()):
                return whole
    return None


def _coincide(one: Break, other: Break) -> bool:
    return one.look.figure == other.look.figure and one.span.meets(other.span) and (one.z > 0) == (other.z > 0)


def _same(one: Break, other: Break) -> bool:
    """Tell whether both are breaks of the same rows, of a supplier and the only category that it supplies."""
    return abs(one.finding.figures[0].value - other.finding.figures[0].value) < CENT


def _along(one: Break, of: Sequence[str]) -> Look:
    return Look(figure=one.look.figure, by=["month"], of=list(of))


def leaders(workflow: Workflow) -> Iterator[tuple[Look, Task, Finding]]:
    """Yield what looks closer at those that bring most, each along time."""
    for task, found in workflow.held[:MOST_LED]:
        if task.look is not None and not task.look.when and not task.look.by[0].startswith("top ") and not task.parent:
            for look, finding in _leader(task.look, found):
                yield look, task, finding


def _leader(look: Look, found: Found) -> Iterator[tuple[Look, Finding]]:
    for query in found.queries[:1]:
        for finding in query.findings:
            if finding.kind == FINDING_KIND_SHARE and finding.figures and (label := finding.figures[0].label):
                yield Look(figure=look.figure, by=["month"], of=[*look.of, label]), finding
                return
