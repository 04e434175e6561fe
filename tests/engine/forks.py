"""A play to be forked: its steps count how often each was done, and read different parts of the request."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from core.identity import LOCAL
from core.pipeline import Ending, Run, Step, StepSpec, step
from levada.v1 import event_pb2 as events
from levada.v1.event_pb2 import Event
from levada.v1.run_service_pb2 import ForkRunRequest
from tests.engine.stage import Stage, Word, answered, spec

READ = replace(spec("read"), reads=("question",))
FETCH = replace(spec("fetch", 0.3), reads=("row_limit",))
SAY = replace(spec("say", 0.6), reads=("analyze",))
SPECS = (READ, FETCH, SAY)
NAMES = [one.name for one in SPECS]


class Play:
    """Read, fetch and say; counts how often each was done, and fails where it is told to."""

    def __init__(self, fails: str = "") -> None:
        self.done: Counter[str] = Counter()
        self.fails = fails

    def step(self, one: StepSpec):
        @step(one)
        async def work(step: Step, word: str) -> Word:
            self.done[one.name] += 1
            step.text(events.CHANNEL_ANSWER, f"{one.name}ing ")
            step.progress("halfway", 0.5)
            step.emit(events.TableRows(row_count=2))
            step.emit(events.ModelCalled(input_tokens=5, output_tokens=1, cost_usd=0.5))
            if one.name == self.fails:
                raise LookupError
            step.summary(f"{one.name} of {step.run.request.question}")
            return Word(text=f"{word}/{one.name} {step.run.request.question}")

        return work

    async def run(self, run: Run) -> Ending:
        word = ""
        for one in SPECS:
            word = (await run.step(self.step(one), word)).text
        return answered(word)


async def fork(stage: Stage, run_id: str, step: str = "", **edits) -> str:
    run, _existed = await stage.engine.fork(LOCAL, ForkRunRequest(run_id=run_id, step=step, **edits))
    return run.run_id


def told(seen: Sequence[Event], *steps: str) -> list[Event]:
    """Return what was said in *steps*, as it is but for whose log it is in, and when."""
    found = []
    for event in seen:
        if event.step in steps:
            one = Event()
            one.CopyFrom(event)
            for name in ("run_id", "sequence", "time", "trace_id", "progress"):
                one.ClearField(name)
            found.append(one)
    return found


WHICH = events.InputRequested(input_id="which", kind=events.INPUT_KIND_CLARIFICATION, prompt="Which?")
