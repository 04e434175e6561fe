"""The whole answers of the `query` dialect, and sessions: what is known so far, and stopping them."""

import asyncio
import base64
import json
from dataclasses import replace

import pytest

from core.errors import StoreError
from core.pipeline import Pipeline
from gateway import gathering, rows
from gateway.dialects import Query
from levada.v1 import error_reason_pb2 as reasons
from levada.v1 import event_pb2 as pb
from levada.v1.event_pb2 import Event
from tests.gateway import spread
from tests.gateway.spread import INTEGER
from tests.grpc_server.conftest import QUERY
from tests.grpc_server.said import done
from tests.servers import until

ASKED = {"question": "Tickets by country?", "analyze": True}


@pytest.fixture
def pipelines() -> list[Pipeline]:
    return [QUERY, replace(QUERY, name="federated")]


async def asking(door, runs, path: str = "/query", **body):
    """Return the call under way and the id of its session."""
    known = set(runs.held)
    call = asyncio.ensure_future(door.client.post(path, json=ASKED | body))
    await until(lambda: call.done() or set(runs.held) - known)
    return call, (set(runs.held) - known).pop()


async def test_a_whole_answer_waits_for_the_end_and_has_it_all(door, runs):
    call, session_id = await asking(door, runs)
    runs.say(session_id, *spread.whole()[:-1])
    await until(lambda: runs.waiting)
    assert not call.done()
    runs.say(session_id, spread.whole()[-1])
    answer = await call
    assert (answer.status_code, answer.headers["location"]) == (200, f"/sessions/{session_id}")
    body = answer.json()
    assert (body["status"], body["outcome"], body["session_id"]) == ("complete", "answered", session_id)
    assert body["databases"] == ["crm", "support"]
    assert (body["sql"], len(body["queries"]), len(body["plan"])) == (spread.COMBINE, 3, 3)
    assert body["rows"] == [{"country": "Norway", "tickets": 1}, {"country": "Japan", "tickets": str(2**60)}]
    assert (body["row_count"], body["truncated"], body["analysis"]) == (2, None, "Japan has most.")
    assert (body["chart"]["vega_lite"], body["follow_ups"]) == ({"mark": "bar"}, ["And by month?"])
    assert body["queries"][1]["sql"] == '{"collection":"customers","pipeline":[{"$limit":5}]}'


@pytest.mark.parametrize(("analyze", "analysis"), [(True, 2), (False, 1)])
async def test_what_is_asked_is_asked_of_the_run(door, runs, analyze, analysis):
    body = {"analyze": analyze, "databases": ["crm"], "dry_run": True, "row_limit": 7, "priority": 5}
    call, session_id = await asking(door, runs, "/cross-database-query", **body, tenant_id="t", user_id="u")
    asked = runs.held[session_id].run.request
    assert (asked.pipeline, list(asked.sources), asked.priority) == ("federated", ["crm"], 5)
    options = asked.options
    assert (options.analyze, options.dry_run, options.row_limit, options.interactive) == (analysis, True, 7, False)
    runs.say(session_id, done())
    assert (await call).json()["rows"] == []


def test_what_an_earlier_attempt_said_is_not_in_the_answer():
    gathered, dialect = gathering.Gathered(), Query()
    cut = spread.table("t-1", {"n": INTEGER}, (1,), (2,))[:2]
    again = spread.table("t-2", {"n": INTEGER}, (3,))
    text = Event(text_delta=pb.TextDelta(channel=pb.CHANNEL_ANSWER, text="Three."))
    for event in [*spread.step("a", *cut, text, ends=False), *spread.step("a", *again, text, attempt=2)]:
        gathered.add(dialect.say(event))
    answer = gathered.answer()
    assert (answer["rows"], answer["row_count"], answer["analysis"]) == ([{"n": 3}], 1, "Three.")


