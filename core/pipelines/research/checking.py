"""Tasks of the caller's own, checked: every violation is named by its field, before a run is made of them."""

import re
from collections.abc import Iterator, Mapping, MutableMapping, Sequence

from google.protobuf.json_format import MessageToDict
from google.protobuf.struct_pb2 import Struct

from core.pipelines.research.graph import circle, longest
from levada.v1.run_pb2 import (
    RESEARCH_TASK_KIND_HYBRID,
    RESEARCH_TASK_KIND_PARALLEL,
    ResearchTask,
    ResearchTaskKind,
)

MOST_TASKS = 200
MOST_RETRIES = 3
MOST_NESTING = 3
LONGEST_OBJECTIVE = 10_000
LONGEST_NAME = 200
LONGEST_SECONDS = 86_400
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}")


class Checked:
    """Looks at *tasks*, whose sources must be among *sources*, and puts what is wrong into *wrong*."""

    def __init__(self, tasks: Sequence[ResearchTask], sources: Sequence[str], wrong: MutableMapping[str, str]) -> None:
        self._tasks, self._sources, self._wrong = tasks, sources, wrong
        self._places: dict[str, str] = {}
        if (count := _count(tasks)) > MOST_TASKS:
            wrong["research.tasks"] = f"A workflow may have {MOST_TASKS} tasks, parts counted; this one has {count:,}."
            return
        self._level(tasks, "research.tasks", 1, ResearchTaskKind.RESEARCH_TASK_KIND_HYBRID)

    @property
    def iterations(self) -> int:
        """Return how many iterations the tasks take, when nothing is wrong with them."""
        return longest(_needs(self._tasks))

    def _level(self, tasks: Sequence[ResearchTask], field: str, nesting: int, kind: ResearchTaskKind) -> None:
        for place, task in enumerate(tasks):
            self._task(task, f"{field}[{place}]", nesting)
        before: list[str] = []
        siblings = {task.task_id for task in tasks}
        for place, task in enumerate(tasks):
            refs = _refs(task, siblings, before, kind, whole=nesting == 1)
            for number, problem in refs:
                self._wrong[f"{field}[{place}].depends_on[{number}]"] = problem
            before.append(task.task_id)
        if found := circle(_needs(tasks)):
            self._wrong.setdefault(field, f"The tasks need each other in a circle: {' needs '.join(found)}.")

    def _task(self, task: ResearchTask, field: str, nesting: int) -> None:
        for name, problem in self._problems(task, field, nesting):
            self._wrong[f"{field}.{name}"] = problem
        self._places.setdefault(task.task_id, field)
        if task.parts and nesting < MOST_NESTING:
            self._level(task.parts, f"{field}.parts", nesting + 1, task.kind)

    def _problems(self, task: ResearchTask, field: str, nesting: int) -> Iterator[tuple[str, str]]:
        if not _ID.fullmatch(task.task_id):
            yield "task_id", "An id has 1 to 60 letters, digits, - and _, and begins with a letter or digit."
        elif task.task_id in self._places:
            yield "task_id", f"{task.task_id!r} is the id of {self._places[task.task_id]} already; ids are unique."
        if not task.objective.strip() and not task.parts:
            yield "objective", "Say what is to be found out."
        if len(task.objective) > LONGEST_OBJECTIVE:
            yield "objective", f"An objective may have {LONGEST_OBJECTIVE:,} characters."
        if len(task.name) > LONGEST_NAME:
            yield "name", f"A name may have {LONGEST_NAME} characters."
        if task.HasField("timeout") and not 0 < task.timeout.seconds + task.timeout.nanos / 1e9 <= LONGEST_SECONDS:
            yield "timeout", f"A timeout must be longer than 0 seconds, and {LONGEST_SECONDS:,} seconds at most."
        if not _finite(task.context):
            yield "context", "A number in it is infinite or none at all (NaN)."
        yield from _retries(task)
        if task.parts and nesting >= MOST_NESTING:
            yield "parts", f"Parts nest {MOST_NESTING} deep at most."
        for number, name in enumerate(task.sources):
            if name not in self._sources:
                there = f"There are: {', '.join(self._sources)}." if self._sources else "None is configured."
                yield f"sources[{number}]", f"There is no source named {name!r} that you may ask. {there}"


def _finite(context: Struct) -> bool:
    try:
        MessageToDict(context)
    except ValueError:
        return False
    return True


def _retries(task: ResearchTask) -> Iterator[tuple[str, str]]:
    if not 0 <= task.retries <= MOST_RETRIES:
        yield "retries", f"A task is tried again 0 to {MOST_RETRIES} times; {task.retries:,} were asked for."
    elif task.retries and task.parts:
        yield "retries", "A task with parts is tried again part by part: give its parts the retries."


def _refs(
    task: ResearchTask, siblings: set[str], before: Sequence[str], kind: ResearchTaskKind, *, whole: bool
) -> Iterator[tuple[int, str]]:
    where = "workflow" if whole else "task"
    for number, ref in enumerate(task.depends_on):
        if ref == task.task_id:
            yield number, f"{ref!r} can't need itself."
        elif ref not in siblings:
            yield number, f"There is no {'task' if whole else 'part'} {ref!r} beside it in this {where}."
        elif kind == RESEARCH_TASK_KIND_PARALLEL:
            yield number, "Parts of a parallel task are worked on at once; make it hybrid for them to need each other."
        elif kind != RESEARCH_TASK_KIND_HYBRID and ref not in before:
            yield number, f"Parts of a sequential task are worked on in their order, and {ref!r} comes later."


def _needs(tasks: Sequence[ResearchTask]) -> Mapping[str, Sequence[str]]:
    return {task.task_id: list(task.depends_on) for task in tasks}


def _count(tasks: Sequence[ResearchTask]) -> int:
    return sum(1 + _count(task.parts) for task in tasks)
