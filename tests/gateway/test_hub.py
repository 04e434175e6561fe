"""All readers share one stream: what a slow one costs, and what readers notice when the server goes away."""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from core.errors import StoreError
from core.settings import Settings
from gateway.watch import PATIENCE, WINDOW_BYTES
from tests.gateway.backend import Backend
from tests.gateway.conftest import gateway, long_run
from tests.grpc_server.said import done, text
from tests.servers import until


@pytest.fixture
async def backend(runs):
    here = Backend(runs, Settings(heartbeat=0.2))
    await here.start()
    yield here
    await here.stop()


@pytest.fixture
def settings(backend) -> Settings:
    return Settings(http="127.0.0.1:0", grpc=backend.address, heartbeat=0.2)


@pytest.fixture
async def door(settings):
    async with gateway(settings) as here:
        yield here


async def test_a_restarted_server_is_only_a_pause(door, runs, backend):
    run_id = await door.ask()
    async with door.events(run_id) as stream:
        await stream.next(1)
        for number in range(2, 6):
            await backend.stop()
            runs.say(run_id, text("said while nobody could hear"))
            await backend.start()
            assert [message.number for message in await stream.next(1)] == [number]
        runs.say(run_id, done())
        assert [message.number for message in await stream.all()] == [6]


async def test_many_readers_at_different_places_are_taken_up_where_they_were(door, runs, backend):
    ids = [await door.ask() for _ in range(30)]
    for count, run_id in enumerate(ids):
        runs.say(run_id, *(text() for _ in range(count)))

    async def read(run_id):
        async with door.events(run_id) as stream:
            return [message.number for message in await stream.all()]

    reading = [asyncio.ensure_future(read(run_id)) for run_id in ids]
    await until(lambda: runs.waiting == len(ids))
    await backend.stop()
    for run_id in ids:
        runs.say(run_id, text(), done())
    await backend.start()
    assert await asyncio.gather(*reading) == [list(range(1, count + 4)) for count in range(30)]


async def test_a_reader_is_taken_up_from_its_last_number_and_not_from_the_start(door, runs, backend, monkeypatch):
    run_id = await door.ask()
    runs.say(run_id, *(text() for _ in range(20)))
    async with door.events(run_id) as stream:
        await stream.next(21)
        await backend.stop()
        asked = []
        read = runs.read

        async def reading(caller, run_id, after, **bounds):
            asked.append(after)
            return await read(caller, run_id, after, **bounds)

        monkeypatch.setattr(runs, "read", reading)
        await backend.start()
        await until(lambda: asked)
        runs.say(run_id, done())
        assert [message.number for message in await stream.all()] == [22]
    assert min(asked) == 21


async def test_a_store_that_fails_for_a_moment_is_only_a_pause(door, runs):
    run_id = await door.ask()
    async with door.events(run_id) as stream:
        await stream.next(1)
        (watch,) = door.server._gateway.hub._watches.values()
        runs.failing = StoreError()
        runs.say(run_id, text())
        await until(lambda: watch.losses)
        runs.failing = None
        assert [message.number for message in await stream.next(1)] == [2]


async def test_a_server_that_stays_away_is_never_taken_for_an_end(door, runs, backend, monkeypatch):
    monkeypatch.setattr("gateway.watch.PATIENCE", 2)
    run_id = await door.ask()
    async with door.events(run_id) as stream:
        await stream.next(1)
        await backend.stop()
        assert [message.event for message in await stream.all()] == []
        assert "The server can't be reached." in stream.comments
    await backend.start()
    runs.say(run_id, done())
    await until(lambda: door.server._gateway.hub.connected)
    async with door.events(run_id, **{"Last-Event-ID": stream.last_id}) as again:
        assert [message.event for message in await again.all()] == ["completed"]


async def test_a_store_that_stays_away_ends_a_readers_patience_too(door, runs, monkeypatch):
    monkeypatch.setattr("gateway.watch.PATIENCE", 2)
    run_id = await door.ask()
    async with door.events(run_id) as stream:
        await stream.next(1)
        runs.failing = StoreError()
        runs.say(run_id, text())
        assert [message.event for message in await stream.all()] == []
    runs.failing = None
    async with door.events(run_id, **{"Last-Event-ID": stream.last_id}) as again:
        assert [message.number for message in await again.next(1)] == [2]


async def test_patience_lasts_about_half_a_minute():
    from gateway import hub

    waits = [min(hub.LONGEST_PAUSE, hub.FIRST_PAUSE * 2**failures) for failures in range(1, PATIENCE + 1)]
    assert 20 < 0.75 * sum(waits) < 40


