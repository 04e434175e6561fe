"""The `steps` dialect: what a progress panel gets, from the question to the end."""

import asyncio
import json
from pathlib import Path

import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from core.settings import Settings
from gateway.dialects import Steps
from levada.v1 import error_reason_pb2 as reasons
from levada.v1 import event_pb2 as pb
from levada.v1.event_pb2 import Event
from tests.grpc_server.said import done, text
from tests.servers import until

GOLDEN = Path(__file__).parent / "golden" / "steps.sse"
THINKING, ACTION, CHECK, ERROR = range(1, 5)
STEPS = [
    ("classify_intent", "Understanding your question...", "💭", THINKING, 0.0),
    ("fetch_context", "Gathering relevant information...", "🔍", THINKING, 0.15),
    ("generate_sql", "Formulating the query...", "⚡", ACTION, 0.30),
    ("validate_sql", "Double-checking the query...", "✓", CHECK, 0.45),
    ("execute_sql", "Running the query...", "📊", ACTION, 0.60),
    ("analyze_error", "Looking into the issue...", "🔧", ERROR, 0.60),
    ("analyze_results", "Finding patterns in your data...", "📈", THINKING, 0.75),
    ("generate_viz", "Creating your visualization...", "📉", ACTION, 0.90),
]
LATER = {
    "fetch_context": "Looking up your data structure...",
    "generate_sql": "Writing the database query...",
    "validate_sql": "Validating for safety...",
    "execute_sql": "Fetching your data...",
}


def started() -> Event:
    info = [
        pb.StepInfo(step=step, title=title, icon=icon, category=category, progress=at, conditional=category == ERROR)
        for step, title, icon, category, at in STEPS
    ]
    return Event(started=pb.RunStarted(pipeline="query", question="How many orders?", steps=info))


def step(name: str) -> list[Event]:
    """Return what a step says of itself."""
    _, title, icon, category, at = next(info for info in STEPS if info[0] == name)
    begun = pb.StepStarted(title=title, icon=icon, category=category)
    said = [Event(step=name, attempt=1, progress=at, step_started=begun)]
    if name in LATER:
        said.append(Event(step=name, attempt=1, progress=at + 0.05, step_progressed={"message": LATER[name]}))
    if name == "validate_sql":
        said.append(Event(step=name, query_validated=pb.QueryValidated(text="SELECT count(*) FROM orders LIMIT 101")))
    ended = pb.StepCompleted(duration=Duration(nanos=5_000_000))
    return [*said, Event(step=name, attempt=1, progress=at + 0.1, step_completed=ended)]


def whole() -> list[Event]:
    """Return a run with one query that failed and was mended."""
    names = ["classify_intent", "fetch_context", "generate_sql", "validate_sql", "execute_sql"]
    names += ["analyze_error", "validate_sql", "execute_sql", "analyze_results", "generate_viz"]
    totals = pb.Totals(rows=1, duration=Duration(seconds=1))
    end = pb.RunCompleted(outcome=pb.OUTCOME_ANSWERED, summary="There are 42 orders.", totals=totals)
    return [started(), *(event for name in names for event in step(name)), Event(progress=1, completed=end)]


def timed(said: list[Event]) -> list[Event]:
    for number, event in enumerate(said):
        event.time.CopyFrom(Timestamp(seconds=1_790_000_000 + number))
    return said


@pytest.fixture
async def run_id(door, runs) -> str:
    answer = await door.client.post("/api/query", json={"query": "How many orders?", "tenant_id": "t", "user_id": "u"})
    assert answer.status_code == 200
    assert answer.json()["stream_url"] == f"/api/stream/{answer.json()['workflow_id']}"
    return answer.json()["workflow_id"]


async def test_the_transcript_is_the_golden_one(door, runs, run_id):
    queued, *_ = timed([Event.FromString(runs.held[run_id].events[0])])
    runs.held[run_id].events[0] = queued.SerializeToString()
    runs.say(run_id, *timed(whole()))
    answer = await door.client.get(f"/api/stream/{run_id}?token=anything")
    transcript = answer.text.replace(run_id, "RUN")
    assert transcript == GOLDEN.read_text()


