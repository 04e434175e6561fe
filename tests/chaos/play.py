"""One play of chaos: runs are asked for and read while an adversary rages; then peace, and everything is examined."""

import asyncio
import random
from collections import Counter
from contextlib import aclosing
from dataclasses import dataclass

from levada.v1.error_reason_pb2 import ERROR_REASON_WORKER_LOST
from levada.v1.event_pb2 import Event
from tests.chaos import checks, relay
from tests.chaos.adversary import Adversary, plan
from tests.chaos.checks import Kept
from tests.chaos.readers import Readers, Record
from tests.chaos.users import Asked, User, requests
from tests.chaos.world import World

# How long everything may take to end once nobody disturbs it any more, on a machine that is busy with other things.
PEACE = 240.0


@dataclass
class Report:
    """What happened, and what was wrong: nothing, if all is well."""

    seed: int
    blows: Counter[str]
    ends: Counter[str]
    taken_over: int
    repeated: int
    events: int
    records: list[Record]
    faults: list[str]

    def __str__(self) -> str:
        dealt = ", ".join(f"{kind} {count}" for kind, count in sorted(self.blows.items()))
        ends = ", ".join(f"{count} {kind}" for kind, count in sorted(self.ends.items()))
        connections = sum(record.connections for record in self.records)
        compared = sum(len(record.seen) for record in self.records)
        return (
            f"seed {self.seed}: {self.blows.total()} blows ({dealt})\n"
            f"{self.ends.total()} runs ({ends}), taken over {self.taken_over} times\n"
            f"{self.repeated} requests repeated\n"
            f"{len(self.records)} readers, reconnected {connections - len(self.records)} times\n"
            f"{compared} events read, compared with the {self.events} in the store\n"
            f"losses and other faults: {len(self.faults)}"
        )


async def play(world: World, seed: int, seconds: float, runs: int) -> Report:
    """Play in a fresh *world* for *seconds*, and wait until every run has ended."""
    asked = requests(seed, runs)
    adversary = Adversary(world)
    async with aclosing(Readers(world.addresses, world.http)) as readers, asyncio.TaskGroup() as group:
        users = [
            group.create_task(_user(one, readers, random.Random(f"user {seed} {number}"), number / runs * seconds))
            for number, one in enumerate(asked)
        ]
        await adversary.rage(plan(seed, seconds, len(world.servers)))
        _, late = await asyncio.wait(users, timeout=PEACE)
        for task in late:
            task.cancel()
        if not late:
            await _read_again(asked, readers)
    return _report(world, seed, asked, adversary, len(late))


async def _user(asked: Asked, readers: Readers, chance: random.Random, after: float) -> None:
    await asyncio.sleep(after)
    await User(asked, readers, chance).live()


async def _read_again(asked: list[Asked], readers: Readers) -> None:
    """Let somebody who comes after the end read every run."""
    for one in asked:
        one.records.append(Record(one.records[0].run_id, "late"))
        await readers.read(one.records[-1], readers.anywhere(random.Random(one.request.request_id)))


def _report(world: World, seed: int, asked: list[Asked], adversary: Adversary, late: int) -> Report:
    ids = {run_id for (run_id,) in world.database.query("SELECT id FROM runs")}
    accepted = {run_id for one in asked for run_id in one.runs}
    faults = [f"{one.request.request_id} gave {one.runs}" for one in asked if len(one.runs) != 1]
    if late:
        faults.append(f"{late} users wait still")
    if ids != accepted:
        faults.append(f"runs that nobody knows of: {ids - accepted}; runs that are gone: {accepted - ids}")
    found = [(one, checks.kept(world.database, run_id)) for one in asked for run_id in one.runs & ids]
    for one, run in found:
        faults += [*checks.faults(run), *checks.losses(run, one.records), *_wrong_end(one, run)]
    return Report(
        seed=seed,
        blows=adversary.dealt,
        ends=Counter(_end(run.events[-1]) for _, run in found),
        taken_over=sum(run.attempts - 1 for _, run in found),
        repeated=sum(one.tries - 1 for one in asked),
        events=sum(len(run.log) for _, run in found),
        records=[record for one in asked for record in one.records],
        faults=faults,
    )


def _wrong_end(asked: Asked, run: Kept) -> list[str]:
    """Say whether a run ended otherwise than it may."""
    last = run.events[-1]
    match _kind(last):
        case "failed" if last.failed.reason == ERROR_REASON_WORKER_LOST:
            return []  # three workers in a row died at one step, and so it should end
        case "cancelled" if asked.wish == "cancel":
            return []
        case "completed" if asked.request.pipeline == "query":
            return []
        case "completed" if last.completed.summary == relay.answer(asked.request.question):
            return []
    return [f"{run.run_id} ended otherwise than it should: {last}"]


def _end(last: Event) -> str:
    lost = last.failed.reason == ERROR_REASON_WORKER_LOST
    return "given up as their step lost three workers" if lost else _kind(last)


def _kind(event: Event) -> str:
    return event.WhichOneof("payload") or ""
