"""A plan by a language model, and what it adds: made whole where it does not hold together."""

import re
from collections.abc import Collection, Sequence
from contextlib import aclosing
from typing import TypeVar

from pydantic import BaseModel

from core.errors import ModelError, ModelOutputInvalid
from core.models.language import LanguageModel, Message, Prompt
from core.models.structured import fill
from core.pipeline import Step
from core.pipelines.answering import material as shown
from core.pipelines.answering.prompted import room_of
from core.pipelines.research.graph import circle
from core.pipelines.research.prompted import material
from core.pipelines.research.prompted.forms import AddedTask, PlannedTask, Reflected, WrittenPlan
from core.pipelines.research.prompted.material import PROMPTS
from core.pipelines.research.results import Decision, Plan, Task
from core.pipelines.research.workflow import Workflow
from core.prompts import Rendered, quoted

MOST_PLANNED, MOST_ADDED, MOST_NESTING = 12, 10, 3
MORE, ENOUGH = "What was found calls for more.", "Nothing that was found calls for more."
_NO_ID = re.compile(r"[^a-z0-9]+")
Form = TypeVar("Form", bound=BaseModel)


async def plan_with(step: Step, model: LanguageModel, name: str) -> Plan:
    """Have *model* plan the research. Raises ModelError."""
    objective = step.run.request.question
    text = PROMPTS.render(
        "research_plan",
        room_of(model),
        {"tables": await material.tables(step)},
        sources=material.sources(step),
        most=MOST_PLANNED,
        objective=quoted(objective, shown.QUESTION),
    )
    written = await filled(step, model, text, WrittenPlan)
    tasks = _whole(written.tasks[:MOST_PLANNED], {})
    if not tasks:
        raise ModelOutputInvalid(f"The model {model.name} planned no tasks. Say more of what is to be found out.")
    return Plan(name=name, remark=written.explanation, tasks=tasks)


async def decide_with(step: Step, model: LanguageModel, workflow: Workflow, left: int) -> Decision:
    """Have *model* decide whether more is to be found out, in at most *left* more iterations. Raises ModelError."""
    text = PROMPTS.render(
        "research_reflect",
        room_of(model),
        {"results": material.results(workflow.held)},
        objective=quoted(workflow.objective, shown.QUESTION),
        failed=material.failed(workflow),
        left=left,
        most=MOST_ADDED,
    )
    written = await filled(step, model, text, Reflected)
    known = {task.id: task for task in workflow.tasks}
    tasks = [] if written.complete else _whole(written.tasks[:MOST_ADDED], known)
    cause = "".join(material.resting(workflow, written.cause)).strip() or (MORE if tasks else ENOUGH)
    for task in tasks:
        task.cause = cause
        # What failed will never give anything: the task does without.
        task.depends_on = [ref for ref in task.depends_on if ref not in workflow.lost]
    return Decision(cause=cause, complete=not tasks, tasks=tasks)


async def filled(step: Step, model: LanguageModel, text: Rendered, form: type[Form]) -> Form:
    """Return *form* as *model* fills it in for *text*. Raises ModelError."""
    if text.left_out:
        step.progress(f"The model's prompt has no room for {'; '.join(text.left_out)}.", lasting=True)
    prompt = Prompt(text.system, [Message("user", text.user)], key=text.key)
    async with aclosing(fill(model, prompt, form)) as stream:
        async for piece in stream:
            if isinstance(piece, form):
                return piece
    raise ModelOutputInvalid


def stood_in(step: Step, error: ModelError, instead: str) -> None:
    """Say that *instead* of the model something else was done, and why."""
    step.progress(f"{error.message} {instead}", lasting=True)


def _whole(written: Sequence[PlannedTask], known: dict[str, Task]) -> list[Task]:
    """Return *written* as tasks beside the *known* ones; what names nothing is dropped, a circle is opened."""
    ids = _ids(written, known)
    tasks: list[Task] = []
    for one, name in zip(written, ids.values(), strict=True):
        parent = one.parent if isinstance(one, AddedTask) and one.parent in known else ""
        if one.objective.strip() and _depth(parent, known) < MOST_NESTING:
            tasks.append(_task(one, name, parent, {**{key: key for key in known}, **ids}))
    there = {task.id for task in tasks} | set(known)
    for task in tasks:
        task.depends_on = [ref for ref in task.depends_on if ref in there and ref != task.id]
    while found := circle({task.id: task.depends_on for task in tasks}):
        next(task for task in tasks if task.id == found[0]).depends_on.remove(found[1])
    return tasks


def _task(one: PlannedTask, name: str, parent: str, ids: dict[str, str]) -> Task:
    return Task(
        id=name,
        name=" ".join(one.name.split())[:200] or name,
        objective=one.objective.strip(),
        priority=max(-100, min(100, one.priority)),
        depends_on=list(dict.fromkeys(ids[ref] for ref in one.depends_on if ref in ids)),
        area=" ".join(one.area.split())[:100],
        parent=parent,
    )


def _ids(written: Sequence[PlannedTask], known: Collection[str]) -> dict[str, str]:
    """Return, for the id of each task as it was written, what it is called: short, plain and unique."""
    taken, found = set(known), dict[str, str]()
    for number, one in enumerate(written):
        plain = _NO_ID.sub("-", one.id.casefold()).strip("-")[:40] or "task"
        name, count = plain, 1
        while name in taken:
            count += 1
            name = f"{plain}-{count}"
        taken.add(name)
        found[one.id if one.id not in found else f"{one.id} {number}"] = name
    return found


def _depth(parent: str, known: dict[str, Task]) -> int:
    """Return how deep below the first plan a task of that *parent* would be, less one."""
    depth = 0
    while parent in known:
        depth, parent = depth + 1, known[parent].parent
    return max(0, depth - 1)