async def test_progress_takes_the_designs_steps_and_never_falls(door, runs, run_id):
    runs.say(run_id, *whole())
    async with door.events(run_id, "/api/stream/{}") as stream:
        frames = [message.json for message in await stream.all()]
    progress = [frame["progress"] for frame in frames]
    assert sorted(set(progress)) == [0, 15, 30, 45, 60, 75, 90, 100]
    assert progress == sorted(progress)
    assert all(message.keys() >= {"step", "status", "message", "icon", "progress", "category"} for message in frames)
    assert (frames[-1]["step"], frames[-1]["message"], frames[-1]["progress"]) == ("end", "Done!", 100)


async def test_resuming_from_each_number_gives_the_same_frames(door, runs, run_id):
    runs.say(run_id, *whole())
    async with door.events(run_id, "/api/stream/{}") as stream:
        frames = [(message.number, message.data) for message in await stream.all()]
    for after in range(1, frames[-1][0]):
        async with door.events(run_id, "/api/stream/{}", **{"Last-Event-ID": str(after)}) as stream:
            rest = [(message.number, message.data) for message in await stream.all()]
        assert rest == [frame for frame in frames if frame[0] > after]


@pytest.mark.parametrize("reason", ["QUERY_TIMEOUT", "RUN_TIMEOUT"])
async def test_what_took_too_long_is_said_in_the_designs_words(door, runs, run_id, reason):
    failed = pb.RunFailed(reason=reasons.ErrorReason.Value(f"ERROR_REASON_{reason}"), message="60 seconds were over.")
    runs.say(run_id, started(), *step("classify_intent"), Event(failed=failed))
    async with door.events(run_id, "/api/stream/{}") as stream:
        last = (await stream.all())[-1].json
    assert (last["step"], last["status"]) == ("error", "failed")
    assert last["message"] == "Query took too long. Try a more specific question."


async def test_another_failure_keeps_its_own_words(door, runs, run_id):
    failed = pb.RunFailed(reason=reasons.ERROR_REASON_SOURCE_UNAVAILABLE, message="The shop can't be reached.")
    runs.say(run_id, started(), Event(failed=failed))
    async with door.events(run_id, "/api/stream/{}") as stream:
        last = (await stream.all())[-1].json
    assert (last["message"], last["reason"]) == ("The shop can't be reached.", "SOURCE_UNAVAILABLE")


async def test_a_question_back_is_shown_as_pending(door, runs, run_id):
    asked = pb.InputRequested(input_id="i", kind=pb.INPUT_KIND_CLARIFICATION, prompt="Which year?")
    runs.say(run_id, started(), Event(step="classify_intent", input_requested=asked), done())
    async with door.events(run_id, "/api/stream/{}") as stream:
        frame = (await stream.all())[1].json
    assert (frame["status"], frame["message"], frame["input"]["inputId"]) == ("pending", "Which year?", "i")


@pytest.mark.parametrize("settings", [Settings(http="127.0.0.1:0", heartbeat=0.1)])
async def test_events_without_words_move_the_id_on_with_the_heartbeat(door, runs, run_id):
    async with door.events(run_id, "/api/stream/{}") as stream:
        await stream.next(1)
        runs.say(run_id, *(text() for _ in range(5)))
        await until(lambda: runs.waiting == 1)
        reading = asyncio.ensure_future(stream.next(1))
        await until(lambda: stream.last_id == "6")
        runs.say(run_id, done())
        assert [message.number for message in await reading] == [7]


async def test_the_dialect_can_be_had_on_the_runs_own_events_too(door, runs, run_id):
    runs.say(run_id, *timed(whole()))
    own = await door.client.get(f"/v1/runs/{run_id}/events?dialect=steps")
    assert own.content == (await door.client.get(f"/api/stream/{run_id}")).content


@pytest.mark.parametrize("body", [{}, {"query": ""}, {"query": 5}, {"query": "q", "user_id": 5}, {"query": ["q"]}])
async def test_a_wrong_question_is_refused(door, body):
    answer = await door.client.post("/api/query", json=body)
    assert (answer.status_code, answer.json()["reason"]) == (400, "INVALID_REQUEST")


def test_a_step_that_repeats_itself_is_told_once():
    dialect = Steps()
    begun, again, other = (Event(step="s", step_progressed={"message": text}) for text in ("a", "a", "b"))
    assert [len(dialect.encode(event)) for event in (begun, again, other)] == [1, 0, 1]
    assert json.loads(dialect.encode(Event(step="s", step_progressed={"message": "a"}))[0].data)["status"] == "running"
