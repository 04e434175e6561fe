"""A server dies or falls silent in the middle of a run: another takes over in time, and what wakes up does no harm."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Self

import pytest
import pytest_asyncio

from levada.v1.event_pb2 import Event
from levada.v1.run_pb2 import RunRequest
from levada.v1.run_service_pb2 import CreateRunRequest
from tests.chaos import checks, freezing, relay
from tests.chaos.machine import Machine
from tests.chaos.readers import Readers, Record
from tests.chaos.world import LEASE, World, world
from tests.pace import pace
from tests.servers import until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.postgres,
    pytest.mark.timeout(300),
    pytest.mark.asyncio(loop_scope="module"),
]

# What work may add to a lease and half of one, on a quiet machine.
MARGIN = 3.0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pair() -> AsyncIterator[World]:
    async with world(servers=2) as here:
        yield here


@dataclass
class Scene:
    """A relay in its middle: the server that works on it, and a reader at each of the two servers."""

    world: World
    readers: Readers
    worker: Machine
    here: Record
    there: Record
    reading: list[asyncio.Task[None]]

    @classmethod
    async def set(cls, here: World, readers: Readers) -> Self:
        await here.heal()
        (here.folder / relay.HELD).touch()
        request = CreateRunRequest(run=RunRequest(pipeline="relay", question="baton"))
        run_id = (await readers.stubs[0].CreateRun(request, wait_for_ready=True)).run.run_id
        first = Record(run_id, "grpc")
        watching = asyncio.create_task(readers.read(first, itertools.cycle(readers.stubs)))
        await until(lambda: any(b"left 0" in data for data in first.seen), 60)
        watching.cancel()
        worker = here.server_of(run_id)
        at, other = readers.stubs if worker is here.servers[0] else reversed(readers.stubs)
        records = Record(run_id, "grpc"), Record(run_id, "grpc")
        reading = [
            asyncio.create_task(readers.read(records[0], itertools.cycle((at, other)))),
            # However long a busy machine says nothing, this one stays where it is.
            asyncio.create_task(readers.read(records[1], itertools.repeat(other), silence=None)),
        ]
        await until(lambda: all(record.seen for record in records), 60)
        return cls(here, readers, worker, *records, reading)

    async def end(self) -> checks.Kept:
        """Let the run go on, until both readers have seen its end; return it, in which nothing may be wrong."""
        (self.world.folder / relay.HELD).unlink()
        async with asyncio.timeout(120):
            await asyncio.gather(*self.reading)
        run = checks.kept(self.world.database, self.here.run_id)
        assert not [*checks.faults(run), *checks.losses(run, [self.here, self.there])]
        assert run.events[-1].completed.summary == relay.answer("baton")
        return run


@pytest_asyncio.fixture(loop_scope="module")
async def scene(pair: World) -> AsyncIterator[Scene]:
    async with aclosing(Readers(pair.addresses)) as readers:
        yield await Scene.set(pair, readers)


def seconds(event: Event) -> float:
    return event.time.ToMicroseconds() / 1e6


async def test_a_killed_servers_run_is_taken_over_within_a_lease_and_a_half(scene: Scene):
    with pace() as since:
        await scene.worker.kill()
        run = await scene.end()
        slowdown = since.slowdown
    [resumed] = [event for event in run.events if event.WhichOneof("payload") == "resumed"]
    pause = seconds(resumed) - seconds(run.events[resumed.sequence - 2])
    print(f"taken over {pause:.2f} s after the last word, of a lease of {LEASE:g} s")
    assert pause <= 1.5 * LEASE + MARGIN * slowdown


async def test_a_reader_elsewhere_notices_a_pause_and_nothing_else(scene: Scene):
    await scene.worker.kill()
    await scene.end()
    assert scene.there.connections == 1
    assert scene.here.connections > 1


async def test_a_zombie_appends_nothing_says_so_and_goes_on_with_other_runs(scene: Scene):
    zombie, silenced = scene.worker, len(scene.worker.log.read_bytes())
    zombie.stop()
    run = await scene.end()
    assert run.attempts == 2
    zombie.go_on()
    told = f"Run {run.run_id} is another worker's now"
    await until(lambda: told in zombie.log.read_bytes()[silenced:].decode(), 60)
    assert checks.kept(scene.world.database, run.run_id) == run

    [other] = [server for server in scene.world.servers if server is not zombie]
    await other.kill()
    stub = scene.readers.stubs[scene.world.servers.index(zombie)]
    answer = await stub.CreateRun(CreateRunRequest(run=RunRequest(pipeline="relay", question="next")))
    record = Record(answer.run.run_id, "grpc")
    async with asyncio.timeout(120):
        await scene.readers.read(record, itertools.repeat(stub))
    assert Event.FromString(record.seen[-1]).completed.summary == relay.answer("next")


async def test_a_server_that_stands_still_while_it_claims_does_not_keep_the_others_from_it(pair: World):
    await pair.heal()
    marker = pair.folder / freezing.FROZEN
    async with aclosing(Readers(pair.addresses)) as readers:
        request = RunRequest(pipeline="relay", question="cold", request_id="freeze")
        stub = readers.stubs[0]
        call = stub.CreateRun(CreateRunRequest(run=request), wait_for_ready=True)
        await until(marker.exists, 60)
        call.cancel()  # it may be the very server that stops
        [frozen] = [server for server in pair.servers if server.pid == int(marker.read_text())]
        [(run_id,)] = pair.database.query("SELECT run_id FROM request_ids WHERE request_id = 'freeze'")
        record = Record(run_id, "grpc")
        other = readers.stubs[1 - pair.servers.index(frozen)]
        try:
            async with asyncio.timeout(120):
                await readers.read(record, itertools.repeat(other))
        finally:
            frozen.go_on()
    assert not [*checks.faults(checks.kept(pair.database, run_id)), *record.faults]
    assert Event.FromString(record.seen[-1]).completed.summary == relay.answer("cold")
