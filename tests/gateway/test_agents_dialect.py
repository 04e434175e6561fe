"""The `agents` dialect and its routes: who speaks is told as it is said, and the answer once more at the end."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.pipeline import Pipeline
from gateway.dialects import Agents
from levada.v1 import event_pb2 as pb
from levada.v1.event_pb2 import Event
from levada.v1.run_pb2 import AgentsMode
from tests.gateway import stories
from tests.gateway.eventsource import Stream
from tests.gateway.stories import spoken, timed
from tests.grpc_server.conftest import QUERY

GOLDEN = Path(__file__).parent / "golden" / "agents.sse"
PATH = "/api/streaming/multi-agent"
SEVEN = {"agent_start", "agent_chunk", "agent_complete", "interaction", "progress", "error", "complete"}
CONTRIBUTION = pb.CHANNEL_CONTRIBUTION
ASKED = {"message": "Why do customers leave?", "conversation_id": "c", "mode": "debate", "primary_agent": "writer"}


@pytest.fixture
def pipelines() -> list[Pipeline]:
    return [replace(QUERY, name="agents")]


@pytest.fixture
async def run_id(door, runs) -> str:
    async with door.client.stream("POST", f"{PATH}/stream", json=ASKED, headers={"Idempotency-Key": "k"}) as answer:
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/event-stream")
        (run_id,) = runs.held
        assert answer.headers["location"] == f"{PATH}/{run_id}/stream"
    return run_id


async def frames(door, run_id: str, **headers: str) -> list[tuple[str, str, dict]]:
    async with door.events(run_id, f"{PATH}/{{}}/stream", **headers) as stream:
        return [(message.id, message.event, message.json) for message in await stream.all()]


def said(*events: Event) -> list[dict]:
    dialect = Agents()
    return [one for event in events for one in dialect.say(event)]


async def test_the_transcript_is_the_golden_one(door, runs, run_id):
    timed(runs, run_id, stories.agents())
    answer = await door.client.get(f"{PATH}/{run_id}/stream?token=anything")
    assert answer.text.replace(run_id, "RUN") == GOLDEN.read_text()
    own = await door.client.get(f"/v1/runs/{run_id}/events?dialect=agents")
    assert own.content == answer.content


async def test_what_is_asked_for_reaches_the_run_and_nobody_is_asked_back(runs, run_id):
    request = runs.held[run_id].run.request
    assert (request.pipeline, request.question, request.conversation_id) == ("agents", ASKED["message"], "c")
    assert (request.agents.mode, request.agents.primary_agent) == (AgentsMode.AGENTS_MODE_DEBATE, "writer")
    assert request.options.HasField("interactive") and not request.options.interactive


async def test_every_frame_says_its_type_and_the_seven_are_all_there_are(door, runs, run_id):
    timed(runs, run_id, stories.agents())
    told = await frames(door, run_id)
    assert {name for _, name, _ in told} == SEVEN - {"error"}
    assert all(event["type"] == name and event["run_id"] == run_id for _, name, event in told)
    progress = [event["progress"] for _, name, event in told if name == "progress"]
    assert progress == sorted(progress)
    chunks = [event for _, name, event in told if name == "agent_chunk"]
    whole = {event["agent"]: event["response"] for _, name, event in told if name == "agent_complete"}
    assert {agent: "".join(e["content"] for e in chunks if e["agent"] == agent) for agent in whole} == whole
    *_, (_, name, end) = told
    assert (name, end["response"], end["partial"]) == ("complete", stories.ANSWER, False)
    assert [one["to_agent"] for one in end["interactions"]] == ["analyst"]


async def test_resuming_from_each_number_gives_the_same_frames(door, runs, run_id):
    timed(runs, run_id, stories.agents(breaks=True))
    whole = await frames(door, run_id)
    numbers = sorted({int(number) for number, *_ in whole})
    for after in numbers[:-1]:
        # A frame shows the number of the last event that is whole: the last of an event's frames has its own.
        rest = await frames(door, run_id, **{"Last-Event-ID": str(after)})
        assert [frame[1:] for frame in rest] == [frame[1:] for frame in whole[len(whole) - len(rest) :]]
        assert rest[-1] == whole[-1]
    headers = {"Idempotency-Key": "k", "Last-Event-ID": str(numbers[-2])}
    async with door.client.stream("POST", f"{PATH}/stream", json=ASKED, headers=headers) as answer:
        assert [message.event for message in await Stream(answer).all()] == ["error", "complete"]
    assert list(runs.held) == [run_id]


async def test_an_answer_that_breaks_off_is_an_error_and_then_what_there_is_of_it(door, runs, run_id):
    timed(runs, run_id, stories.agents(breaks=True))
    *_, (_, name, error), (_, last, end) = await frames(door, run_id)
    assert (name, error["reason"], error["retryable"]) == ("error", "MODEL_UNAVAILABLE", True)
    assert (last, end["partial"]) == ("complete", True)
    assert stories.ANSWER.startswith(end["response"])


def test_without_any_of_an_answer_there_is_only_the_error():
    assert [one["type"] for one in said(Event(cancelled=pb.RunCancelled(cause="Enough.")))] == ["error"]


def test_what_an_earlier_attempt_said_is_no_part_of_the_answer():
    answer = pb.CHANNEL_ANSWER
    story = [
        stories.text("synthesize", answer, "Prices fe"),
        stories.text("synthesize", answer, "Prices rose", attempt=2),
        stories.whole("synthesize", answer, "Prices rose", attempt=2),
        Event(completed=pb.RunCompleted()),
    ]
    *chunks, end = said(*story)
    assert [one["attempt"] for one in chunks] == [1, 2]
    assert end["response"] == "Prices rose"


def test_an_agent_s_chunks_are_its_own_words_and_not_those_of_whom_it_asks():
    said_by = stories.speaks("contribute/analyst", "analyst", "supporting", "Prices rose.", 0.5, CONTRIBUTION)
    inner = stories.whole("contribute/analyst/asks-1/analyze_results", CONTRIBUTION, "**The answer is 5 %.**")
    thought = stories.whole("contribute/analyst/think", CONTRIBUTION, "Let me see. ")
    told = said(*said_by[:2], inner, thought, *said_by[2:])
    chunks = [one["content"] for one in told if one["type"] == "agent_chunk"]
    assert "".join(chunks) == "Let me see. Prices rose."
    assert {one["agent"] for one in told if one["type"] == "agent_chunk"} == {"analyst"}


def test_who_asked_whom_before_a_crash_is_not_told_twice_at_the_end():
    asked = pb.AgentInteraction(from_agent="writer", to_agent="analyst", query="Why?")
    events = [Event(step="contribute/analyst", attempt=attempt, agent_interaction=asked) for attempt in (1, 2)]
    *told, end = said(*events, Event(completed=pb.RunCompleted()))
    assert (len(told), len(end["interactions"])) == (2, 1)


async def test_a_message_can_be_answered_whole(door, runs):
    async with spoken(runs, stories.agents()):
        answer = await door.client.post(PATH, json={"query": "Why?", "supporting_agents": ["analyst"]})
    body = answer.json()
    assert (answer.status_code, body["response"], body["partial"]) == (200, stories.ANSWER, False)
    assert [each["agent"] for each in body["agents"]] == ["librarian", "analyst", "writer"]
    assert body["interactions"][0]["response"] == "Prices rose."


async def test_an_answer_that_breaks_off_is_a_problem_for_who_waits_for_it_whole(door, runs):
    async with spoken(runs, stories.agents(breaks=True)):
        answer = await door.client.post(PATH, json={"message": "Why?"})
    assert (answer.status_code, answer.json()["reason"]) == (503, "MODEL_UNAVAILABLE")
    assert answer.json()["metadata"]["run_id"] in runs.held


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "message"),
        ({"message": 5}, "message"),
        ({"message": " "}, "message"),
        ({"message": "m", "mode": "shouting"}, "mode"),
        ({"message": "m", "supporting_agents": "analyst"}, "supporting_agents"),
        ({"message": "m", "unheard_of": 1}, "unheard_of"),
    ],
)
async def test_a_wrong_message_is_refused_by_the_field_s_name(door, runs, body, field):
    for path in (PATH, f"{PATH}/stream"):
        answer = await door.client.post(path, json=body)
        assert (answer.status_code, answer.json()["violations"][0]["field"]) == (400, field), answer.text
    assert not runs.held


async def test_going_on_without_the_key_is_refused_and_asks_nothing_twice(door, runs):
    answer = await door.client.post(f"{PATH}/stream", json=ASKED, headers={"Last-Event-ID": "5"})
    assert (answer.status_code, answer.json()["violations"][0]["field"]) == (400, "Last-Event-ID")
    assert not runs.held
