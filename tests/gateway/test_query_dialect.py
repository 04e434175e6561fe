"""The `query` dialect as a stream: its words, its resuming, and how it says what went wrong."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from core.pipeline import Pipeline
from gateway.dialects import Query
from levada.v1 import error_reason_pb2 as reasons
from levada.v1 import event_pb2 as pb
from levada.v1.event_pb2 import Event
from tests.gateway import spread
from tests.gateway.eventsource import Stream
from tests.grpc_server.conftest import QUERY
from tests.grpc_server.said import done

GOLDEN = Path(__file__).parent / "golden" / "query.sse"
# What the design names, but for what only a query of one database says.
NAMED = {"status", "classifying", "databases_selected", "schema_loading", "schema_chunks", "schema_loaded", "planning"}
NAMED |= {"sql_generated", "plan_validated", "aggregating", "partial_results", "partial_content", "analysis_chunk"}
NAMED |= {"progress", "complete"}
FIRST = 1_790_000_000 - 1
ASKED = {"question": "Tickets by country?", "analyze": True}


@pytest.fixture
def pipelines() -> list[Pipeline]:
    return [QUERY, replace(QUERY, name="federated")]


@pytest.fixture
async def session_id(door, runs) -> str:
    answer = await door.client.post("/query", json=ASKED, headers={"Prefer": "respond-async", "Idempotency-Key": "k"})
    assert answer.status_code == 202
    session_id = answer.json()["session_id"]
    queued = Event.FromString(runs.held[session_id].events[0])
    queued.time.FromSeconds(FIRST)
    runs.held[session_id].events[0] = queued.SerializeToString()
    return session_id


async def frames(door, session_id: str, **headers: str) -> list[tuple[str, dict]]:
    async with door.events(session_id, "/sessions/{}/stream", **headers) as stream:
        return [(message.id, message.json) for message in await stream.all()]


def number(frame: dict) -> int:
    """Return the number of a frame's event, which are a second apart here."""
    return int(datetime.fromisoformat(frame["timestamp"]).timestamp()) - FIRST + 1


def said(*events: Event) -> list[dict]:
    dialect = Query()
    return [frame for event in events for frame in dialect.say(event)]


async def test_the_transcript_is_the_golden_one(door, runs, session_id):
    runs.say(session_id, *spread.whole())
    answer = await door.client.get(f"/sessions/{session_id}/stream")
    assert answer.text.replace(session_id, "SESSION") == GOLDEN.read_text()
    own = await door.client.get(f"/v1/runs/{session_id}/events?dialect=query")
    assert own.content == answer.content


async def test_every_frame_says_when_of_what_session_and_how_far(door, runs, session_id):
    runs.say(session_id, *spread.whole())
    told = [frame for _, frame in await frames(door, session_id)]
    common = {"type", "timestamp", "session_id", "percentage", "stage", "attempt"}
    assert all(frame.keys() >= common and frame["session_id"] == session_id for frame in told)
    assert [frame["percentage"] for frame in told] == sorted(frame["percentage"] for frame in told)
    assert {frame["type"] for frame in told} == NAMED
    assert [frame["type"] for frame in told if frame["type"] in ("complete", "error")] == ["complete"]


async def test_a_stream_is_gone_on_with_from_each_number_by_the_same_key(door, runs, session_id):
    runs.say(session_id, *spread.whole())
    whole = await frames(door, session_id)
    # A frame shows the number of the last event that is whole: the last of an event's frames has its own.
    last = int(whole[-1][0])
    for after in range(1, last):
        rest = await frames(door, session_id, **{"Last-Event-ID": str(after)})
        assert [frame for _, frame in rest] == [frame for _, frame in whole if number(frame) > after]
    headers = {"Idempotency-Key": "k", "Last-Event-ID": str(last - 1)}
    async with door.client.stream("POST", "/query/stream", json=ASKED, headers=headers) as answer:
        assert answer.headers["location"] == f"/sessions/{session_id}"
        assert [message.json["type"] for message in await Stream(answer).all()] == ["complete"]
    over = {"Idempotency-Key": "k", "Last-Event-ID": str(last)}
    assert (await door.client.post("/query/stream", json=ASKED, headers=over)).status_code == 204
    assert list(runs.held) == [session_id]


async def test_going_on_without_the_key_is_refused_and_asks_nothing_twice(door, runs):
    answer = await door.client.post("/query/stream", json=ASKED, headers={"Last-Event-ID": "5"})
    assert (answer.status_code, answer.json()["violations"][0]["field"]) == (400, "Last-Event-ID")
    assert not runs.held


