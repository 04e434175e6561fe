"""The parts of a run in the terminal: tasks as a tree with what they found, agents side by side, an exercise."""

from collections.abc import Iterator

from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.markdown import Markdown
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text
from rich.tree import Tree

from levada.parted import AgentView
from levada.v1 import event_pb2 as events
from levada.view import RunView, StepView

CARD = 34
FOUND = 2
MARKS = {"running": ("⏳", "cyan"), "done": ("✓", "green"), "failed": ("✗", "red"), "skipped": ("–", "dim")}


def draw(view: RunView, width: int, reveal: bool) -> Iterator[RenderableType]:
    """Yield what there is to see of the parts of *view*; *reveal* tells what is wrong in an exercise."""
    if view.parts.tasks:
        yield Padding(_tasks(view), (1, 0, 0, 2))
    if view.parts.agents:
        cards = [_card(agent, view) for agent in view.parts.agents.values()]
        across = max(1, min(len(cards), (width - 2) // CARD))
        yield Padding(Columns(cards, width=(width - 2) // across - 2, equal=True), (1, 0, 0, 2))
    for asked in view.parts.interactions:
        yield Padding(Text(f"{asked.from_agent} → {asked.to_agent}: {asked.query}", "dim"), (0, 0, 0, 2))
    for checks in view.parts.checks.values():
        failed = [check for check in checks.checks if not check.passed]
        yield from (Padding(Text(f"✗ {one.message or one.name}", "yellow"), (0, 0, 0, 2)) for one in failed)
    if lines := list(made(view, reveal)):
        yield Padding(Text("\n".join(lines)), (1, 0, 0, 2))


def _tasks(view: RunView) -> Tree:
    rounds = view.parts.rounds
    newest = rounds[max(rounds)] if rounds else None
    count = f"round {newest.iteration} of at most {newest.depth}" if newest else ""
    tree = Tree(Text.assemble(("Tasks ", "bold"), (count, "dim")), guide_style="dim")
    branches = {"": tree}
    for task in view.parts.tasks.values():
        branches[task.task_id] = branches.get(task.parent, tree).add(_task(task, view))
    for number, decision in view.parts.decisions.items():
        if decision:
            tree.add(Text(f"After round {number}: {decision}", "dim italic"))
    return tree


def _task(task: events.TaskPlanned, view: RunView) -> RenderableType:
    step = view.steps.get(view.parts.path(task.task_id))
    mark, style = MARKS.get(step.state, ("·", "dim")) if step is not None else ("·", "dim")
    named = Text.assemble((f"{mark} ", style), (task.name or task.task_id, style if step is None else ""))
    said = step.note if step is not None and step.state != "done" else ""
    if step is None and task.depends_on:
        said = f"after {', '.join(task.depends_on)}"
    if said:
        named.append(f"  {said}", "dim")
    found, shown = view.parts.found(task.task_id), 1 if view.ending is not None else FOUND
    told = [Text(f"📊 {finding.text}", "bold" * bool(finding.severity)) for finding in found[:shown]]
    more = [Text(f"   and {len(found) - shown} more", "dim")] if len(found) > shown else []
    return Group(named, *told, *more)


def _card(agent: AgentView, view: RunView) -> Panel:
    works = agent.ended is None
    said = Markdown(agent.said) if agent.said and agent.role != "primary" else Text(_at(agent, view), "dim")
    cut = agent.ended is not None and agent.ended.partial
    style = "cyan" if works else "red" if cut else "green"
    drew = [Text(f"Drew on {', '.join(agent.ended.citations)}", "dim")] if agent.ended and agent.ended.citations else []
    return Panel(Group(said, *drew), title=f"{agent.name} · {agent.role}", title_align="left", border_style=style)


def _at(agent: AgentView, view: RunView) -> str:
    """Return what an agent does, where what it says is not shown."""
    if agent.ended is not None:
        return "cut short" if agent.ended.partial else "✓"
    inner: list[StepView] = [step for name, step in view.steps.items() if f"{name}/".startswith(f"{agent.step}/")]
    now = [step.note or step.title for step in inner if step.state == "running"]
    return now[-1] if now and view.ending is None else "at work…" if view.ending is None else "stopped"


def made(view: RunView, reveal: bool) -> Iterator[str]:
    """Yield an exercise as text, its errors unmarked unless *reveal*; or why there is none."""
    ended = view.parts.assessment
    if ended is None:
        return
    if not ended.HasField("assessment"):
        yield ended.message
        return
    exercise = ended.assessment
    yield f"{exercise.title} ({exercise.difficulty}, {exercise.content_type})"
    yield ""
    for number, line in enumerate(exercise.content, 1):
        yield f"{number:3} │ {line if reveal else _unmarked(line, exercise)}"
    yield ""
    if not reveal:
        errors = "1 error" if len(exercise.errors) == 1 else f"{len(exercise.errors)} errors"
        yield f"Find the {errors}. They are told by: levada watch {view.run_id} --reveal"
    for number, error in enumerate(exercise.errors if reveal else (), 1):
        yield f"{number}. “{error.id}”: {error.description}"


def _unmarked(line: str, exercise: events.Assessment) -> str:
    for error in exercise.errors:
        line = line.replace(f"<<{error.id}>>", error.id)
    return line
