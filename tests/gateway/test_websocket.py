"""Several runs asked, watched and steered over one WebSocket: the same events as over SSE, each once and in order."""

import json

import pytest
from websockets.exceptions import ConnectionClosed

from core.settings import Settings
from gateway.dialects import DIALECTS
from levada.v1 import event_pb2 as events
from tests.gateway.conftest import long_run
from tests.gateway.sockets import numbers, socket
from tests.gateway.test_flow import Brittle
from tests.grpc_server.said import done, text
from tests.servers import until


async def test_a_question_is_answered_over_the_socket_it_was_asked_on(door, runs):
    async with socket(door) as here:
        created = await here.ask("run", id="a", request={"question": "How many orders?"})
        run_id = created["run"]["runId"]
        assert (created["type"], created["id"], created["existed"]) == ("created", "a", False)
        assert (await here.next())["event"] == "queued"
        runs.say(run_id, text("live"))
        live = await here.next()
        assert (live["event"], live["sequence"], live["data"]["textDelta"]["text"]) == ("text_delta", "2", "live")
        runs.say(run_id, done())
        assert [each["type"] for each in await here.until("end")] == ["event", "end"]
    await until(lambda: door.readers == 0)


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_what_is_told_is_to_the_byte_what_a_stream_of_the_same_dialect_tells(door, runs, dialect):
    run_id = await door.ask()
    runs.say(run_id, events.Event(step_started=events.StepStarted(title="Think")), text("ü"), text(), done())
    async with door.events(run_id, f"/v1/runs/{{}}/events?dialect={dialect}") as stream:
        streamed = [(each.event, each.json) for each in await stream.all()]
    async with socket(door) as here:
        await here.say("watch", id="w", runId=run_id, dialect=dialect)
        told = await here.until("end")
    assert [(each["event"] or "message", each["data"]) for each in told[:-1]] == [
        (event or "message", data) for event, data in streamed
    ]


async def test_runs_share_a_connection_and_one_that_says_much_does_not_hold_up_the_others(door, runs):
    loud, quiet = await door.ask(), await door.ask()
    expected = long_run(runs, loud, 5_000)
    runs.say(quiet, done())
    async with socket(door) as here:
        await here.say("watch", id="loud", runId=loud)
        await here.say("watch", id="quiet", runId=quiet)
        messages = await here.until("end", id="loud")
    assert numbers(messages, "loud") == expected
    assert numbers(messages, "quiet") == [1, 2]
    kinds = [(each["type"], each["id"]) for each in messages]
    assert kinds.index(("end", "quiet")) < len(messages) / 2


async def test_a_watch_goes_on_after_the_number_it_names(door, runs):
    run_id = await door.ask()
    expected = long_run(runs, run_id, 40)
    async with socket(door) as here:
        for after in (12, "41", expected[-1]):
            await here.say("watch", id="w", runId=run_id, after=after)
            assert numbers(await here.until("end"), "w") == expected[int(after) :]


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_nobody_is_told_that_a_run_is_over_who_asks_for_what_it_has_not_said_yet(door, runs, dialect):
    run_id = await door.ask()
    async with socket(door) as here:
        told = await here.ask("watch", id="w", runId=run_id, after=99, dialect=dialect)
        assert (told["type"], told["problem"]["reason"]) == ("error", "CURSOR_AHEAD")
        await until(lambda: door.readers == 0)


async def test_a_run_is_cancelled_in_the_middle_of_its_stream(door, runs):
    async with socket(door) as here:
        run_id = (await here.ask("run", id="a", request={"question": "How many orders?"}))["run"]["runId"]
        await here.say("cancel", id="stop", runId=run_id, cause="Enough.")
        told: dict[str, dict] = {}
        while not {"stop done", "a end"} <= set(told):  # whichever is first
            message = await here.next()
            told[f"{message['id']} {message['type']}"] = message
    assert told["stop done"]["run"]["runId"] == run_id
    assert told["a event"]["data"]["cancelled"]["cause"] == "Enough."


async def test_a_run_is_paused_resumed_answered_and_forked(door, runs):
    run_id = await door.ask()
    runs.held[run_id].run.input.input_id = "i"
    async with socket(door) as here:
        for verb in ("pause", "resume"):
            assert (await here.ask(verb, id=verb, runId=run_id))["type"] == "done"
        answer = {"inputId": "i", "text": "Yes", "decision": "DECISION_APPROVE"}
        assert (await here.ask("respond", id="r", runId=run_id, answer=answer))["type"] == "done"
        assert runs.held[run_id].answers[0].text == "Yes"
        forked = await here.ask("fork", id="f", request={"runId": run_id, "question": "And yesterday?"})
        assert (forked["type"], forked["run"]["forkedFrom"]) == ("created", run_id)
        assert (await here.next())["event"] == "queued"


async def test_nothing_more_is_told_of_a_run_that_is_watched_no_longer(door, runs):
    run_id = await door.ask()
    async with socket(door) as here:
        await here.ask("watch", id="w", runId=run_id)
        assert (await here.ask("unwatch", id="w"))["type"] == "unwatched"
        await until(lambda: door.readers == 0)
        runs.say(run_id, text())
        assert (await here.ask("ping", id="p")) == {"type": "pong", "id": "p"}
        assert (await here.ask("unwatch", id="w"))["problem"]["violations"][0]["field"] == "id"


