"""A toy pipeline, written as a newcomer would: it draws a lot, waits for a file that the question names, tells both.

It is put into a copy of the core (tests/toy_pipeline/house.py), never into the core itself.
"""

import asyncio
import secrets
from pathlib import Path

from pydantic import BaseModel

from core.errors import InvalidRequest
from core.identity import Principal
from core.pipeline import Ending, Pipeline, Run, Services, Step, StepSpec, step
from levada.v1 import event_pb2 as events
from levada.v1.run_pb2 import RunRequest

DRAW = StepSpec("draw", "Drawing a lot", "Drawing a lot…", "🎲", events.CATEGORY_ACTION, 0.1)
WAIT = StepSpec("wait", "Waiting for the file", "Waiting for the file…", "⏳", events.CATEGORY_THINKING, 0.3)
TELL = StepSpec("tell", "Telling", "Telling…", "📣", events.CATEGORY_ACTION, 0.9)


class Lot(BaseModel):
    number: str


@step(DRAW)
async def draw(step: Step) -> Lot:
    return Lot(number=secrets.token_hex(8))


@step(WAIT)
async def wait(step: Step, path: Path) -> None:
    step.progress("The file is not there yet.", 0.5)
    while not path.exists():  # noqa: ASYNC110, ASYNC240 - a file says nothing of itself
        await asyncio.sleep(0.01)


@step(TELL)
async def tell(step: Step, lot: Lot) -> None:
    for word in ("The", "lot", "is", lot.number):
        step.text(events.CHANNEL_ANSWER, f"{word} ")


async def tally(run: Run) -> Ending:
    """Draw, wait, tell."""
    lot = await run.step(draw)
    await run.step(wait, Path(run.request.question))
    await run.step(tell, lot)
    return Ending(events.OUTCOME_ANSWERED, f"The lot is {lot.number}.")


def check(request: RunRequest, _: Services, __: Principal) -> None:
    if not Path(request.question).is_absolute():
        raise InvalidRequest({"question": "This is no path from the root: name a file by its whole path."})


PIPELINE = Pipeline(
    name="tally",
    title="Draw a lot",
    description="Draws a lot, and tells it once a file is there.",
    steps=(DRAW, WAIT, TELL),
    run=tally,
    check=check,
    sample_questions=lambda *_: ["/tmp/there"],
)