async def test_a_stream_tells_at_once_and_ends_with_the_failure_and_what_to_do(door, runs):
    async with door.client.stream("POST", "/cross-database-query/stream", json=ASKED) as answer:
        stream = Stream(answer)
        (first,) = await stream.next(1)
        session_id = first.json["session_id"]
        assert runs.held[session_id].run.request.pipeline == "federated"
        lost = reasons.ERROR_REASON_SOURCE_UNAVAILABLE
        message = pb.StepFailed(reason=lost, message="crm is down.")
        failed = pb.RunFailed(reason=lost, message="crm is down.", retryable=True, tried=["once"])
        runs.say(session_id, *spread.choosing(), Event(step="plan", step_failed=message), Event(failed=failed))
        last = (await stream.all())[-2:]
    assert [each.json["type"] for each in last] == ["status", "error"]
    error = last[-1].json
    assert (error["message"], error["reason"], error["retryable"]) == ("crm is down.", "SOURCE_UNAVAILABLE", True)
    assert len(error["suggestions"]) == 2


@pytest.mark.parametrize("reason", ["QUERY_TIMEOUT", "RUN_TIMEOUT", "STEP_TIMEOUT"])
def test_who_waited_too_long_is_told_to_ask_for_less(reason):
    failed = pb.RunFailed(reason=reasons.ErrorReason.Value(f"ERROR_REASON_{reason}"), message="Too long.")
    assert said(Event(failed=failed))[0]["suggestions"] == [
        "Ask for less: a shorter period, fewer groups, fewer databases."
    ]


def test_the_query_of_one_database_is_told_as_it_is_written_whole_and_checked():
    proposed = pb.QueryProposed(query_id="q1", source="crm", language="mongodb", text="{}", author="offline")
    told = said(
        Event(text_delta=pb.TextDelta(channel=pb.CHANNEL_SQL, text="{")),
        Event(text_delta=pb.TextDelta(channel=pb.CHANNEL_SQL, text="}")),
        Event(text_completed=pb.TextCompleted(channel=pb.CHANNEL_SQL, text="{}")),
        Event(query_proposed=proposed),
        Event(query_refused=pb.QueryRefused(query_id="q1", rule="stage", message="No $out.")),
        Event(query_validated=pb.QueryValidated(query_id="q1", text="{ }", row_limit=10)),
    )
    assert [frame["type"] for frame in told] == ["partial_sql"] * 2 + ["sql_complete", "status", "sql_generated"]
    assert [told[-1][name] for name in ("database", "language", "sql")] == ["crm", "mongodb", "{ }"]


def test_a_text_that_came_at_once_is_told_once():
    whole = pb.TextCompleted(channel=pb.CHANNEL_ANSWER, text="All of it.")
    assert [frame["text"] for frame in said(Event(step="a", text_completed=whole))] == ["All of it."]


def test_what_is_asked_back_is_told_with_its_options():
    asked = pb.InputRequested(prompt="Which year?", options=[pb.InputOption(value="2026", label="2026")])
    assert said(Event(input_requested=asked))[0]["message"] == "Which year?"
    needed = pb.RunCompleted(outcome=pb.OUTCOME_CLARIFICATION_NEEDED, clarification=asked)
    end = said(Event(completed=needed))[0]
    assert (end["outcome"], end["clarification"]["options"][0]["value"]) == ("clarification_needed", "2026")


def test_queries_that_the_caller_may_not_see_are_not_told():
    hidden = pb.PlanValidated(operations=[pb.PlannedOperation(id="a", source="crm", kind="sql")])
    (told,) = said(Event(plan_validated=hidden))
    assert (told["type"], told["operations"], told["plan"][0]["query"]) == ("plan_validated", 1, "")
    assert "estimated_time" not in told


async def test_who_comes_too_late_is_told_from_where_it_goes_on(door, runs, session_id):
    runs.say(session_id, *spread.table("t", {"n": spread.INTEGER}, (1,)), done())
    runs.forget(session_id, 3)
    runs.held[session_id].run.oldest_sequence = 3
    told = [frame for _, frame in await frames(door, session_id)]
    assert (told[0]["oldest"], told[-1]["type"]) == (3, "complete")
    # Rows whose columns nobody knows any more are no rows.
    assert "partial_results" not in {frame["type"] for frame in told if frame.get("rows")}
    assert (await door.client.get(f"/sessions/{session_id}")).json()["rows"] == []
