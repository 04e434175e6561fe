"""The adversary: a plan of blows drawn from a seed, and the hand that deals them."""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from psycopg import OperationalError

from tests.chaos.machine import Machine
from tests.chaos.world import LEASE, World

# What one round of blows holds, for a run of any length to know each kind.
ROUND = (
    *("kill server",) * 6,
    *("stop server",) * 4,
    *("cut sessions",) * 3,
    *("kill gateway",) * 2,
    "stop gateway",
    "crash database",
    "restart database",
)
# Seconds from blow to blow: often enough for every step to be hit, seldom enough for most runs not to be hit thrice.
PACE = 2.0


@dataclass(frozen=True)
class Blow:
    """What happens *at* that second; what is hit comes back, or goes on, after *lasting* seconds."""

    at: float
    kind: str
    server: int
    lasting: float


def plan(seed: int, seconds: float, servers: int) -> list[Blow]:
    """Return a blow every PACE seconds, the same ones for the same seed."""
    chance = random.Random(f"plan {seed}")
    kinds: list[str] = []
    while len(kinds) * PACE < seconds:
        kinds += chance.sample(ROUND, len(ROUND))
    blows = []
    for number in range(int(seconds / PACE)):
        kind = kinds[number]
        # Stopped for less than the lease a server keeps its runs; for longer it wakes up as a zombie.
        lasting = chance.uniform(0.3, 2.5) * LEASE if kind.startswith("stop") else chance.uniform(0.0, 1.5)
        blows.append(Blow((number + chance.random()) * PACE, kind, chance.randrange(servers), lasting))
    return blows


class Adversary:
    """Deals the blows of a plan. What is down already is spared, and not counted."""

    def __init__(self, world: World) -> None:
        self.dealt: Counter[str] = Counter()
        self._world = world
        self._busy: set[str] = set()

    async def rage(self, blows: Sequence[Blow]) -> None:
        """Deal *blows*, each at its time; then let everything come back."""
        began = asyncio.get_running_loop().time()
        async with asyncio.TaskGroup() as group:
            for blow in blows:
                await asyncio.sleep(began + blow.at - asyncio.get_running_loop().time())
                group.create_task(self._deal(blow))
        await self._world.heal()

    async def _deal(self, blow: Blow) -> None:
        what, whom = blow.kind.split()
        target = {"server": f"server-{blow.server}"}.get(whom, whom)
        if target in self._busy:
            return
        self._busy.add(target)
        try:
            await self._hit(what, target, blow.lasting)
            self.dealt[blow.kind] += 1
        finally:
            self._busy.discard(target)

    async def _hit(self, what: str, target: str, lasting: float) -> None:
        if target == "database":
            await self._world.database.restart("immediate" if what == "crash" else "fast")
        elif target == "sessions":
            with suppress(OperationalError):  # the database may be down at the moment
                await asyncio.to_thread(self._world.database.cut_sessions)
        else:
            machine = next(one for one in self._world.machines if one.name == target)
            await (_kill(machine, lasting) if what == "kill" else _stop(machine, lasting))


async def _kill(machine: Machine, lasting: float) -> None:
    await machine.kill()
    await asyncio.sleep(lasting)
    await machine.start()


async def _stop(machine: Machine, lasting: float) -> None:
    machine.stop()
    await asyncio.sleep(lasting)
    machine.go_on()
