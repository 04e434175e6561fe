"""Two servers on one store, or one alone: tenants share the places fairly, and none has more than it may."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import func, select

from core.identity import Principal
from core.pipeline import Run
from core.store.tables import runs
from levada.v1.run_pb2 import RunRequest, RunState
from tests.engine.conftest import EVERYWHERE
from tests.engine.stage import Stage, answered, assert_whole, gather, pipeline
from tests.servers import until

pytestmark = EVERYWHERE

ANN, BOB = Principal("a", "ann"), Principal("b", "bob")


class Play:
    """Runs that end when one more is let go. Notes who began, in order, and how many of each tenant worked at once."""

    def __init__(self) -> None:
        self.began: list[tuple[str, str]] = []
        self.gate = asyncio.Semaphore(0)
        self.at_work: Counter[str] = Counter()
        self.most: Counter[str] = Counter()
        self.most_stored: Counter[str] = Counter()

    async def run(self, run: Run):
        tenant = run.owner.tenant
        self.began.append((tenant, run.request.question))
        self.at_work[tenant] += 1
        self.most[tenant] = max(self.most[tenant], self.at_work[tenant])
        await self.gate.acquire()
        self.at_work[tenant] -= 1
        return answered()

    async def next_one(self) -> str:
        """Let one run end; return whose run began in its place."""
        count = len(self.began)
        self.gate.release()
        await until(lambda: len(self.began) > count)
        assert len(self.began) == count + 1
        return self.began[-1][0]

    def open(self) -> None:
        """Let all runs end as they come."""
        for _ in range(1_000):
            self.gate.release()

    async def observe(self, stage: Stage) -> None:
        """Keep the highest number of runs that each tenant ever had at work, as the store has it."""
        running = select(runs.c.tenant, func.count()).where(runs.c.state == RunState.RUN_STATE_RUNNING)
        while True:
            async with stage.engine.store._reading.connect() as c:
                for tenant, count in await c.execute(running.group_by(runs.c.tenant)):
                    self.most_stored[tenant] = max(self.most_stored[tenant], count)
            await asyncio.sleep(0.002)


@asynccontextmanager
async def servers(stage: Stage, play: Play, places: int, **limits: int) -> AsyncIterator[None]:
    """Play with so many places on one server, or half of them on each of two where they can share the store."""
    shared = not stage.url.startswith("sqlite")
    each = {"concurrent_runs": places // 2 if shared else places, **limits}
    await stage.play(play.run, **each)
    if not shared:
        yield
        return
    second = Stage(stage.url, **each)
    second.pipelines["play"] = pipeline(play.run)
    async with second:
        yield


async def create(stage: Stage, owner: Principal, count: int, priority: int = 0) -> list[str]:
    asked = [
        stage.engine.create(owner, RunRequest(pipeline="play", question=f"{priority}/{number}", priority=priority))
        for number in range(count)
    ]
    return [run.run_id for run, _ in await gather(*asked)]


async def end(stage: Stage, owner: Principal, run_ids: list[str]) -> None:
    for seen in await gather(*(stage.watch(run_id, caller=owner) for run_id in run_ids)):
        assert_whole(seen)


async def test_one_run_begins_with_the_next_free_place_however_many_another_tenant_has_queued(stage: Stage):
    play = Play()
    async with servers(stage, play, places=2):
        many = await create(stage, ANN, 200)
        await until(lambda: len(play.began) == 2)
        one = await create(stage, BOB, 1)
        assert await play.next_one() == "b"
        play.open()
        await end(stage, BOB, one)
        await end(stage, ANN, many)


async def test_a_single_place_goes_around(stage: Stage):
    play = Play()
    places = 1 if stage.url.startswith("sqlite") else 2
    async with servers(stage, play, places=places, tenant_concurrent_runs=1):
        mine = await create(stage, ANN, 12)
        await until(lambda: len(play.began) == 1)
        theirs = await create(stage, BOB, 6)
        await until(lambda: len(play.began) == places)
        turns = [await play.next_one() for _ in range(6)]
        if places == 1:
            assert turns == ["b", "a", "b", "a", "b", "a"]
        play.open()
        await end(stage, ANN, mine)
        await end(stage, BOB, theirs)
        assert play.most == {"a": 1, "b": 1}


async def test_tenants_with_long_queues_share_evenly_and_each_goes_by_priority_then_age(stage: Stage):
    play = Play()
    async with servers(stage, play, places=2):
        busy = await create(stage, ANN, 2)
        await until(lambda: len(play.began) == 2)
        low, theirs = await create(stage, ANN, 8), await create(stage, BOB, 16)
        high = await create(stage, ANN, 8, priority=5)
        turns = Counter([await play.next_one() for _ in range(24)])
        assert abs(turns["a"] - turns["b"]) <= 2, turns
        play.open()
        await end(stage, ANN, busy + low + high)
        await end(stage, BOB, theirs)
    mine = [question for tenant, question in play.began[2:] if tenant == "a"]
    # Those of one priority were created at once, so that their age is that of their ids, not of their names.
    assert [question[:2] for question in mine] == ["5/"] * 8 + ["0/"] * 8


async def test_no_tenant_ever_has_more_at_work_on_all_servers_than_it_may(stage: Stage):
    play = Play()
    async with servers(stage, play, places=8, tenant_concurrent_runs=3):
        watching = asyncio.create_task(play.observe(stage))
        mine, theirs = await create(stage, ANN, 60), await create(stage, BOB, 60)
        await until(lambda: play.at_work == {"a": 3, "b": 3})
        play.open()
        await end(stage, ANN, mine)
        await end(stage, BOB, theirs)
        watching.cancel()
        await asyncio.wait([watching])
    assert play.most == {"a": 3, "b": 3}
    assert all(count <= 3 for count in play.most_stored.values())
