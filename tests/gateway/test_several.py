"""Several runs over one stream: each whole and in order, whatever becomes of the others."""

import asyncio

import pytest

from core.settings import Settings
from tests.gateway.conftest import long_run
from tests.gateway.eventsource import Message
from tests.grpc_server.said import done, text
from tests.servers import until


def of(run_id: str, messages: list[Message]) -> list[str]:
    """Return what *messages* say of a run: the numbers of its events, and the names of what is no event."""
    mine = (message for message in messages if message.json["runId"] == run_id)
    return [message.json.get("sequence", message.event) for message in mine]


def path(**after: int) -> str:
    return "/v1/events?" + "&".join(f"run={run_id}:{number}" for run_id, number in after.items())


async def test_events_of_all_runs_come_as_they_happen_and_the_stream_ends_with_the_last(door, runs):
    first, second = await door.ask(), await door.ask()
    async with door.events("", path(**{first: 0, second: 0})) as stream:
        assert {message.json["runId"] for message in await stream.next(2)} == {first, second}
        runs.say(second, text("live"))
        assert (await stream.next(1))[0].json["textDelta"]["text"] == "live"
        runs.say(first, done())
        assert [message.event for message in await stream.next(2)] == ["completed", "ended"]
        runs.say(second, done())
        assert of(second, await stream.all()) == ["3", "ended"]
    await until(lambda: door.readers == 0)


async def test_each_run_goes_on_after_its_own_number(door, runs):
    first, second = await door.ask(), await door.ask()
    numbers = [str(number) for number in long_run(runs, first, 40)]
    long_run(runs, second, 40)
    async with door.events("", path(**{first: 0, second: 39}), **{"Last-Event-ID": "12"}) as stream:
        messages = await stream.all()
    assert of(first, messages) == [*numbers, "ended"]
    assert of(second, messages) == ["40", "41", "42", "ended"]


async def test_a_run_that_had_ended_before_is_told_as_ended(door, runs):
    run_id = await door.ask()
    numbers = long_run(runs, run_id, 1)
    async with door.events("", path(**{run_id: numbers[-1]})) as stream:
        assert of(run_id, await stream.all()) == ["ended"]


async def test_a_run_that_cannot_be_watched_is_refused_and_the_others_go_on(door, runs):
    run_id = await door.ask()
    runs.say(run_id, done())
    async with door.events("", path(**{"nothing": 0, run_id: 0})) as stream:
        messages = await stream.all()
    assert of(run_id, messages) == ["1", "2", "ended"]
    (refused,) = [message for message in messages if message.event == "refused"]
    assert refused.json["runId"] == "nothing"
    assert (refused.json["status"], refused.json["reason"]) == (404, "RUN_NOT_FOUND")


async def test_what_is_no_longer_held_is_told_with_its_run(door, runs):
    run_id = await door.ask()
    long_run(runs, run_id, 20)
    runs.forget(run_id, 15)
    async with door.events("", path(**{run_id: 2})) as stream:
        messages = await stream.all()
    assert messages[0].event == "gap"
    assert messages[0].json == {"runId": run_id, "oldestSequence": "15"}
    assert of(run_id, messages)[1:3] == ["15", "16"]


@pytest.mark.parametrize("settings", [Settings(http="127.0.0.1:0", heartbeat=0.1)])
async def test_silence_is_broken_by_comments(door, runs):
    run_id = await door.ask()
    async with door.events("", path(**{run_id: 1})) as stream:
        reading = asyncio.ensure_future(stream.all())
        await until(lambda: len(stream.comments) >= 3)
        runs.say(run_id, done())
        assert of(run_id, await reading) == ["2", "ended"]


async def test_one_run_that_says_much_does_not_hold_up_the_others(door, runs):
    loud, quiet = await door.ask(), await door.ask()
    long_run(runs, loud, 20_000)
    runs.say(quiet, done())
    async with door.events("", path(**{loud: 0, quiet: 0})) as stream:
        messages = await stream.all()
    assert len(of(loud, messages)) == 20_003
    told = [message.event for message in messages if message.json["runId"] == quiet]
    assert told == ["queued", "completed", "ended"]
    assert messages.index(next(m for m in messages if m.event == "ended")) < 10_000


async def test_a_reader_that_leaves_is_forgotten_with_all_its_runs(door, runs):
    asked = [await door.ask() for _ in range(3)]
    async with door.events("", path(**dict.fromkeys(asked, 0))) as stream:
        await stream.next(3)
        assert door.readers == 3
    await until(lambda: door.readers == 0)


async def test_a_gateway_that_stops_cuts_the_stream_and_says_when_to_come_back(door, runs):
    run_id = await door.ask()
    async with door.events("", path(**{run_id: 0})) as stream:
        await stream.next(1)
        door.server._gateway.hub.stop()
        assert await stream.all() == []
        assert stream.retry >= 500


@pytest.mark.parametrize(
    "query",
    ["", "run=", "run=:1", "run=a:x", "run=a:-1", "run=a:1&run=a:2", "&".join(f"run=r{n}:0" for n in range(51))],
)
async def test_what_names_no_runs_is_refused_by_field(door, query):
    answer = await door.client.get(f"/v1/events?{query}")
    assert answer.status_code == 400
    assert answer.json()["violations"][0]["field"] == "run"
