"""What a report says without a model: the findings as they were computed, under their tasks' headings, concluded."""

from collections.abc import Iterator, Sequence

from core.pipelines.answering.analysis.words import listed
from core.pipelines.research.asked import extracts
from core.pipelines.research.offline import breaks, happenings
from core.pipelines.research.offline.drilling import MEANWHILE, focused
from core.pipelines.research.offline.planning import COMPARED
from core.pipelines.research.offline.span import Span, span_in
from core.pipelines.research.results import Found, Outline, Query, Section, Task
from core.pipelines.research.workflow import Workflow
from levada.v1.event_pb2 import FINDING_KIND_OUTLIER, FINDING_KIND_TOTAL, FINDING_KIND_TREND, Finding

MOST_POINTS = 4
NO_PROOF = "What happens at the same time is not proof of a cause; it is where to ask next."


def outlined(workflow: Workflow) -> Outline:
    """Return what there is to say of *workflow*, each thing once."""
    told: set[str] = set()
    sections: dict[str, Section] = {}
    for task, found in workflow.held:
        section = sections.setdefault(task.area or task.name, Section(heading=task.area or task.name))
        section.tasks.append(task.id)
        section.points += _points(task, found, told)
    if meanwhile := sections.get(MEANWHILE):
        meanwhile.points[:0] = _meanwhile(workflow)
    return Outline(conclusion=list(_conclusion(workflow)), sections=[one for one in sections.values() if one.points])


def _points(task: Task, found: Found, told: set[str]) -> Iterator[str]:
    if task.look and task.look.rows and not task.look.only:
        return  # it is said what changed, once both times are known
    of = task.look.of if task.look and task.parent else ()
    for query in found.queries:
        most = 1 if task.look and task.look.rows else MOST_POINTS
        new = [text for finding in query.findings if (text := _about(of, finding)) not in told][:most]
        told.update(new)
        yield from (cited(text, query.id) for text in new)
    if found.passages:
        yield extracts(found.passages)
    elif not found.queries and found.text:
        yield found.text


def _about(of: Sequence[str], finding: Finding) -> str:
    """Return what *finding* says of the values *of*, each named once."""
    named = finding.text.partition(": ")[0]
    others = [value for value in of if value != named]
    if not others:
        return finding.text
    labelled = any(figure.label == named for figure in finding.figures)
    return f"{listed(others)}{', ' if labelled else ': '}{finding.text}"


def _meanwhile(workflow: Workflow) -> Iterator[str]:
    found = happenings.coincidences(workflow)
    yield from (one.text() for one in found)
    changed = {one.subject for one in found}
    others = {one.subject: one for one in happenings.compared(workflow) if one.subject not in changed}
    for subject, one in others.items():
        yield cited(f"No {one.kind} of {subject} became much more frequent then.", *one.queries)


def cited(text: str, *ids: str) -> str:
    """Return *text* with its citations before its full stop."""
    stop = "." if text.endswith(".") else ""
    return f"{text.removesuffix('.')} [{', '.join(ids)}]{stop}"


def _conclusion(workflow: Workflow) -> Iterator[str]:
    found = breaks.wanted(breaks.breaks(workflow), workflow.objective)
    focus = focused(found)
    gaps = list(_gaps(workflow))
    if focus is not None:
        of = f"{listed(focus.of)}: " if focus.of else ""
        yield f"{of}{_said(focus.finding)}"
        for one in happenings.coincidences(workflow)[:1]:
            yield one.text()
            yield from _details(workflow, one)
            yield NO_PROOF
    elif not gaps and (span := span_in(workflow.objective)) and any(task.look for task, _ in workflow.held):
        apart = any(task.area == COMPARED for task, _ in workflow.held)
        rest = "." if apart else ", which could not be asked for by itself: the figures here are of all months."
        yield f"Nothing that was looked at breaks its pattern {span.phrase}{rest}"
    yield from gaps
    if compared := list(_in_time(workflow)):
        yield from compared
    else:
        yield from _course(workflow)
    if focus is None:
        # Nothing was looked at closer: what stands out most is said as it is.
        yield from (_said(one.finding) for one in found[:1])


def _gaps(workflow: Workflow) -> Iterator[str]:
    """Say where months have no rows at all, the first of them in the time that was asked about."""
    span = span_in(workflow.objective)
    for task, found in workflow.held:
        if task.look is None or task.look.by != ["month"] or task.look.when or task.parent:
            continue
        for finding in (finding for query in found.queries for finding in query.findings):
            before = span_in(finding.text.rpartition(" after ")[2])
            if finding.kind == FINDING_KIND_OUTLIER and before and finding.figures[0].name == "missing":
                first = Span(before.first + 1, before.last + 1)
                if span is None or span.meets(first):
                    yield cited(_about(task.look.of, finding), finding.query_id)


def _in_time(workflow: Workflow) -> Iterator[str]:
    """Say how much there was at the time that was asked about, and before it."""
    for task, found in workflow.held:
        for query in found.queries[:1] if task.area == COMPARED else ():
            finding = next(filter(_is_total, query.findings), next(iter(query.findings), None))
            yield cited(finding.text if finding else f"{task.name}: there are no rows.", query.id)


def _course(workflow: Workflow) -> Iterator[str]:
    """Say how much there is and where it goes, else what the first task found first."""
    for task, found in workflow.held[:1]:
        findings = [(finding, query) for query in found.queries for finding in query.findings]
        told = [pair for pair in findings if task.look and _is_course(pair[0])]
        for finding, query in told or findings[:1]:
            yield cited(finding.text, query.id)
        if found.passages:
            name, passage = next(iter(found.passages.items()))
            said = f"Documents are quoted here, as no language model is configured; the nearest is {passage.cited}."
            yield cited(said, name)
        elif not findings:
            yield found.text.partition("\n\n")[0]


def _is_course(finding: Finding) -> bool:
    return _is_total(finding) or finding.kind == FINDING_KIND_TREND


def _is_total(finding: Finding) -> bool:
    return finding.kind == FINDING_KIND_TOTAL and any(figure.name == "total" for figure in finding.figures)


def _said(finding: Finding) -> str:
    return cited(finding.text, finding.query_id)


def _details(workflow: Workflow, one: happenings.Coincidence) -> Iterator[str]:
    """Say who or what has most of *one*, where it has at least half."""
    these, all_ = list[str](), list[str]()
    for task, query in _detailing(workflow.held, one):
        finding = next((finding for finding in query.findings if finding.figures and finding.figures[0].label), None)
        if finding is not None and task.look and 2 * finding.figures[0].value >= one.now:
            count, label = finding.figures[0].value, finding.figures[0].label
            if label in one.of:
                continue
            said = these if tuple(task.look.of) == one.of else all_
            said.append(f"{count:,.0f} have the {task.look.by[0]} “{label}” [{query.id}]")
    if these:
        yield f"Of these {one.now:,} {one.rows}, {' and '.join(these)}."
    if all_:
        yield f"Of all {one.rows} in that time, {' and '.join(all_)}."


def _detailing(held: Sequence[tuple[Task, Found]], one: happenings.Coincidence) -> Iterator[tuple[Task, Query]]:
    for task, found in held:
        if task.look and task.look.only == one.label and task.look.rows == one.table and found.queries:
            yield task, found.queries[0]
