"""The reference design's WebSocket, driven as its client does: a message in, seven kinds of events out."""

import asyncio
from dataclasses import replace

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from levada.v1 import event_pb2 as events
from levada.v1.run_pb2 import AGENTS_MODE_DEBATE
from tests.gateway.sockets import address, socket
from tests.grpc_server.conftest import QUERY
from tests.grpc_server.said import done
from tests.servers import until

PATH = "/api/streaming/ws/tab-7"


@pytest.fixture
def pipelines():
    return [QUERY, replace(QUERY, name="agents")]


def story() -> list[events.Event]:
    """Return what two agents say."""
    chunk = events.TextDelta(channel=events.CHANNEL_ANSWER, text="Rain")
    return [
        events.Event(step="a", attempt=1, agent_started=events.AgentStarted(agent="analyst", role="primary")),
        events.Event(step="a", attempt=1, text_delta=chunk),
        events.Event(step="a", attempt=1, agent_interaction=events.AgentInteraction(from_agent="a", to_agent="b")),
        events.Event(step="a", attempt=1, agent_completed=events.AgentCompleted(agent="analyst", text="Rain")),
        done(),
    ]


async def test_a_message_is_answered_by_agents_who_are_told_as_they_work(door, runs):
    async with socket(door, PATH) as here:
        assert await here.next() == {"type": "connected", "connection_id": "tab-7"}
        created = await here.ask("message", message="Why?", mode="debate", primary_agent="analyst")
        run_id = created["run_id"]
        assert (created["type"], created["id"]) == ("created", "1")
        request = runs.held[run_id].run.request
        assert (request.pipeline, request.question, request.agents.mode) == ("agents", "Why?", AGENTS_MODE_DEBATE)
        runs.say(run_id, *story())
        told = await here.until("complete")
    kinds = ["progress", "agent_start", "agent_chunk", "interaction", "agent_complete", "complete"]
    assert [each["type"] for each in told] == kinds
    assert told[-1]["response"] == "Rain"
    assert {each["id"] for each in told} == {"1"}
    assert [each["sequence"] for each in told] == ["1", "2", "3", "4", "5", "6"]


async def test_frames_are_those_of_the_stream(door, runs):
    async with socket(door, PATH) as here:
        await here.next()
        run_id = (await here.ask("query", query="Why?"))["run_id"]
        runs.say(run_id, *story())
        told = await here.until("complete")
    async with door.events(run_id, "/v1/runs/{}/events?dialect=agents") as stream:
        streamed = [each.json for each in await stream.all()]
    assert [{name: each[name] for name in each if name not in ("id", "sequence")} for each in told] == streamed


async def test_a_message_is_cancelled_while_it_is_answered(door, runs):
    async with socket(door, PATH) as here:
        await here.next()
        nothing = await here.ask("cancel")
        assert (nothing["type"], nothing["violations"][0]["field"]) == ("error", "run_id")
        run_id = (await here.ask("message", message="Why?"))["run_id"]
        await here.say("cancel")
        async with asyncio.timeout(20):
            told = [await here.next() for _ in range(3)]
        assert {each["type"] for each in told} == {"progress", "done", "error"}
        assert runs.held[run_id].ended
        assert (await here.ask("ping"))["type"] == "pong"


async def test_after_a_reconnect_the_client_goes_on_where_it_was(door, runs):
    async with socket(door, PATH) as here:
        await here.next()
        run_id = (await here.ask("message", message="Why?", request_id="once"))["run_id"]
        await here.next()
    await until(lambda: door.readers == 0)
    runs.say(run_id, *story())
    async with socket(door, PATH) as here:
        await here.next()
        again = await here.ask("message", message="Why?", request_id="once", id="again")
        assert (again["run_id"], again["existed"]) == (run_id, True)
        await here.until("complete")
        await here.say("watch", run_id=run_id, after=3)
        told = await here.until("complete")
        assert [(each["id"], each["sequence"]) for each in told] == [(run_id, "4"), (run_id, "5"), (run_id, "6")]


@pytest.mark.parametrize(
    ("message", "field"),
    [({"message": 7}, "message"), ({}, "message"), ({"message": "Why?", "mode": "chaos"}, "mode")],
)
async def test_what_is_wrong_with_a_message_is_said_in_its_own_words(door, message, field):
    async with socket(door, PATH) as here:
        await here.next()
        error = await here.ask("message", **message)
        assert (error["type"], error["violations"][0]["field"]) == ("error", field)
        assert error["error"]


async def test_it_needs_a_token_too(door):
    with pytest.raises(InvalidStatus) as refused:
        await connect(address(door, PATH), proxy=None)
    assert refused.value.response.status_code == 401
