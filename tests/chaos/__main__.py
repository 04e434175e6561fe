"""`python -m tests.chaos` (`make chaos`): a long play; SEED, SECONDS and RUNS choose another one."""

import asyncio
import os
import random
import sys

from tests.chaos.play import play
from tests.chaos.world import world


async def main() -> int:
    seed = int(os.environ.get("SEED") or random.randrange(1_000_000))
    seconds, runs = float(os.environ.get("SECONDS") or 120), int(os.environ.get("RUNS") or 100)
    print(f"seed {seed}, {seconds:g} s, {runs} runs", flush=True)
    async with world() as here:
        report = await play(here, seed, seconds, runs)
        print(report)
        for fault in report.faults:
            print(fault)
        if report.faults:
            print(here.logs())
    return min(1, len(report.faults))


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