def test_a_report_is_shown_with_the_first_table_and_answers_of_rounds_follow_each_other():
    def texts(stage: str, channel: int, *texts: str) -> list[Event]:
        return spread.step(stage, *(Event(text_delta=pb.TextDelta(channel=channel, text=text)) for text in texts))

    gathered, dialect = gathering.Gathered(), Query()
    tables = [*spread.table("t-1", {"n": INTEGER}, (1,)), *spread.table("t-2", {"n": INTEGER}, (2,))]
    for event in [*tables, *texts("a", pb.CHANNEL_ANSWER, "One ", "thing."), *texts("a#2", pb.CHANNEL_ANSWER, "Two.")]:
        gathered.add(dialect.say(event))
    assert (gathered.answer()["analysis"], gathered.answer()["rows"]) == ("One thing.\n\nTwo.", [{"n": 2}])
    for event in texts("write_report", pb.CHANNEL_REPORT, "A report."):
        gathered.add(dialect.say(event))
    assert (gathered.answer()["analysis"], gathered.answer()["rows"]) == ("A report.", [{"n": 1}])


async def test_what_is_known_so_far_and_what_follows_make_the_whole(door, runs):
    session_id = await door.ask()
    runs.say(session_id, *spread.choosing(), *spread.planning())
    so_far = (await door.client.get(f"/sessions/{session_id}")).json()
    assert (so_far["status"], so_far["rows"], len(so_far["queries"])) == ("queued", [], 3)
    runs.say(session_id, *spread.executing(), *spread.answering())
    after = {"Last-Event-ID": str(so_far["last_event_id"])}
    async with door.events(session_id, so_far["stream_url"], **after) as stream:
        rest = [message.json for message in await stream.all()]
    batches = [frame for frame in rest if frame["type"] == "partial_results" and frame["table"] == "t-combine"]
    assert [row for batch in batches for row in batch["rows"]] == (
        await door.client.get(f"/sessions/{session_id}")
    ).json()["rows"]
    assert rest[0]["stage"] == "execute_operations"


@pytest.mark.parametrize(
    ("reason", "retryable", "status"),
    [
        ("QUERY_TIMEOUT", False, 504),
        ("QUESTION_NOT_UNDERSTOOD", False, 422),
        ("SOURCE_LOST", True, 503),
        ("INTERNAL", False, 500),
        ("INTERNAL", True, 500),
        ("BUDGET_EXHAUSTED", True, 429),
    ],
)
async def test_a_failed_session_is_a_problem_that_leads_to_it(door, runs, reason, retryable, status):
    call, session_id = await asking(door, runs)
    number = reasons.ErrorReason.Value(f"ERROR_REASON_{reason}")
    runs.say(session_id, Event(failed=pb.RunFailed(reason=number, message="It broke.", retryable=retryable)))
    answer = await call
    assert (answer.status_code, answer.json()["reason"], answer.json()["detail"]) == (status, reason, "It broke.")
    assert answer.json()["metadata"]["session_id"] == session_id
    assert ("retry-after" in answer.headers) == retryable
    assert (await door.client.get(f"/sessions/{session_id}")).json()["status"] == "error"


async def test_a_store_that_stays_away_is_said_with_where_to_come_back(door, runs, monkeypatch):
    monkeypatch.setattr("gateway.watch.PATIENCE", 2)
    call, session_id = await asking(door, runs)
    await until(lambda: runs.waiting)
    runs.failing = StoreError("The store can't be reached.")
    runs.say(session_id, Event(paused=pb.RunPaused(by="someone")))
    answer = await call
    assert (answer.status_code, answer.json()["metadata"]["session_id"]) == (503, session_id)
    runs.failing = None
    runs.say(session_id, *spread.answering())
    assert (await door.client.get(f"/sessions/{session_id}")).json()["analysis"] == "Japan has most."


async def test_deleting_a_session_stops_it_and_whoever_waits_is_told(door, runs):
    call, session_id = await asking(door, runs)
    stopped = await door.client.delete(f"/sessions/{session_id}")
    assert (stopped.status_code, stopped.json()["status"]) == (200, "cancelled")
    assert ((await call).status_code, (await call).json()["reason"]) == (409, "RUN_ENDED")
    again = await door.client.delete(f"/sessions/{session_id}")
    assert (again.status_code, again.json()["status"]) == (200, "cancelled")


async def test_deleting_what_is_over_leaves_it_as_it_ended(door, runs):
    session_id = await door.ask()
    runs.say(session_id, done())
    assert (await door.client.delete(f"/sessions/{session_id}")).json()["status"] == "complete"
    for method in ("GET", "DELETE"):
        assert (await door.client.request(method, "/sessions/none")).status_code == 404


