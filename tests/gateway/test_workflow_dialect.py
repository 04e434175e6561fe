"""The `workflow` dialect: named events of a workflow, its iterations and its tasks, the same for every reader."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.pipeline import Pipeline
from gateway.dialects import Workflow
from levada.v1 import event_pb2 as pb
from levada.v1.event_pb2 import Event
from tests.gateway import stories
from tests.gateway.stories import timed
from tests.grpc_server.conftest import QUERY

GOLDEN = Path(__file__).parent / "golden" / "workflow.sse"
NINE = {f"workflow_{end}" for end in ("started", "completed", "failed")}
NINE |= {f"task_{end}" for end in ("started", "progress", "completed", "failed")}
NINE |= {"iteration_started", "iteration_completed"}


@pytest.fixture
def pipelines() -> list[Pipeline]:
    return [replace(QUERY, name="research")]


@pytest.fixture
async def workflow_id(door) -> str:
    answer = await door.client.post("/api/v1/workflows/", json={"name": "How is the shop?"})
    assert answer.status_code == 201, answer.text
    return answer.json()["workflow_id"]


async def frames(door, workflow_id: str, **headers: str) -> list[tuple[str, str, dict]]:
    async with door.events(workflow_id, "/api/v1/workflows/{}/stream", **headers) as stream:
        return [(message.id, message.event, message.json) for message in await stream.all()]


def said(*events: Event) -> list[dict]:
    dialect = Workflow()
    return [one for event in events if (one := dialect.say(event))]


async def test_the_transcript_is_the_golden_one(door, runs, workflow_id):
    timed(runs, workflow_id, stories.research())
    answer = await door.client.get(f"/api/v1/workflows/{workflow_id}/stream?token=anything")
    assert answer.headers["content-type"] == "text/event-stream"
    assert answer.text.replace(workflow_id, "WORKFLOW") == GOLDEN.read_text()
    own = await door.client.get(f"/v1/runs/{workflow_id}/events?dialect=workflow")
    assert own.content == answer.content


async def test_it_begins_nameless_and_goes_on_with_named_events_that_have_the_design_s_fields(door, runs, workflow_id):
    timed(runs, workflow_id, stories.research())
    (_, name, first), *told = await frames(door, workflow_id)
    assert (name, first) == ("message", {"status": "connected", "workflow_id": workflow_id})
    assert {name for _, name, _ in told} == NINE - {"workflow_failed", "task_failed"}
    for _, name, event in told:
        assert event["event_type"] == name
        assert event.keys() >= {"event_type", "workflow_id", "progress_percent", "message", "timestamp"}
        assert ("task_id" in event) == ("task_name" in event) == name.startswith("task_")
    progress = [event["progress_percent"] for *_, event in told]
    assert progress == sorted(progress)
    assert (progress[0], progress[-1]) == (0, 100)
    messages = [event["message"] for *_, event in told]
    for words in (
        "Starting workflow: How is the shop?",
        "Iteration 1/5",
        "Completed 2 iterations",
        "Starting task: Sales",
        "Found: Sales fell to 42.5 EUR.",
        "Completed: Sales",
        "Workflow completed successfully",
    ):
        assert words in messages


async def test_resuming_from_each_number_gives_the_same_frames(door, runs, workflow_id):
    timed(runs, workflow_id, stories.research())
    whole = await frames(door, workflow_id)
    for at, (number, *_) in enumerate(whole[:-1]):
        assert await frames(door, workflow_id, **{"Last-Event-ID": number}) == whole[at + 1 :]
    over = await door.client.get(f"/api/v1/workflows/{workflow_id}/stream?after={whole[-1][0]}")
    assert over.status_code == 204


async def test_results_come_with_each_task_and_once_more_with_the_end(door, runs, workflow_id):
    timed(runs, workflow_id, stories.research())
    told = [event for *_, event in await frames(door, workflow_id)]
    done = {event["task_id"]: event["data"]["result"] for event in told if event.get("event_type") == "task_completed"}
    end = told[-1]["data"]
    # What the first try of a task found is not its result.
    assert [finding["text"] for finding in done["sales"]["findings"]] == ["Sales fell to 42.5 EUR."]
    assert done["sales"]["text"] == done["sales"]["summary"] == "Sales fell."
    assert end["results"] == {name: done[name] for name in ("sales", "stock", "cause")}
    assert end["report"] == stories.REPORT


async def test_a_workflow_fails_with_what_did_complete(door, runs, workflow_id):
    timed(runs, workflow_id, stories.research(fails_for_good=True))
    *told, (_, name, end) = await frames(door, workflow_id)
    failed = [event for *_, event in told if event.get("event_type") == "task_failed"]
    assert [event["message"] for event in failed] == ["Task failed: Stock - No such table."]
    assert (name, end["data"]["reason"]) == ("workflow_failed", "TASKS_FAILED")
    assert end["message"].startswith("Workflow failed: 1 of 3 tasks failed")
    assert end["data"]["results"].keys() == {"sales", "cause"}
    assert end["data"]["report"] == stories.REPORT


def test_a_cancelled_workflow_ends_as_one_that_did_not_complete():
    (end,) = said(Event(cancelled=pb.RunCancelled(by="ada", cause="Wrong way.")))
    assert (end["event_type"], end["data"]["reason"]) == ("workflow_failed", "CANCELLED")
    assert end["message"] == "Workflow failed: cancelled by ada (Wrong way.)"


def test_a_task_that_is_skipped_is_one_that_failed_and_says_why():
    skipped = Event(step="iteration-1/stock", step_skipped=pb.StepSkipped(cause="Sales failed."))
    *_, last = said(stories.task("sales"), stories.task("stock", "sales"), skipped)
    assert (last["event_type"], last["task_id"]) == ("task_failed", "stock")
    assert last["message"] == "Task failed: Stock - skipped: Sales failed."
    assert last["data"]["skipped"] is True


def test_a_step_that_is_skipped_is_no_failure_and_does_not_wait_for_ever():
    dialect = Workflow()
    (frame,) = dialect.encode(Event(step="chart", step_skipped=pb.StepSkipped(cause="Passages are read, not drawn.")))
    assert frame.event == "task_progress"
    assert [task.status for task in dialect.board.counted] == ["skipped"]


def test_a_task_is_known_by_its_id_even_where_steps_are_called_the_same():
    begins, ends = stories.begins, stories.ends
    told = said(
        stories.started("research", "?", "plan", "report"),
        begins("plan", "Planning"),
        stories.task("plan"),
        stories.task("execute_sql"),
        ends("plan"),
        begins("iteration-1/plan", "Plan"),
        ends("iteration-1/plan", "planned"),
        begins("iteration-1/execute_sql", "Execute"),
        begins("iteration-1/execute_sql/execute_sql", "Running..."),
        ends("iteration-1/execute_sql", "executed"),
        Event(completed=pb.RunCompleted()),
    )
    ends_of = [event["task_name"] for event in told if event["event_type"] == "task_completed"]
    assert ends_of == ["Planning", "Plan", "Execute_Sql"]
    assert {name: result["summary"] for name, result in told[-1]["data"]["results"].items()} == {
        "plan": "planned",
        "execute_sql": "executed",
    }


def test_any_run_can_be_told_as_a_workflow_whose_tasks_are_its_steps():
    steps = [*stories.calls("generate_sql", "strong", ""), *stories.calls("execute_sql", "strong", "")]
    completed = Event(progress=1, completed=pb.RunCompleted(summary="42."))
    told = said(stories.started("query", "How many?", "generate_sql", "execute_sql"), *steps, completed)
    assert [event.get("task_id") for event in told] == [None, *["generate_sql"] * 2, *["execute_sql"] * 2, None]
    assert told[-1]["data"]["results"].keys() == {"generate_sql", "execute_sql"}


def test_what_was_found_before_a_crash_is_kept_and_what_is_found_again_counts_once():
    begins, ends, found = stories.begins, stories.ends, stories.found
    again = found("iteration-1/sales/analyze_results", "Sales rose.", 0.2)
    again.attempt = 2
    told = said(
        stories.task("sales"),
        begins("iteration-1/sales", "Sales"),
        found("iteration-1/sales/execute_sql", "Sales fell.", 0.1),
        found("iteration-1/sales/analyze_results", "Sales fe", 0.1),
        # The server is lost here: the query is not run again, what was at work is.
        begins("iteration-1/sales", "Sales", attempt=2),
        again,
        again,
        stories.goes("iteration-1/sales", "Found: Sales rose."),
        ends("iteration-1/sales", attempt=2),
    )
    assert [event["message"] for event in told if event["message"].startswith("Found")] == [
        "Found: Sales fell.",
        "Found: Sales fe",
        "Found: Sales rose.",
    ]
    found_in_all = told[-1]["data"]["result"]["findings"]
    assert [one["text"] for one in found_in_all] == ["Sales fell.", "Sales rose."]


def test_a_stream_without_events_for_a_minute_is_closed_with_a_word():
    assert Workflow.idle_seconds == 60
    assert Workflow().idle() == (("timeout", b"{}"),)


def test_who_comes_after_the_first_events_are_gone_is_told_so():
    (frame,) = Workflow().gap(1_000)
    assert (frame.event, b"before number 1,000" in frame.data) == ("", True)
