"""plan: the tasks that the workflow begins with, the caller's own, a model's, or those that the schema suggests."""

from collections.abc import Sequence

from google.protobuf.json_format import MessageToDict

from core.errors import ModelOutputInvalid, ModelUnavailable
from core.pipeline import Run, Step, step
from core.pipelines.answering.asking import language_of
from core.pipelines.research.offline.planning import planned
from core.pipelines.research.prompted.planning import plan_with, stood_in
from core.pipelines.research.results import Kind, Plan, Task
from core.pipelines.research.steps import PLAN
from levada.v1.event_pb2 import CHANNEL_EXPLANATION, TaskPlanned, TextCompleted
from levada.v1.run_pb2 import RESEARCH_TASK_KIND_HYBRID, RESEARCH_TASK_KIND_PARALLEL, ResearchTask

DEFAULT_SECONDS = 300.0
_KINDS = {RESEARCH_TASK_KIND_PARALLEL: Kind.PARALLEL, RESEARCH_TASK_KIND_HYBRID: Kind.HYBRID}


@step(PLAN)
async def make_plan(step: Step) -> Plan:
    """Plan the first tasks. Raises NotUnderstood with what could be researched, ModelError."""
    step.progress(PLAN.doing)
    plan = await _plan(step)
    if plan.remark:
        step.text(CHANNEL_EXPLANATION, plan.remark)
        step.emit(TextCompleted(channel=CHANNEL_EXPLANATION, text=plan.remark))
    announce(step, plan.tasks, 0)
    areas = list(dict.fromkeys(task.area or task.name for task in plan.tasks))
    said = f"To be researched: {', '.join(areas[:12])}{', …' if len(areas) > 12 else ''}."
    step.progress(said, 1.0)
    step.summary(said)
    return plan


async def _plan(step: Step) -> Plan:
    run = step.run
    name = run.request.research.name.strip() or run.request.question
    if run.request.research.tasks:
        return Plan(name=name, tasks=[_given(task) for task in run.request.research.tasks])
    if (model := language_of(run)) is not None:
        try:
            return await plan_with(step, model, name)
        except (ModelUnavailable, ModelOutputInvalid) as error:
            stood_in(step, error, "The tasks are planned by rule.")
    return await planned(step, name)


def own_tasks(run: Run) -> bool:
    """Tell whether the caller gave the tasks."""
    return bool(run.request.research.tasks)


def _given(task: ResearchTask, parent: str = "") -> Task:
    seconds = task.timeout.ToTimedelta().total_seconds() if task.HasField("timeout") else DEFAULT_SECONDS
    name = task.name.strip() or task.task_id
    return Task(
        id=task.task_id,
        name=name,
        objective=task.objective.strip() or name,
        kind=_KINDS.get(task.kind, Kind.SEQUENTIAL),
        priority=task.priority,
        depends_on=list(dict.fromkeys(task.depends_on)),
        seconds=seconds,
        retries=task.retries,
        context=MessageToDict(task.context),
        parts=[_given(part, task.task_id) for part in task.parts],
        sources=list(task.sources),
        parent=parent,
        area=name,
    )


def announce(step: Step, tasks: Sequence[Task], iteration: int) -> None:
    """Tell *tasks*, added in that *iteration*, with their parts."""
    for task in tasks:
        step.emit(
            TaskPlanned(
                task_id=task.id,
                name=task.name,
                depends_on=task.depends_on,
                priority=task.priority,
                iteration=iteration,
                cause=task.cause,
                objective=task.objective,
                parent=task.parent,
            )
        )
        announce(step, task.parts, iteration)
