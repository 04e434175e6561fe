"""What a task of a workflow costs beside its own work: planning, scheduling, events, its checkpoint, all of it durable.

A workflow of tasks that find something at once runs through the engine on SQLite (WAL, full sync) as the pipeline
`research` does it, from the request to the last event read; with one task only it costs what does not grow with tasks,
and that is taken off. Beside it, in the same process: the same tasks in a bare asyncio.TaskGroup with as many at once,
each of which commits a row to SQLite by sqlite3 in a thread, which is the least that "not done again" takes without
joining commits.

python -m benchmarks.workflow [--tasks N] [--breadth N] [--rounds N]
"""

import argparse
import asyncio
import os
import sqlite3
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import SimpleNamespace

import uvloop

from core.engine import Engine
from core.identity import LOCAL
from core.models import planner
from core.pipeline import Ending, Run, Step, nothing_left
from core.pipelines import research
from core.pipelines.research.results import Found, Query, Task
from core.pipelines.research.workflow import Background
from core.settings import Limits, Settings
from levada.v1.event_pb2 import FINDING_KIND_TOTAL, Event, Figure, Finding
from levada.v1.run_pb2 import ResearchParameters, ResearchTask, RunOptions, RunRequest

FINDING = Finding(kind=FINDING_KIND_TOTAL, text="It comes to 7.", figures=[Figure(name="total", value=7)])


async def trivial(step: Step, task: Task, background: Background) -> Found:
    """Find something at once, and say so as a task does."""
    step.emit(FINDING)
    return Found(text=FINDING.text, queries=[Query(id=f"{task.id}.q1", question="?", source="s", findings=[FINDING])])


async def _answer(run: Run) -> Ending:
    return await research.answer(run, trivial)


async def workflow(engine: Engine, count: int, breadth: int) -> float:
    """Return the seconds from the request to the last event of a workflow of *count* tasks."""
    tasks = [ResearchTask(task_id=f"t{number}", objective="Look.") for number in range(count)]
    request = RunRequest(
        pipeline="research",
        question="Look",
        options=RunOptions(breadth=breadth),
        research=ResearchParameters(tasks=tasks),
    )
    begun = time.perf_counter()
    run, _ = await engine.create(LOCAL, request)
    last = b""
    async for batch in engine.watch(LOCAL, run.run_id, 0):
        last = batch[-1]
    seconds = time.perf_counter() - begun
    assert Event.FromString(last).HasField("completed")
    return seconds


async def bare(folder: str, count: int, breadth: int) -> float:
    """Return the seconds that *count* tasks take which only find something and commit it."""
    database = sqlite3.connect(f"{folder}/bare.db", check_same_thread=False)
    database.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE done (name, result);")
    room, thread = asyncio.Semaphore(breadth), ThreadPoolExecutor(1)

    def commit(name: str, result: str) -> None:
        with database:
            database.execute("INSERT INTO done VALUES (?, ?)", (name, result))

    async def task(name: str) -> None:
        async with room:
            result = Found(text=FINDING.text, queries=[Query(id=name, question="?", source="s", findings=[FINDING])])
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(thread, commit, name, result.model_dump_json(round_trip=True))

    begun = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for number in range(count):
            group.create_task(task(f"t{number}"))
    seconds = time.perf_counter() - begun
    thread.shutdown()
    database.close()
    return seconds


async def measured(tasks: int, breadth: int, rounds: int) -> tuple[list[float], list[float]]:
    """Return the milliseconds per task of workflows and of bare tasks, of several rounds."""
    ours: list[float] = []
    base: list[float] = []
    limits = Limits(runs_per_minute=100_000, tenant_runs_per_minute=100_000)
    services = SimpleNamespace(model=lambda *_: planner(), sources=lambda *_: {"s": None}, limits=limits)
    pipeline = replace(research.PIPELINE, run=_answer, ended=nothing_left)
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            settings = Settings(store=f"sqlite:///{folder}/levada.db", limits=limits)
            async with Engine(settings, [pipeline], services) as engine:
                await workflow(engine, 1, breadth)
                one = await workflow(engine, 1, breadth)
                ours.append(1e3 * (await workflow(engine, tasks, breadth) - one) / (tasks - 1))
            base.append(1e3 * await bare(folder, tasks, breadth) / tasks)
    return ours, base


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=200)
    parser.add_argument("--breadth", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    ours, base = await measured(arguments.tasks, arguments.breadth, arguments.rounds)
    for one, other in zip(ours, base, strict=True):
        print(f"workflow {one:.2f} ms a task   bare {other:.2f} ms a task   ratio {one / other:.1f}")
    ratio = statistics.median(one / other for one, other in zip(ours, base, strict=True))
    print(f"median {statistics.median(ours):.2f} ms a task (goal < 2 ms), ratio {ratio:.1f}, {os.cpu_count()} cores")


if __name__ == "__main__":
    uvloop.run(main())