async def test_a_page_elsewhere_may_stop_nothing(door, runs):
    session_id = await door.ask()
    answer = await door.client.delete(f"/sessions/{session_id}", headers={"Origin": "https://elsewhere.example"})
    assert (answer.status_code, runs.held[session_id].ended) == (403, False)


async def test_sessions_are_listed_by_page_and_status(door, runs):
    ids = [await door.ask(conversation_id="c" if number else "") for number in range(3)]
    runs.say(ids[0], done())

    async def listed(query: str) -> dict:
        return (await door.client.get(f"/sessions?{query}")).json()

    first = await listed("page_size=2")
    rest = await listed(f"page_size=2&page_token={first['next_page_token']}")
    assert [each["session_id"] for each in (*first["sessions"], *rest["sessions"])] == ids[::-1]
    assert [each["session_id"] for each in (await listed("status=complete"))["sessions"]] == ids[:1]
    assert len((await listed("status=complete&status=queued"))["sessions"]) == 3
    assert len((await listed("conversation_id=c"))["sessions"]) == 2
    assert (await door.client.get("/sessions?status=done")).status_code == 400


async def test_an_answer_in_one_piece_is_bounded(door, runs):
    refused = await door.client.post("/query", json=ASKED | {"row_limit": gathering.MOST_ROWS + 1})
    assert (refused.status_code, list(runs.held)) == (400, [])
    session_id = await door.ask()
    begun, batch, ended = spread.table("t", {"n": INTEGER}, *((number,) for number in range(6_000)))
    more = Event(table_rows=batch.table_rows)
    more.table_rows.offset = 6_000
    runs.say(session_id, begun, batch, more, ended)
    so_far = (await door.client.get(f"/sessions/{session_id}")).json()
    assert (len(so_far["rows"]), so_far["row_count"]) == (gathering.MOST_ROWS, 12_000)
    assert "10,000 of 12,000" in so_far["truncated"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"question": 5},
        {"question": ""},
        {"question": "\ud800"},
        {"question": "q", "databases": "crm"},
        {"question": "q", "dryRun": True},
        {"question": "q", "row_limit": -1},
        {"question": "q", "row_limit": 2**70},
        {"question": "q", "priority": 101},
        {"question": "q", "analyze": "yes"},
    ],
)
@pytest.mark.parametrize("path", ["/query", "/query/stream", "/cross-database-query"])
async def test_a_wrong_body_is_refused_and_named(door, runs, path, body):
    answer = await door.client.post(path, content=json.dumps(body))
    assert (answer.status_code, answer.json()["reason"]) == (400, "INVALID_REQUEST")
    assert answer.json()["violations"]
    assert not runs.held


def test_values_keep_what_they_are():
    columns = [pb.ResultColumn(name="a"), pb.ResultColumn(name="a"), pb.ResultColumn(name="a_2"), pb.ResultColumn()]
    assert rows.names(columns) == ["a", "a_2", "a_2_2", ""]
    nan = float("nan")
    batch = pb.TableRows(
        row_count=2,
        columns=[
            pb.ColumnValues(ints={"values": [2**53 - 1, -(2**53)]}),
            pb.ColumnValues(doubles={"values": [nan, 0.5]}),
            pb.ColumnValues(binaries={"values": [b"\xff", b""]}, nulls=b"\x02"),
            pb.ColumnValues(bools={"values": [True, False]}, nulls=b"\x01"),
        ],
    )
    assert rows.objects(batch, ["i", "d", "b", "t"]) == [
        {"i": 2**53 - 1, "d": "NaN", "b": base64.b64encode(b"\xff").decode(), "t": None},
        {"i": str(-(2**53)), "d": 0.5, "b": None, "t": False},
    ]


def test_rows_in_arrow_are_passed_on_as_such():
    dialect = Query()
    begun = Event(table_started=pb.TableStarted(table_id="t", arrow_schema=b"schema"))
    batch = Event(table_rows=pb.TableRows(table_id="t", row_count=1, arrow=b"batch"))
    said = [frame for event in (begun, batch) for frame in dialect.say(event)]
    assert [said[0]["arrow_schema"], said[1]["arrow"]] == ["c2NoZW1h", "YmF0Y2g="]
