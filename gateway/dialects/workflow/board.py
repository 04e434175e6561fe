"""What the `workflow` dialect keeps of a run: its tasks, how each stands, what each found."""

import re
from dataclasses import dataclass, field
from typing import Any

from gateway.dialects.texts import Texts
from gateway.proto_json import to_dict
from levada.v1 import event_pb2 as pb

# A round of tasks is told as an iteration, and is no task itself.
ROUND = re.compile(r"iteration-\d+")
FOUND = (pb.CHANNEL_CONTRIBUTION, pb.CHANNEL_ANSWER)


@dataclass
class Task:
    """A task. *path* is the step of its latest try, *said* what it told last."""

    id: str
    name: str
    objective: str = ""
    depends_on: tuple[str, ...] = ()
    parent: str = ""
    status: str = "pending"
    path: str = ""
    summary: str = ""
    error: str = ""
    said: str = ""
    told: dict[str, tuple[int, list[dict[str, Any]]]] = field(default_factory=dict)
    """What each step found, in its latest attempt."""

    def find(self, step: str, attempt: int, found: dict[str, Any]) -> bool:
        """Take down what a step found; tell whether that is new."""
        before, findings = self.told.get(step, (attempt, []))
        if attempt > before:
            findings = []
        self.told[step] = attempt, findings
        if found in findings:
            return False
        findings.append(found)
        return True

    @property
    def findings(self) -> list[dict[str, Any]]:
        """What its latest try found, once each."""
        found = [one for step, (_, told) in self.told.items() if within(step, self.path) for one in told]
        return [one for at, one in enumerate(found) if one not in found[:at]]


@dataclass
class Board:
    """The tasks of a run: those that it planned, and the steps of the pipeline itself."""

    name: str = ""
    iteration: int = 0
    depth: int = 0
    tasks: dict[str, Task] = field(default_factory=dict)
    rounds: dict[str, int] = field(default_factory=dict)
    """The round that each task was added in."""
    parts: set[str] = field(default_factory=set)
    """Tasks that others are made of, and that count with those."""
    steps: dict[str, Task] = field(default_factory=dict)
    """The pipeline's own, which may be called like a task of the caller."""
    texts: Texts = field(default_factory=Texts)
    _own: set[str] = field(default_factory=set)
    _nobody: Task = field(default_factory=lambda: Task("", ""))
    """Who says what no task says."""

    def begin(self, started: pb.RunStarted) -> None:
        self.name = started.question
        self._own = {info.step for info in started.steps}

    def plan(self, it: pb.TaskPlanned) -> None:
        name, needs = it.name or it.task_id, tuple(it.depends_on)
        self.tasks[it.task_id] = Task(it.task_id, name, it.objective, needs, it.parent)
        self.rounds[it.task_id] = it.iteration
        # What follows from a task is added in a later round than that.
        if it.parent and self.rounds.get(it.parent) == it.iteration:
            self.parts.add(it.task_id)

    def start(self, step: str, title: str) -> tuple[Task, bool]:
        """Return the task that *step* is or is a part of, and whether it is the task itself, which began now."""
        task, itself = self.of(step, title)
        if itself:
            task.status, task.path, task.error, task.summary = "running", step, "", ""
        return task, itself

    def of(self, step: str, title: str = "") -> tuple[Task, bool]:
        """Return the task that *step* is or is a part of, and whether it is the task itself."""
        names = [part.partition("#")[0] for part in step.split("/")]
        task, at = None, 0
        for index, name in enumerate(names):
            planned = self.tasks.get(name) if index or name not in self._own else None
            # Within a task only its parts are tasks: a step of what it asks may be called like another task.
            if planned is not None and (task is None or planned.parent == task.id):
                task, at = planned, index
        if task is None:
            top = names[0]
            if not top or ROUND.fullmatch(top):
                return self._nobody, False
            task = self.steps.setdefault(top, Task(top, title or top))
        return task, at == len(names) - 1

    def result(self, task: Task) -> dict[str, Any]:
        """Return what a task found: its summary, its text, its findings, as far as there are any."""
        found = {
            "summary": task.summary,
            "text": self.texts.whole(*FOUND, within=task.path) if task.path else "",
            "findings": task.findings,
        }
        return {name: value for name, value in found.items() if value}

    @property
    def counted(self) -> list[Task]:
        """The tasks that count: those that were planned, or where none are, the pipeline's steps."""
        return list((self.tasks or self.steps).values())

    def results(self) -> dict[str, Any]:
        """Return what the completed tasks found, by id."""
        return {task.id: self.result(task) for task in self.counted if task.status == "completed"}

    @property
    def report(self) -> str:
        return self.texts.whole(pb.CHANNEL_REPORT) or self.texts.whole(pb.CHANNEL_ANSWER)


def within(step: str, path: str) -> bool:
    """Tell whether *step* is the one of that *path*, or a part of it."""
    return bool(path) and (step == path or step.startswith(f"{path}/"))


def finding(it: pb.Finding) -> dict[str, Any]:
    return {"text": it.text, "figures": [to_dict(each) for each in it.figures], "query_id": it.query_id}
