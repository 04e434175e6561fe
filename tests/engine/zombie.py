"""A server to be stopped and woken: `python -m tests.engine.zombie STORE LEASE FILE` works on what it finds.

Its work costs something all the time: it adds a line with the time to FILE every few milliseconds.
"""

import asyncio
import sys
import time
from pathlib import Path

from core.engine import Engine
from core.pipeline import Ending, Run, Step, step
from core.settings import Limits, Settings
from tests.engine.stage import answered, pipeline, spec
from tests.limits import LIFTED

TOIL = spec("toil")


async def main(url: str, lease: float, path: Path) -> None:
    @step(TOIL)
    async def toil(step: Step) -> None:
        print("toils", flush=True)
        while True:
            with path.open("a") as file:
                file.write(f"{time.time()}\n")
            step.progress("at it", 0.5)
            await asyncio.sleep(0.005)

    async def run(run: Run) -> Ending:
        await run.step(toil)
        return answered()

    settings = Settings(store=url, lease=lease, limits=Limits(**LIFTED))
    async with Engine(settings, [pipeline(run, TOIL)], None):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], float(sys.argv[2]), Path(sys.argv[3])))
