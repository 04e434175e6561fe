"""A play whose steps wait at gates that a test opens, and what a run said that rests between them."""

import asyncio
from collections import Counter, defaultdict
from typing import Any

from core.identity import LOCAL
from core.pipeline import Run, Step, StepSpec, step
from levada.v1.event_pb2 import Event
from levada.v1.run_pb2 import RunState
from tests.engine.stage import Stage, Word, answered, kinds, spec
from tests.servers import until

PAUSED = RunState.RUN_STATE_PAUSED
NAMES = ("one", "two", "three", "four")
SPECS = [spec(name, index / 4) for index, name in enumerate(NAMES)]


class Play:
    """Steps that say when they are reached and wait until they may go on. Counts how often each was done."""

    def __init__(self) -> None:
        self.reached: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self.go: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self.began: Counter[str] = Counter()
        self.done: Counter[str] = Counter()

    def step(self, one: StepSpec, *inner: StepSpec, fails: bool = False):
        @step(one)
        async def work(step: Step, word: str) -> Word:
            self.began[step.name] += 1
            step.progress("at it", 0.5)
            await step.flush()
            self.reached[step.name].set()
            await self.go[step.name].wait()
            if fails:
                raise LookupError
            for other in inner:
                word = (await step.run.step(self.step(other), word)).text
            self.done[step.name] += 1
            return Word(text=f"{word}/{one.name}")

        return work

    async def in_a_row(self, run: Run):
        word = ""
        for one in SPECS:
            word = (await run.step(self.step(one), word)).text
        return answered(word)

    def let(self, *names: str) -> None:
        for name in names:
            self.go[name].set()


async def begun(stage: Stage, **limits: Any) -> tuple[Play, str]:
    """Begin a run of all steps; return the play and the run's id while it waits in the first one."""
    play = Play()
    await stage.play(play.in_a_row, *SPECS, **limits)
    run_id = await stage.create()
    await play.reached["one"].wait()
    return play, run_id


async def rested(stage: Stage, **limits: Any) -> tuple[Play, str, list[Event]]:
    """Return a play, its run's id and what that said once it rests after the first step; no gate is left shut."""
    play, run_id = await begun(stage, **limits)
    await stage.engine.pause(LOCAL, run_id)
    play.let(*NAMES)
    return play, run_id, await paused(stage, run_id)


async def paused(stage: Stage, run_id: str, after: int = 0) -> list[Event]:
    """Return what a run said once it rests."""
    seen = await stage.until(run_id, "paused", after=after)
    run = await stage.get(run_id)
    assert (run.state, run.last_sequence) == (PAUSED, seen[-1].sequence), (run, kinds(seen))
    await until(lambda: run_id not in stage.engine._runner._lives)
    return seen
