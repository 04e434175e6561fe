"""Workflows whose tasks' work is played: what began, what was known to it, what goes wrong, what waits."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from core.errors import LevadaError, SourceUnavailable
from core.identity import LOCAL
from core.models import planner
from core.pipeline import Ending, Run, Step, nothing_left
from core.pipelines import research
from core.pipelines.research.results import Found, Query, Task
from core.pipelines.research.workflow import Background
from levada.v1.event_pb2 import FINDING_KIND_TOTAL, Event, Figure, Finding
from levada.v1.run_pb2 import ResearchParameters, ResearchTask
from tests.engine.stage import Stage, kind


class Play:
    """Works on tasks as it is told: *fails* says how often each does, *shut* ones wait until they are let."""

    def __init__(self, fails: Mapping[str, int] | None = None, shut: Sequence[str] = ()) -> None:
        self.fails = Counter(fails or {})
        self.error: LevadaError = LevadaError("The well is dry.")
        self.gates: defaultdict[str, asyncio.Event] = defaultdict(_open)
        for name in shut:
            self.gates[name] = asyncio.Event()
        self.began: list[str] = []
        self.done: Counter[str] = Counter()
        self.at_once = self.most_at_once = 0
        self.known: dict[str, Background] = {}

    async def work(self, step: Step, task: Task, background: Background) -> Found:
        self.began.append(task.id)
        self.known[task.id] = background
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await self.gates[task.id].wait()
        finally:
            self.at_once -= 1
        if self.fails[task.id]:
            self.fails[task.id] -= 1
            raise self.error
        self.done[task.id] += 1
        return found(task.id)

    async def answer(self, run: Run) -> Ending:
        return await research.answer(run, self.work)

    async def on(self, stage: Stage, **limits: Any) -> "Play":
        stage.services = SimpleNamespace(model=lambda *_: planner())
        await stage.restart(
            replace(research.PIPELINE, run=self.answer, check=lambda *_: None, ended=nothing_left), **limits
        )
        return self


def _open() -> asyncio.Event:
    gate = asyncio.Event()
    gate.set()
    return gate


def found(name: str) -> Found:
    figure = Figure(name="total", value=7, label=f"top of {name}")
    finding = Finding(kind=FINDING_KIND_TOTAL, text=f"{name} found 7.", figures=[figure], query_id=f"{name}.q1")
    query = Query(id=f"{name}.q1", question=f"What of {name}?", source="well", rows=1, findings=[finding])
    return Found(text=f"{name} found 7.", queries=[query])


def unreachable() -> SourceUnavailable:
    return SourceUnavailable("The well can't be reached.")


def task(task_id: str, *needs: str, **more: Any) -> ResearchTask:
    return ResearchTask(task_id=task_id, objective=f"Look at {task_id}.", depends_on=needs, **more)


def workflow(*tasks: ResearchTask) -> dict[str, Any]:
    return {"pipeline": "research", "research": ResearchParameters(name="A workflow", tasks=tasks)}


def steps(seen: Sequence[Event], what: str = "step_completed") -> list[str]:
    return [event.step for event in seen if kind(event) == what]


def payloads(seen: Sequence[Event], what: str) -> list[Any]:
    return [getattr(event, what) for event in seen if kind(event) == what]


async def told(stage: Stage, run_id: str, names: Sequence[str]) -> None:
    """Return once readers were told that the tasks of *names* are done or failed."""
    left = set(names)
    async with asyncio.timeout(60), aclosing(stage.engine.watch(LOCAL, run_id, 0)) as batches:
        async for batch in batches:
            for event in map(Event.FromString, batch):
                if kind(event) in ("step_completed", "step_failed"):
                    left.discard(event.step.rpartition("/")[2])
            if not left:
                return
