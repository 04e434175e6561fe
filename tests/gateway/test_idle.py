"""A dialect may close streams on which nothing happens; the native one and `steps` never do."""

import asyncio
from typing import ClassVar

import pytest

from core.settings import Settings
from gateway.dialects import DIALECTS, Frame, Native
from tests.grpc_server.said import done, text

SECONDS = 0.5


class Hasty(Native):
    """Closes after a while without events, with a frame that says so."""

    name: ClassVar[str] = "hasty"
    idle_seconds: ClassVar[float | None] = SECONDS

    def idle(self):
        return (Frame("timeout", b"{}"),)


@pytest.fixture
def settings() -> Settings:
    return Settings(http="127.0.0.1:0", heartbeat=0.2)


@pytest.fixture(autouse=True)
def hasty(monkeypatch):
    monkeypatch.setitem(DIALECTS, "hasty", Hasty)


async def test_a_stream_on_which_nothing_happens_is_closed_and_can_be_resumed(door, runs):
    run_id = await door.ask()
    async with door.events(run_id, "/v1/runs/{}/events?dialect=hasty") as stream:
        assert [(message.event, message.id) for message in await stream.all()] == [("queued", "1"), ("timeout", "1")]
        assert stream.comments, "heartbeats are no events, and were sent"
    assert not runs.held[run_id].ended
    runs.say(run_id, done())
    async with door.events(run_id, "/v1/runs/{}/events?dialect=hasty", **{"Last-Event-ID": "1"}) as stream:
        assert [message.number for message in await stream.all()] == [2]


async def test_whatever_happens_in_time_keeps_it_open(door, runs):
    run_id = await door.ask()
    async with door.events(run_id, "/v1/runs/{}/events?dialect=hasty") as stream:
        reading = asyncio.ensure_future(stream.all())
        for _ in range(15):
            await asyncio.sleep(SECONDS / 10)
            runs.say(run_id, text())
        runs.say(run_id, done())
        assert [message.event for message in await reading][-1] == "completed"


@pytest.mark.parametrize("dialect", ["native", "steps"])
async def test_others_stay_open_however_long(door, runs, dialect):
    run_id = await door.ask()
    async with door.events(run_id, f"/v1/runs/{{}}/events?dialect={dialect}") as stream:
        reading = asyncio.ensure_future(stream.all())
        await asyncio.sleep(SECONDS * 3)
        assert not reading.done()
        runs.say(run_id, done())
        assert (await reading)[-1].number == 2
