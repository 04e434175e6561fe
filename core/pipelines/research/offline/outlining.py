"""What a report says without a model: the findings as they were computed, under their tasks' headings, concluded."""

from collections.abc import Iterator, Sequence

from core.pipelines.research.asked import extracts
from core.pipelines.research.offline import breaks, happenings
from core.pipelines.research.offline.drilling import MEANWHILE, focused
from core.pipelines.research.results import Found, Outline, Query, Section, Task
from core.pipelines.research.workflow import Workflow
from levada.v1.event_pb2 import FINDING_KIND_TOTAL, FINDING_KIND_TREND, FINDING_KIND_UNSPECIFIED, Finding

MOST_POINTS = 4
NO_PROOF = "What happens at the same time is not proof of a cause; it is where to ask next."


def outlined(workflow: Workflow) -> Outline:
    """Return what there is to say of *workflow*, each thing once."""
    told: set[str] = set()
    conclusion = list(_conclusion(workflow))
    sections: dict[str, Section] = {}
    for task, found in workflow.held:
        section = sections.setdefault(task.area or task.name, Section(heading=task.area or task.name))
        section.tasks.append(task.id)
        section.points += _points(found, told)
    if meanwhile := sections.get(MEANWHILE):
        meanwhile.points[:0] = [one.text() for one in happenings.coincidences(workflow)]
    return Outline(conclusion=conclusion, sections=[one for one in sections.values() if one.points])


def _points(found: Found, told: set[str]) -> Iterator[str]:
    for query in found.queries:
        new = [finding for finding in query.findings if finding.text not in told][:MOST_POINTS]
        told.update(finding.text for finding in new)
        yield from (cited(finding.text, query.id) for finding in new)
    if found.passages:
        yield extracts(found.passages)
    elif not found.queries and found.text:
        yield found.text


def cited(text: str, *ids: str) -> str:
    """Return *text* with its citations before its full stop."""
    stop = "." if text.endswith(".") else ""
    return f"{text.removesuffix('.')} [{', '.join(ids)}]{stop}"


def _conclusion(workflow: Workflow) -> Iterator[str]:
    yield from _course(workflow)
    focus = focused(breaks.wanted(breaks.breaks(workflow), workflow.objective))
    if focus is None:
        # Nothing was looked at closer: what stands out most is said as it is.
        yield from (_said(one.finding) for one in breaks.wanted(breaks.breaks(workflow), workflow.objective)[:1])
        return
    of = f"For {' and '.join(focus.of)}: " if focus.of else ""
    yield f"{of}{_said(focus.finding)}"
    found = happenings.coincidences(workflow)
    for one in found[:1]:
        yield one.text()
        yield from _details(workflow, one)
        yield NO_PROOF


def _course(workflow: Workflow) -> Iterator[str]:
    """Say how much there is and where it goes, else what the first task found first."""
    for task, found in workflow.held[:1]:
        findings = [(finding, query) for query in found.queries for finding in query.findings]
        wanted = (FINDING_KIND_TOTAL, FINDING_KIND_TREND)
        telling = [next((pair for pair in findings if pair[0].kind == kind), None) for kind in wanted]
        pairs = [pair for pair in telling if pair is not None] if task.look else []
        for finding, query in pairs or findings[:1]:
            yield cited(finding.text, query.id)
        if not findings:
            yield found.text.partition("\n\n")[0]


def _said(finding: Finding) -> str:
    return cited(finding.text, finding.query_id)


def _details(workflow: Workflow, one: happenings.Coincidence) -> Iterator[str]:
    """Say of each detail of *one* who or what has most of it, where one has at least half."""
    for task, query in _detailing(workflow.held, one):
        finding = next((finding for finding in query.findings if finding.kind != FINDING_KIND_UNSPECIFIED), None)
        label = finding.figures[0].label if finding is not None and finding.figures else ""
        if finding is not None and task.look and label and 2 * finding.figures[0].value >= one.now:
            count = f"{finding.figures[0].value:,.0f}"
            yield cited(f"By {task.look.by[0]}: {label} has {count} of these {one.rows}.", query.id)


def _detailing(held: Sequence[tuple[Task, Found]], one: happenings.Coincidence) -> Iterator[tuple[Task, Query]]:
    for task, found in held:
        if task.look and task.look.only == one.label and task.look.rows == one.table and found.queries:
            yield task, found.queries[0]
