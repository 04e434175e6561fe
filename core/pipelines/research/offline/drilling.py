"""What to look at next without a model: where breaks coincide, who brings most, what else happened at that time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from core.pipeline import Step
from core.pipelines.answering.analysis.words import listed, several
from core.pipelines.research.offline import breaks, happenings
from core.pipelines.research.offline.breaks import Break
from core.pipelines.research.offline.desk import Desk
from core.pipelines.research.offline.planning import title_of
from core.pipelines.research.results import Decision, Look, Task
from core.pipelines.research.workflow import Workflow
from levada.v1.event_pb2 import Finding

MOST_ADDED = 10
MOST_LEADERS, MOST_COINCIDENCES, MOST_DETAILS = 2, 2, 4
PATTERN, MEANWHILE = "What broke the pattern", "What else happened then"


async def drill(step: Step, workflow: Workflow) -> Decision:
    """Return the tasks that the findings so far call for, at most ten; none when nothing is left to follow."""
    adding = Adding(workflow)
    for source in dict.fromkeys(source for task in workflow.tasks for source in task.sources):
        found = await step.run.services.schemas(step.run.owner, [source])
        if source in found.schemas:
            part = _of_source(workflow, source)
            await _follow(adding, part, Desk(step.run.services, step.run.owner, found.schemas[source]))
    if not adding.tasks:
        return Decision(cause="Nothing that was found calls for more.", complete=True)
    causes = list(dict.fromkeys(task.cause for task in adding.tasks))
    return Decision(cause=" ".join(causes[:3]), tasks=adding.tasks)


def _of_source(workflow: Workflow, source: str) -> Workflow:
    tasks = [task for task in workflow.tasks if source in task.sources]
    return Workflow(workflow.name, workflow.objective, tasks, found=workflow.found, lost=workflow.lost)


@dataclass
class Adding:
    """The tasks that are added to *workflow*."""

    workflow: Workflow
    tasks: list[Task] = field(default_factory=list)

    async def add(self, desk: Desk, looks: Iterable[Look], cause: str, parent: Task, area: str) -> Look | None:
        """Add a task for the first of *looks* that can be asked for; return that."""
        for look in looks:
            if self._known(look):
                return None
            if len(self.tasks) < MOST_ADDED and (question := await desk.worded(look)):
                self.tasks.append(
                    Task(
                        id=f"t{len(self.workflow.tasks) + len(self.tasks) + 1}",
                        name=f"{title_of(look)}{f', {look.when}' if look.when else ''}",
                        objective=question,
                        sources=[desk.source],
                        area=area,
                        cause=cause,
                        parent=parent.id,
                        look=look,
                    )
                )
                return look
        return None

    def _known(self, look: Look) -> bool:
        return any(task.look == look for task in (*self.workflow.tasks, *self.tasks))


async def _follow(adding: Adding, workflow: Workflow, desk: Desk) -> None:
    """Add what the stage that the research of a source is at calls for."""
    if any(task.look and task.look.only for task in workflow.tasks):
        return
    if any(task.look and task.look.rows for task in workflow.tasks):
        await _detailed(adding, workflow, desk)
        return
    found = breaks.wanted(breaks.breaks(workflow), workflow.objective)
    if focus := focused(found):
        await _meanwhile(adding, desk, focus)
    elif not any(task.parent for task in workflow.tasks):
        await _closer(adding, workflow, desk, found)


def focused(found: Sequence[Break]) -> Break | None:
    """Return the break to ask about: the farthest of the closest looks, else the one that nearly all have in common."""
    looked = [one for one in found if one.task.area == PATTERN and not one.by]
    return max(looked, key=lambda one: abs(one.z), default=None) or breaks.common(found)


async def _closer(adding: Adding, workflow: Workflow, desk: Desk, found: Sequence[Break]) -> None:
    """Look at where breaks coincide; where nothing broke, at those that bring most."""
    for look, broken in breaks.closer(found):
        cause = f"{listed(broken.of)} broke its pattern in {broken.span.label}, and it may not be alone in that."
        await adding.add(desk, [look], cause, broken.task, PATTERN)
    for look, task, finding in breaks.leaders(workflow) if not adding.tasks else ():
        if len(adding.tasks) < MOST_LEADERS:
            await adding.add(desk, [look], _leads(finding), task, "Who brings most")


def _leads(finding: Finding) -> str:
    return f"{finding.figures[0].label} brings most."


async def _meanwhile(adding: Adding, desk: Desk, focus: Break) -> None:
    """Look at rows of other tables while the pattern was broken, and before, of each value that they know."""
    sql = await desk.draft(focus.look.figure)
    for pair in happenings.elsewhere(desk.schema, focus, sql.sql if sql else ""):
        now, before = pair
        if len(adding.tasks) > MOST_ADDED - len(pair) or not (await desk.worded(now) and await desk.worded(before)):
            continue
        cause = f"{focus.finding.text.partition(':')[0]}: did {several(now.rows)} change then?"
        for look in pair:
            await adding.add(desk, [look], cause, focus.task, MEANWHILE)


async def _detailed(adding: Adding, workflow: Workflow, desk: Desk) -> None:
    for one in happenings.coincidences(workflow)[:MOST_COINCIDENCES]:
        splits = await _open(desk, workflow, one)
        cause = f"More {one.rows} than before: {one.now:,} against {one.then:,}."
        added = 0
        for looks in happenings.details(desk.schema, one, splits):
            if added < MOST_DETAILS and await adding.add(desk, looks, cause, one.task, MEANWHILE):
                added += 1


async def _open(desk: Desk, workflow: Workflow, one: happenings.Coincidence) -> list[str]:
    """Return what *one* may be split by, apart from what the values that broke the pattern have settled."""
    splits, _ = await desk.splits(f"number of {several(one.table)}")
    focus = focused(breaks.wanted(breaks.breaks(workflow), workflow.objective))
    settled = desk.settled({*one.of, *(focus.of if focus else ())}) | {one.kind}
    return [split for split in splits if split not in settled]
