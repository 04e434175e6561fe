"""How events get from a watch to a connection: at once, in one piece, and each stream for itself."""

import asyncio
import gc
import weakref
from typing import ClassVar

import httpx
import pytest

from gateway.dialects import DIALECTS, Native
from tests.grpc_server.said import done, text
from tests.servers import until
from tests.spans import recorded


class Brittle(Native):
    """Breaks at the second event."""

    name: ClassVar[str] = "brittle"

    def encode(self, event):
        return super().encode(event) if event.sequence < 2 else 1 / 0


async def connect(door, run_id):
    reader, writer = await asyncio.open_connection(*door.url.removeprefix("http://").split(":"))
    writer.write(b"GET /v1/runs/%b/events HTTP/1.1\r\nHost: localhost\r\n\r\n" % run_id.encode())
    return reader, writer


async def test_the_head_and_what_is_there_already_come_in_one_piece(door, runs):
    run_id = await door.ask()
    runs.say(run_id, text("first"))
    reader, writer = await connect(door, run_id)
    first = await reader.read(65_536)
    assert first.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"\nid: 2\nevent: text_delta\n" in first
    writer.close()


async def test_a_stream_that_breaks_is_cut_and_those_told_after_it_go_on(door, runs, monkeypatch):
    monkeypatch.setitem(DIALECTS, "brittle", Brittle)
    run_id = await door.ask()
    async with door.events(run_id, "/v1/runs/{}/events?dialect=brittle") as brittle, door.events(run_id) as sound:
        await brittle.next(1)
        await sound.next(1)
        runs.say(run_id, text())
        with pytest.raises(httpx.RemoteProtocolError):
            await brittle.next(1)
        runs.say(run_id, done())
        assert [message.number for message in await sound.all()] == [2, 3]
    await until(lambda: door.readers == 0)


async def test_what_nobody_foresaw_is_told_as_a_problem_and_counted_as_one(door, monkeypatch, caplog):
    monkeypatch.setattr("gateway.endpoints.events.cursor", lambda *_: 1 / 0)
    with recorded() as spans:
        answer = await door.client.get("/v1/runs/x/events")
        assert spans.one("GET /v1/runs/{run_id}/events").attributes["http.response.status_code"] == 500
    assert (answer.status_code, answer.json()["reason"]) == (500, "INTERNAL")
    assert "division" not in answer.text
    assert caplog.text.count("ZeroDivisionError") == 1


async def test_a_closed_connection_does_not_wait_for_the_garbage_collector(door, runs):
    run_id = await door.ask()
    before = set(door.server.server_state.connections)
    reader, writer = await connect(door, run_id)
    await reader.readuntil(b"event: queued")
    (connection,) = (weakref.ref(each) for each in door.server.server_state.connections - before)
    before.clear()
    gc.disable()
    try:
        writer.close()
        await until(lambda: connection() is None)
    finally:
        gc.enable()
