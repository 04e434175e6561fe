"""A workflow as it stands: which tasks there are, what became of them, which are ready. It does nothing itself."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.pipelines.research.results import Found, Iterated, Lost, Task


@dataclass
class Workflow:
    """Tasks in the order in which they were planned, and by their ids what they *found*, or how they were *lost*.

    *own* tells that the caller gave the tasks, to which none are added. *stopped* says what kept it from its end.
    """

    name: str
    objective: str
    tasks: list[Task]
    own: bool = False
    found: dict[str, Found] = field(default_factory=dict)
    lost: dict[str, Lost] = field(default_factory=dict)
    stopped: Lost | None = None

    def take(self, iterated: Iterated) -> None:
        self.found |= iterated.found
        self.lost |= iterated.lost

    @property
    def open(self) -> list[Task]:
        """Return the tasks of which nothing has come yet."""
        return [task for task in self.tasks if task.id not in self.found and task.id not in self.lost]

    def ready(self) -> list[Task]:
        """Return the tasks all of whose dependencies are done, the most urgent first."""
        return by_priority(task for task in self.open if all(ref in self.found for ref in task.depends_on))

    def blocked(self) -> dict[str, Lost]:
        """Return the tasks that nothing can come of any more, because what they need is lost."""
        lost = dict(self.lost)
        while more := [task for task in self.open if task.id not in lost and lost.keys() & set(task.depends_on)]:
            for task in more:
                lost[task.id] = blocked_by([ref for ref in task.depends_on if ref in lost])
        return {name: why for name, why in lost.items() if name not in self.lost}

    @property
    def held(self) -> list[tuple[Task, Found]]:
        """Return the tasks that found something, in their order."""
        return [(task, self.found[task.id]) for task in self.tasks if task.id in self.found]

    def name_of(self, task_id: str) -> str:
        return next((task.name for task in self.tasks if task.id == task_id), task_id)


def blocked_by(missing: Sequence[str]) -> Lost:
    return Lost(message=f"It needs what {' and '.join(missing)} would have found.", skipped=True)


def by_priority(tasks: Iterator[Task] | Sequence[Task]) -> list[Task]:
    return sorted(tasks, key=lambda task: -task.priority)


@dataclass(frozen=True)
class Background:
    """What a task knows beforehand: *values* by name, and what the tasks *before* it found."""

    values: Mapping[str, Any]
    before: Sequence[tuple[Task, Found]] = ()

    @classmethod
    def of(cls, task: Task, known: Sequence[tuple[Task, Found]]) -> "Background":
        return cls(task.context, [pair for pair in known if pair[0].id in task.depends_on])

    def within(self, part: Task, done: Sequence[tuple[Task, Found]]) -> "Background":
        """Return what a *part* knows of whose parts these are *done* and matter to it."""
        return Background({**self.values, **part.context}, [*self.before, *done])
