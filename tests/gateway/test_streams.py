"""A run's events over SSE: what is on the wire, resuming, ends, gaps, heartbeats."""

import asyncio

import httpx
import pytest
from google.protobuf import json_format

from core.settings import Settings
from levada.v1 import event_pb2 as events
from tests.gateway.conftest import long_run
from tests.grpc_server.said import done, text
from tests.servers import until


async def test_what_is_on_the_wire_is_what_the_contract_says(door, runs):
    run_id = await door.ask()
    runs.say(run_id, text("Hello"), done())
    answer = await door.client.get(f"/v1/runs/{run_id}/events")
    assert answer.content == (
        b"retry: 1000\n\n"
        b'id: 1\nevent: queued\ndata: {"runId":"%(id)b","sequence":"1","queued":{"position":1}}\n\n'
        b'id: 2\nevent: text_delta\ndata: {"runId":"%(id)b","sequence":"2",'
        b'"textDelta":{"channel":"CHANNEL_ANSWER","text":"Hello"}}\n\n'
        b'id: 3\nevent: completed\ndata: {"runId":"%(id)b","sequence":"3","completed":{"summary":"Done."}}\n\n'
    ) % {b"id": run_id.encode()}
    assert answer.headers["content-type"] == "text/event-stream"
    assert answer.headers["cache-control"] == "no-cache, no-transform"
    assert answer.headers["x-accel-buffering"] == "no"


async def test_events_arrive_as_they_happen_and_the_stream_ends_after_the_terminal_one(door, runs):
    run_id = await door.ask()
    async with door.events(run_id) as stream:
        assert [m.event for m in await stream.next(1)] == ["queued"]
        runs.say(run_id, text("live"))
        assert (await stream.next(1))[0].json["textDelta"]["text"] == "live"
        runs.say(run_id, done())
        assert [m.event for m in await stream.all()] == ["completed"]
        assert stream.retry == 1000
    await until(lambda: door.readers == 0)


async def test_generated_clients_can_parse_what_is_sent(door, runs):
    run_id = await door.ask()
    runs.say(run_id, text("a"), done())
    async with door.events(run_id) as stream:
        parsed = [json_format.Parse(message.data, events.Event()) for message in await stream.all()]
    assert [event.SerializeToString() for event in parsed] == runs.held[run_id].events


@pytest.mark.parametrize("words", [40])
async def test_resuming_from_each_number_gives_the_rest_exactly_once(door, runs, words):
    run_id = await door.ask()
    numbers = long_run(runs, run_id, words)
    for after in numbers[:-1]:
        async with door.events(run_id, **{"Last-Event-ID": str(after)}) as stream:
            assert [message.number for message in await stream.all()] == numbers[after:]


async def test_the_browsers_cursor_wins_over_the_addresses(door, runs):
    run_id = await door.ask()
    numbers = long_run(runs, run_id, 5)
    url = f"/v1/runs/{run_id}/events?after=2"
    async with door.events(run_id, url) as stream:
        assert [message.number for message in await stream.all()] == numbers[2:]
    async with door.events(run_id, url, **{"Last-Event-ID": "5"}) as stream:
        assert [message.number for message in await stream.all()] == numbers[5:]


async def test_coming_back_after_the_end_gets_204_so_that_browsers_stop(door, runs):
    run_id = await door.ask()
    last = long_run(runs, run_id, 2)[-1]
    answer = await door.client.get(f"/v1/runs/{run_id}/events", headers={"Last-Event-ID": str(last)})
    assert (answer.status_code, answer.content) == (204, b"")


async def test_a_cursor_ahead_of_the_run_is_refused(door, runs):
    run_id = await door.ask()
    answer = await door.client.get(f"/v1/runs/{run_id}/events?after=9")
    assert (answer.status_code, answer.json()["reason"]) == (400, "CURSOR_AHEAD")
    assert answer.json()["metadata"] == {"last_sequence": "1"}


