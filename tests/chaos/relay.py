"""A pipeline for chaos: long enough to be killed anywhere, with steps one after another, side by side and nested.

What it answers depends only on the question, so that a run that was interrupted can be held against one that was not.
"""

import asyncio
from pathlib import Path

from pydantic import BaseModel

from core.pipeline import Ending, Pipeline, Run, Step, StepSpec, step
from levada.v1 import event_pb2 as events

PIECES = 12
PAUSE = 0.05
# While this file is in a server's folder, nobody gets further than the left side's first word.
HELD = Path("held")


class Word(BaseModel):
    text: str


def spec(name: str, progress: float) -> StepSpec:
    return StepSpec(name, name.title(), f"{name.title()}…", "🏃", events.CATEGORY_ACTION, progress)


async def speak(step: Step, times: int = PIECES, held: Path | None = None) -> None:
    """Say the step's name piece by piece, some of them waiting until they are durable, all but one while *held*."""
    for number in range(times):
        step.text(events.CHANNEL_ANSWER, f"{step.name} {number} ")
        if number % 4 == 3:
            step.progress(f"{number + 1} of {times}", (number + 1) / times)
            await step.flush()
        await asyncio.sleep(PAUSE)
        while held is not None and held.exists():  # noqa: ASYNC110, ASYNC240 - in other hands
            await asyncio.sleep(PAUSE)


@step(spec("gather", 0.0))
async def gather(step: Step, baton: str) -> Word:
    await speak(step)
    return Word(text=f"{baton}>gather")


@step(spec("left", 0.2))
async def left(step: Step, baton: str) -> Word:
    await speak(step, held=HELD)
    return Word(text=f"{baton}>left")


@step(spec("right", 0.2))
async def right(step: Step, baton: str) -> Word:
    await speak(step, PIECES // 2)
    return Word(text=f"{baton}>right")


@step(spec("inner", 0.6))
async def inner(step: Step, baton: str) -> Word:
    await speak(step)
    return Word(text=f"{baton}>inner")


@step(spec("outer", 0.5))
async def outer(step: Step, baton: str) -> Word:
    for _ in range(2):
        baton = (await step.run.step(inner, baton)).text
    await speak(step, PIECES // 2)
    return Word(text=f"{baton}>outer")


@step(spec("deliver", 0.8))
async def deliver(step: Step, baton: str) -> Word:
    for number in range(200):
        step.emit(events.Finding(text=f"{number} " * 20))
        if number % 20 == 19:
            await step.flush()
    return Word(text=f"{baton}>deliver")


STEPS = [fn.spec for fn in (gather, left, right, outer, deliver)]


async def relay(run: Run) -> Ending:
    """Hand a baton from step to step; whether it arrived unharmed is seen in the answer."""
    baton = (await run.step(gather, run.request.question)).text
    async with asyncio.TaskGroup() as tasks:
        sides = [tasks.create_task(run.step(side, baton)) for side in (left, right)]
    baton = "+".join(side.result().text for side in sides)
    baton = (await run.step(outer, baton)).text
    baton = (await run.step(deliver, baton)).text
    return Ending(events.OUTCOME_ANSWERED, baton)


def answer(question: str) -> str:
    """Return what an undisturbed run answers."""
    start = f"{question}>gather"
    return f"{start}>left+{start}>right>inner>inner>outer>deliver"


RELAY = Pipeline("relay", "Relay", relay.__doc__ or "", STEPS, relay, lambda *_: None, lambda *_: ())
