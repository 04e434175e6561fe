"""A server to be killed: `python -m tests.engine.crashing STORE RUNS CURSORS` plays until all its runs have ended.

It prints one line for each accepted run ("run ID") and each event that a reader got ("event ID BASE64"), and goes on
reading after the numbers in CURSORS (JSON).
"""

import asyncio
import base64
import json
import sys

from core.engine import Engine
from core.identity import LOCAL
from core.pipeline import Ending, Pipeline, Run, Step, StepSpec, step
from core.settings import Limits, Settings
from levada.v1 import event_pb2 as events
from levada.v1.run_pb2 import RunRequest
from tests.engine.stage import Word, answered, pipeline, spec
from tests.limits import LIFTED

STEPS = [spec(name, index / 4) for index, name in enumerate(("classify", "write", "execute", "chart"))]


def working(one: StepSpec):
    @step(one)
    async def work(step: Step, word: str) -> Word:
        for number in range(20):
            step.text(events.CHANNEL_ANSWER, f"{number} ")
            await step.flush()
            await asyncio.sleep(0.001)
        return Word(text=f"{word}/{one.name}")

    return work


async def story(run: Run) -> Ending:
    word = ""
    for one in STEPS:
        word = (await run.step(working(one), word)).text
    return answered(word)


def played() -> Pipeline:
    return pipeline(story, *STEPS)


async def show(engine: Engine, run_id: str, after: int) -> None:
    async for batch in engine.watch(LOCAL, run_id, after):
        for data in batch:
            print("event", run_id, base64.b64encode(data).decode(), flush=True)


async def main(store: str, count: int, cursors: dict[str, int]) -> None:
    settings = Settings(store=store, lease=2, limits=Limits(concurrent_runs=4, **LIFTED))
    async with Engine(settings, [played()], None) as engine, asyncio.TaskGroup() as readers:
        for run_id, after in cursors.items():
            readers.create_task(show(engine, run_id, after))
        for number in range(count):
            request = RunRequest(pipeline="play", question="?", request_id=f"{number}")
            run, _existed = await engine.create(LOCAL, request)
            print("run", run.run_id, flush=True)
            if run.run_id not in cursors:
                readers.create_task(show(engine, run.run_id, 0))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), json.loads(sys.argv[3])))
