"""`make chaos`: a long play; `python -m tests.chaos --seed N --seconds N --runs N` is another, or the same again."""

import argparse
import asyncio
import random
import sys

from tests.chaos.play import play
from tests.chaos.world import world


async def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description="Disturb servers while runs go on.")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000), help="which blows, and what is asked")
    parser.add_argument("--seconds", type=float, default=120, help="how long the adversary rages")
    parser.add_argument("--runs", type=int, default=100, help="how many runs are asked for meanwhile")
    chosen = parser.parse_args()
    print(f"seed {chosen.seed}, {chosen.seconds:g} s, {chosen.runs} runs", flush=True)
    async with world() as here:
        report = await play(here, chosen.seed, chosen.seconds, chosen.runs)
        print(report)
        for fault in report.faults:
            print(fault)
        if report.faults:
            print(here.logs())
    return min(1, len(report.faults))


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
