"""iteration-N: the tasks that are ready, as many at once as may be, each a step that is not done again once it is."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from core.errors import LevadaError, StoreError, TasksFailed
from core.pipeline import Run, Step, one_of
from core.pipelines.research.places import Places
from core.pipelines.research.results import Found, Iterated, Kind, Lost, Task
from core.pipelines.research.steps import iteration_step, task_step
from core.pipelines.research.workflow import Background, Workflow, blocked_by, by_priority
from levada.v1.event_pb2 import IterationStarted

BACKOFF_SECONDS = 0.5
STAGES = 4
"""Iterations that research takes as a rule, when its tasks are not given."""

Work = Callable[[Step, Task, Background], Awaitable[Found]]
"""Works on a task that has no parts."""


async def iterate(run: Run, workflow: Workflow, places: Places, number: int, depth: int, work: Work) -> Iterated:
    """Do the *number*-th iteration of at most *depth*: a step, in which each task is one."""
    return await run.step(one_of(_iterate, iteration_step(number)), workflow, places, number, depth, work)


async def _iterate(step: Step, workflow: Workflow, places: Places, number: int, depth: int, work: Work) -> Iterated:
    step.emit(IterationStarted(iteration=number, depth=depth))
    tasks = workflow.ready()
    step.progress(f"Working on {', '.join(task.name for task in tasks[:5])}{', …' if len(tasks) > 5 else ''}")
    done = await Iteration(step, workflow, places, number, min(depth, STAGES), work).all(tasks)
    step.summary(_summary(done))
    return done


def _summary(done: Iterated) -> str:
    found, lost = len(done.found), len(done.lost)
    return f"{found} task{'s' if found != 1 else ''} completed" + (f"; {lost} failed or skipped" if lost else "")


@dataclass
class Iteration:
    """One go at the tasks that are ready, as steps within *step*."""

    step: Step
    workflow: Workflow
    places: Places
    number: int
    share: int
    work: Work
    done: Iterated = field(default_factory=Iterated)
    began: set[str] = field(default_factory=set)
    """Tasks that were not done before a crash: that they are is news."""

    async def all(self, tasks: Sequence[Task]) -> Iterated:
        async with asyncio.TaskGroup() as group:
            for task in tasks:
                group.create_task(self._one(task))
        self.workflow.take(self.done)
        for name, why in self.workflow.blocked().items():
            self._skip(next(task for task in self.workflow.tasks if task.id == name), why)
            self.done.lost[name] = why
        return self.done

    async def _one(self, task: Task) -> None:
        try:
            background = Background.of(task, self.workflow.held)
            self.done.found[task.id] = await self.worked(self.step, task, background)
        except StoreError:
            raise
        except LevadaError as error:
            self.done.lost[task.id] = Lost(message=error.message, reason=error.reason)
        if task.id in self.began:
            self._tell()

    def _tell(self) -> None:
        """Say how far the workflow is; of one to which tasks may be added, an iteration is no more than its share."""
        workflow, iterated = self.workflow, len(self.done.found) + len(self.done.lost)
        before = len(workflow.found) + len(workflow.lost)
        done, total = before + iterated, len(workflow.tasks)
        fraction = done / total if workflow.own else (self.number - 1 + iterated / max(1, total - before)) / self.share
        self.step.progress(f"{done} of {total} tasks are done.", fraction)

    def _skip(self, task: Task, why: Lost) -> None:
        self.step.run.skip(task_step(task, tries_left=False), why.message)

    async def worked(self, step: Step, task: Task, background: Background) -> Found:
        """Return what *task* finds, tried as often as it may be. Raises LevadaError."""
        for left in range(task.retries, -1, -1):
            try:
                return await self._tried(step, task, background, tries_left=left > 0)
            except StoreError:
                raise
            except LevadaError as error:
                if not left:
                    raise
                # What can't be reached may be there in a moment; anything else is tried again at once.
                await asyncio.sleep(BACKOFF_SECONDS * 2 ** (task.retries - left) if error.retryable else 0)
        raise AssertionError("the last try either finds something or raises")

    async def _tried(self, step: Step, task: Task, background: Background, *, tries_left: bool) -> Found:
        spec = task_step(task, tries_left=tries_left)
        if task.parts:
            return await step.run.step(one_of(_in_parts, spec), task, background, self)
        async with self.places.one(task.priority):
            return await step.run.step(one_of(_work, spec), task, background, self)


async def _work(step: Step, task: Task, background: Background, iteration: Iteration) -> Found:
    iteration.began.add(task.id)
    return await iteration.work(step, task, background)


async def _in_parts(step: Step, task: Task, background: Background, iteration: Iteration) -> Found:
    """Work on the parts of *task*; it fails when one of them did, once the others are done."""
    iteration.began.add(task.id)
    return await Parts(iteration, step, task, background).all()


class Parts:
    """The parts of *task*, one after the other, all at once, or as their dependencies allow."""

    def __init__(self, iteration: Iteration, step: Step, task: Task, background: Background) -> None:
        self._iteration, self._step, self._task, self._background = iteration, step, task, background
        self._found: dict[str, Found] = {}
        self._lost: dict[str, Lost] = {}
        self._over = {part.id: asyncio.Event() for part in task.parts}

    async def all(self) -> Found:
        async with asyncio.TaskGroup() as group:
            for part in by_priority(self._task.parts):
                group.create_task(self._one(part))
        if self._lost:
            said = "; ".join(f"{self._name(name)} ({lost.message.rstrip('.')})" for name, lost in self._lost.items())
            raise TasksFailed(f"Of its parts failed: {said}.")
        return joined([(part, self._found[part.id]) for part in self._task.parts])

    def _name(self, part_id: str) -> str:
        return next(part.name for part in self._task.parts if part.id == part_id)

    def _needs(self, part: Task) -> list[str]:
        """Return the parts that *part* waits for: all before it, where they are worked on in turn."""
        if self._task.kind is Kind.SEQUENTIAL:
            ids = [one.id for one in self._task.parts]
            return ids[: ids.index(part.id)]
        return part.depends_on

    async def _one(self, part: Task) -> None:
        needs = self._needs(part)
        for ref in needs:
            await self._over[ref].wait()
        try:
            await self._done(part, needs)
        finally:
            self._over[part.id].set()

    async def _done(self, part: Task, needs: Sequence[str]) -> None:
        # A sequence goes on past a part that failed, unless the next one names it.
        if missing := [ref for ref in part.depends_on if ref in self._lost]:
            self._lost[part.id] = blocked_by(missing)
            self._step.run.skip(task_step(part, tries_left=False), self._lost[part.id].message)
            return
        before = [(one, self._found[one.id]) for one in self._task.parts if one.id in needs and one.id in self._found]
        try:
            background = self._background.within(part, before)
            self._found[part.id] = await self._iteration.worked(self._step, part, background)
        except StoreError:
            raise
        except LevadaError as error:
            self._lost[part.id] = Lost(message=error.message, reason=error.reason)


def joined(parts: Sequence[tuple[Task, Found]]) -> Found:
    """Return what the parts of a task found together."""
    return Found(
        text="\n\n".join(found.text for _, found in parts if found.text),
        queries=[query for _, found in parts for query in found.queries],
        passages={name: passage for _, found in parts for name, passage in found.passages.items()},
    )