async def test_what_is_no_longer_held_is_told(door, runs):
    run_id = await door.ask()
    long_run(runs, run_id, 20)
    runs.forget(run_id, 15)
    async with socket(door) as here:
        gap = await here.ask("watch", id="w", runId=run_id, after=2)
        assert gap == {"type": "gap", "id": "w", "oldestSequence": "15"}
        assert numbers(await here.until("end"), "w")[0] == 15


@pytest.mark.parametrize("settings", [Settings(http="127.0.0.1:0", heartbeat=0.1)])
async def test_the_cursor_moves_on_past_what_a_dialect_has_no_words_for(door, runs):
    run_id = await door.ask()
    runs.say(run_id, text(), text())
    async with socket(door) as here:
        await here.say("watch", id="w", runId=run_id, dialect="steps")
        assert (await here.until("position"))[-1]["sequence"] == "3"


async def test_a_run_made_again_with_its_request_id_is_watched_from_where_the_client_was(door, runs):
    async with socket(door) as here:
        first = await here.ask("run", id="a", request={"question": "How many?", "requestId": "once"})
        runs.say(first["run"]["runId"], text(), done())
    async with socket(door) as here:
        again = await here.ask("run", id="a", after=2, request={"question": "How many?", "requestId": "once"})
        assert (again["run"]["runId"], again["existed"]) == (first["run"]["runId"], True)
        assert numbers(await here.until("end"), "a") == [3]


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ("nonsense", "message"),
        ("[]", "message"),
        (b"{}", "message"),
        ("{}", "type"),
        ({"type": "sing"}, "type"),
        ({"type": "ping", "id": 7}, "id"),
        ({"type": "ping", "id": "x" * 101}, "id"),
        ({"type": "watch", "id": "w"}, "runId"),
        ({"type": "watch", "id": "w", "runId": "r", "after": -1}, "after"),
        ({"type": "watch", "id": "w", "runId": "r", "after": True}, "after"),
        ({"type": "watch", "id": "w", "runId": "r", "dialect": "latin"}, "dialect"),
        ({"type": "run", "id": "w", "request": "How many?"}, "request"),
        ({"type": "run", "id": "w", "request": {"sql": "How many?"}}, "sql"),
        ({"type": "run", "id": "w", "request": {}}, "question"),
        ({"type": "cancel", "id": "w", "run": "r"}, "run"),
    ],
)
async def test_what_is_wrong_with_a_message_is_said_by_field_and_the_connection_goes_on(door, message, field):
    async with socket(door) as here:
        await here.connection.send(json.dumps(message) if isinstance(message, dict) else message)
        answer = await here.next()
        assert answer["type"] == "error"
        assert (answer["problem"]["status"], answer["problem"]["violations"][0]["field"]) == (400, field)
        assert (await here.ask("ping"))["type"] == "pong"


async def test_a_run_that_cannot_be_watched_is_refused_and_its_id_can_be_used_again(door, runs):
    run_id = await door.ask()
    async with socket(door) as here:
        for asked in ("nothing", "nothing"):
            refused = await here.ask("watch", id="w", runId=asked)
            assert (refused["id"], refused["problem"]["reason"]) == ("w", "RUN_NOT_FOUND")
        ahead = await here.ask("watch", id="w", runId=run_id, after=99)
        assert ahead["problem"]["reason"] == "CURSOR_AHEAD"
        refused = await here.ask("cancel", id="c", runId="nothing")
        assert (refused["id"], refused["problem"]["status"]) == ("c", 404)
        assert (await here.ask("watch", id="w", runId=run_id))["event"] == "queued"


async def test_an_id_names_one_watch_and_there_are_only_so_many(door, runs):
    run_id = await door.ask()
    async with socket(door) as here:
        for number in range(50):
            assert (await here.ask("watch", id=f"w{number}", runId=run_id))["event"] == "queued"
        twice = await here.ask("watch", id="w7", runId=run_id)
        assert "already" in twice["problem"]["detail"]
        beyond = await here.ask("run", id="more", request={"question": "How many?"})
        assert "at most 50" in beyond["problem"]["detail"]
        await here.ask("unwatch", id="w7")
        assert (await here.ask("watch", id="w7", runId=run_id))["event"] == "queued"


async def test_a_watch_that_breaks_is_told_and_the_others_go_on(door, runs, monkeypatch):
    monkeypatch.setitem(DIALECTS, "brittle", Brittle)
    run_id = await door.ask()
    runs.say(run_id, text(), done())
    async with socket(door) as here:
        await here.say("watch", id="brittle", runId=run_id, dialect="brittle")
        assert (await here.until("error"))[-1]["problem"]["reason"] == "INTERNAL"
        await here.say("watch", id="sound", runId=run_id)
        assert numbers(await here.until("end"), "sound") == [1, 2, 3]


async def test_what_nobody_foresaw_closes_the_connection_and_is_logged(door, monkeypatch, caplog):
    monkeypatch.setattr("gateway.websocket.session.named", lambda *_: 1 / 0)
    async with socket(door) as here:
        with pytest.raises(ConnectionClosed) as closed:
            await here.ask("ping")
    assert closed.value.rcvd.code == 1011
    assert "ZeroDivisionError" in caplog.text


async def test_a_reader_that_leaves_is_forgotten_with_all_its_watches_and_its_runs_go_on(door, runs):
    async with socket(door) as here:
        run_id = (await here.ask("run", id="a", request={"question": "How many orders?"}))["run"]["runId"]
        await here.ask("watch", id="b", runId=run_id)
        await until(lambda: door.readers == 2)
    await until(lambda: door.readers == 0)
    assert not runs.held[run_id].ended