async def test_a_gap_is_said_and_the_stream_goes_on_from_there(door, runs):
    run_id = await door.ask()
    numbers = long_run(runs, run_id, 8)
    runs.forget(run_id, 5)
    async with door.events(run_id, **{"Last-Event-ID": "2"}) as stream:
        gap, *rest = await stream.all()
    assert (gap.event, gap.json) == ("gap", {"oldestSequence": "5"})
    assert [message.number for message in rest] == numbers[4:]


@pytest.mark.parametrize("settings", [Settings(http="127.0.0.1:0", heartbeat=0.1)])
async def test_silence_is_broken_by_comments_that_are_no_events(door, runs):
    run_id = await door.ask()
    async with door.events(run_id, **{"Last-Event-ID": "1"}) as stream:
        reading = asyncio.ensure_future(stream.all())
        await until(lambda: len(stream.comments) >= 3)
        runs.say(run_id, done())
        assert [message.number for message in await reading] == [2]
    assert set(stream.comments) == {""}


async def test_hostile_text_cannot_forge_events(door, runs):
    hostile = "a\nb\r\nc\rdata: x\n\nid: 99\nevent: completed\n\n\u2028\u2029\ufeff\x00"
    run_id = await door.ask()
    runs.say(run_id, text(hostile), done())
    async with door.events(run_id) as stream:
        messages = await stream.all()
    assert [message.event for message in messages] == ["queued", "text_delta", "completed"]
    assert messages[1].json["textDelta"]["text"] == hostile


async def test_an_event_of_a_newer_server_keeps_its_number(door, runs):
    run_id = await door.ask()
    runs.held[run_id].events.append(events.Event(run_id=run_id, sequence=2).SerializeToString() + b"\xc2\x3e\x00")
    runs.held[run_id].run.last_sequence = 2
    runs.say(run_id, done())
    async with door.events(run_id) as stream:
        assert [(m.number, m.event) for m in await stream.all()] == [(1, "queued"), (2, "unknown"), (3, "completed")]


async def test_leaving_takes_the_watch_with_it_and_not_the_run(door, runs):
    run_id = await door.ask()
    async with door.events(run_id) as stream:
        await stream.next(1)
        await until(lambda: runs.waiting == 1)
    await until(lambda: (door.readers, runs.waiting) == (0, 0))
    assert not runs.held[run_id].ended


async def test_two_hundred_readers_get_the_same_numbers(door, runs):
    ids = [await door.ask() for _ in range(20)]

    async def read(run_id):
        async with door.events(run_id) as stream:
            return [message.number for message in await stream.all()]

    limits = httpx.Limits(max_connections=None, keepalive_expiry=1)
    async with httpx.AsyncClient(base_url=door.url, timeout=60, limits=limits) as door.client:
        reading = [asyncio.ensure_future(read(ids[number % 20])) for number in range(200)]
        await until(lambda: (door.readers, runs.waiting) == (200, 20), 60)
        expected = [long_run(runs, run_id, 30) for run_id in ids]
        assert await asyncio.gather(*reading) == expected * 10


async def test_pollers_get_pages(door, runs):
    run_id = await door.ask()
    long_run(runs, run_id, 8)
    seen, ended = [], False
    while not ended:
        url = f"/v1/runs/{run_id}/events?after={len(seen)}&limit=4"
        page = (await door.client.get(url, headers={"Accept": "application/json"})).json()
        assert len(page["events"]) <= 4
        seen += [int(event["sequence"]) for event in page["events"]]
        ended = page.get("ended", False)
    assert seen == list(range(1, 11))


@pytest.mark.parametrize("cursor", ["-1", "x", "1.5", "9" * 30, "\u0663".encode().decode("latin1")])
async def test_a_cursor_that_is_no_number_is_refused(door, cursor):
    run_id = await door.ask()
    answer = await door.client.get(f"/v1/runs/{run_id}/events", headers={"Last-Event-ID": cursor.encode("latin1")})
    assert (answer.status_code, answer.json()["reason"]) == (400, "INVALID_REQUEST")
    assert answer.json()["violations"][0]["field"] == "Last-Event-ID"


async def test_a_run_that_is_not_there_is_told_before_a_stream_begins(door):
    answer = await door.client.get("/v1/runs/nothing/events")
    assert (answer.status_code, answer.json()["reason"]) == (404, "RUN_NOT_FOUND")