async def test_a_stopping_gateway_asks_its_readers_to_come_back(door, runs, settings, monkeypatch):
    monkeypatch.setattr("gateway.sse.SPREAD", (1_234, 1_234))  # each after another while
    run_id = await door.ask()
    async with door.events(run_id) as stream:
        await stream.next(1)
        door.server.should_exit = True
        assert await stream.all() == []
        assert (stream.comments[-1], stream.retry) == ("The gateway is stopping.", 1_234)
    async with gateway(settings) as other, other.events(run_id, **{"Last-Event-ID": "1"}) as stream:
        runs.say(run_id, done())
        assert [message.number for message in await stream.all()] == [2]


@asynccontextmanager
async def standing_still(door, run_id):
    """Begin to read a run and take nothing meanwhile."""
    _, writer = await asyncio.open_connection(*door.url.removeprefix("http://").split(":"), limit=1_000)
    writer.write(b"GET /v1/runs/%b/events HTTP/1.1\r\nHost: localhost\r\n\r\n" % run_id.encode())
    try:
        yield
    finally:
        writer.transport.abort()


async def at_rest(watches):
    """Wait until nothing more comes for *watches*: a busy machine's buffers fill slowly."""
    places, still = None, 0
    while still < 5:
        now = [watch.after for watch in watches.values()]
        still = still + 1 if now == places and 0 not in now else 0
        places = now
        await asyncio.sleep(0.2)


@pytest.mark.parametrize(("size", "count"), [(100, 20_000), (60_000, 300), (1_000_000, 30)])
async def test_a_reader_that_stands_still_costs_little_and_delays_nobody(door, runs, size, count):
    """The slow ones read nothing of their runs; another gets its run's 500 events meanwhile."""
    slow = [await door.ask() for _ in range(4)]
    for run_id in slow:
        runs.say(run_id, *(text("x" * size) for _ in range(count)), done())
    watches = door.server._gateway.hub._watches
    async with AsyncExitStack() as readers:
        for run_id in slow:
            await readers.enter_async_context(standing_still(door, run_id))
        await until(lambda: len(watches) == len(slow))
        await at_rest(watches)
        fast = await door.ask()
        expected = long_run(runs, fast, 498)
        async with door.events(fast) as stream:
            assert [message.number for message in await stream.all()] == expected
        for watch in watches.values():
            assert watch.held <= WINDOW_BYTES + size + 200
            assert watch.after < count
    await until(lambda: door.readers == 0)


async def test_what_a_reader_has_not_taken_counts_after_the_server_came_back(door, runs, backend):
    """It holds a whole window; each restart that forgot that would send it another."""
    run_id = await door.ask()
    runs.say(run_id, *(text("x" * 7_000) for _ in range(3_000)), done())
    watches = door.server._gateway.hub._watches
    async with standing_still(door, run_id):
        await until(lambda: watches)
        (watch,) = watches.values()
        await until(lambda: watch.held > WINDOW_BYTES / 2)
        await at_rest(watches)
        assert WINDOW_BYTES / 2 < watch.held <= WINDOW_BYTES + 7_100
        for _ in range(3):
            await backend.stop()
            await backend.start()
            await until(lambda: door.server._gateway.hub.connected)
            await at_rest(watches)
            assert watch.held <= WINDOW_BYTES + 7_100
    await until(lambda: door.readers == 0)


@pytest.mark.parametrize("size", [60_000, 400_000])
async def test_large_events_come_whole_and_once(door, runs, size):
    run_id = await door.ask()
    runs.say(run_id, *(text(f"{number:07d}" + "x" * size) for number in range(30)), text("small"), done())
    async with door.events(run_id) as stream:
        messages = await stream.all()
    assert [message.number for message in messages] == list(range(1, 34))
    said = [message.json["textDelta"]["text"] for message in messages[1:31]]
    assert [(int(words[:7]), len(words)) for words in said] == [(number, size + 7) for number in range(30)]


async def test_a_slow_reader_still_gets_everything_once(door, runs):
    run_id = await door.ask()
    expected = long_run(runs, run_id, 300)
    async with door.events(run_id) as stream:
        seen = []
        async for message in stream:
            seen.append(message.number)
            if message.number % 50 == 0:
                await asyncio.sleep(0.02)
    assert seen == expected


async def test_a_gateway_without_a_server_says_so_and_recovers(runs, backend, settings):
    await backend.stop()
    async with gateway(settings) as door:
        assert (await door.client.get("/livez")).status_code == 200
        for path in ("/readyz", "/health", "/v1/runs", "/v1/runs/x/events"):
            answer = await door.client.get(path)
            assert (answer.status_code, answer.json()["reason"]) == (503, "STORE_UNAVAILABLE")
            assert answer.headers["retry-after"] == "1"
            assert "python -m grpc_server" in answer.json()["detail"]
        await backend.start()
        async with asyncio.timeout(60):
            while (await door.client.get("/readyz")).status_code != 200:
                pass
        run_id = await door.ask()
        runs.say(run_id, done())
        async with door.events(run_id) as stream:
            assert [message.number for message in await stream.all()] == [1, 2]
