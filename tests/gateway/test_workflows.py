"""Workflows over their own routes: made, executed once however often that is asked, watched, polled, cancelled."""

import asyncio
from dataclasses import replace

import pytest

from core.pipeline import Pipeline
from levada.v1.event_pb2 import Event, TaskPlanned
from levada.v1.run_pb2 import ResearchTaskKind, RunState
from tests.gateway import stories
from tests.gateway.stories import timed
from tests.grpc_server.conftest import QUERY
from tests.servers import until

ALL = "/api/v1/workflows/"
TASKS = [
    {"id": "sales", "name": "Sales", "description": "How are sales?", "priority": 5, "context": {"year": 2026}},
    {
        "task_id": "stock",
        "name": "Is there enough?",
        "type": "parallel",
        "depends_on": ["sales"],
        "timeout_seconds": 2.5,
        "max_retries": 0,
    },
    {"id": "both", "type": "hybrid", "parts": [{"id": "one"}, {"id": "two", "depends_on": ["one"]}]},
]
MADE = {"name": "Shop", "tasks": TASKS, "config": {"breadth": 2, "depth": 4, "timeout": 60, "retries": 2}}


@pytest.fixture
def pipelines() -> list[Pipeline]:
    return [replace(QUERY, name="research"), QUERY]


async def made(door, **body) -> str:
    answer = await door.client.post(ALL, json=body or MADE)
    assert (answer.status_code, answer.json()["status"]) == (201, "created"), answer.text
    return answer.json()["workflow_id"]


async def test_a_workflow_is_a_run_that_is_held(door, runs):
    answer = await door.client.post(ALL, json=MADE, headers={"Idempotency-Key": "k"})
    workflow = answer.json()
    url = f"/api/v1/workflows/{workflow['workflow_id']}"
    assert (answer.status_code, answer.headers["location"]) == (201, url)
    assert workflow["id"] == workflow["workflow_id"]
    assert (workflow["name"], workflow["status"], workflow["progress"]) == ("Shop", "created", 0)
    assert workflow["metadata"] == {"stream_url": f"{url}/stream", "status_url": f"{url}/status"}
    assert [task["status"] for task in workflow["tasks"]] == ["pending"] * 3
    again = await door.client.post(ALL, json=MADE, headers={"Idempotency-Key": "k"})
    assert again.json()["workflow_id"] == workflow["workflow_id"]
    assert len(runs.held) == 1


async def test_its_tasks_reach_the_run(door, runs):
    request = runs.held[await made(door)].run.request
    options, (sales, stock, both) = request.options, request.research.tasks
    assert (request.pipeline, request.question, request.research.name) == ("research", "Shop", "Shop")
    assert (options.hold, options.breadth, options.depth, options.timeout.seconds) == (True, 2, 4, 60)
    assert options.HasField("interactive") and not options.interactive
    assert (sales.task_id, sales.objective, sales.priority, sales.retries) == ("sales", "How are sales?", 5, 2)
    assert dict(sales.context) == {"year": 2026}
    assert (stock.kind, stock.retries, stock.timeout.ToMilliseconds()) == (
        ResearchTaskKind.RESEARCH_TASK_KIND_PARALLEL,
        0,
        2500,
    )
    assert (list(stock.depends_on), stock.objective) == (["sales"], "Is there enough?")
    assert [part.task_id for part in both.parts] == ["one", "two"]


async def test_an_objective_is_enough_and_another_pipeline_can_be_named(door, runs):
    request = runs.held[await made(door, objective="Why do sales fall?")].run.request
    assert (request.question, list(request.research.tasks)) == ("Why do sales fall?", [])
    request = runs.held[await made(door, pipeline="query", name="How many orders?")].run.request
    assert (request.pipeline, request.WhichOneof("parameters")) == ("query", None)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "objective"),
        ({"name": " "}, "objective"),
        ({"name": 5}, "name"),
        ({"name": "w", "tasks": {}}, "tasks"),
        ({"name": "w", "tasks": [{}]}, "tasks[0].id"),
        ({"name": "w", "tasks": [{"id": "a", "type": "serial"}]}, "tasks[0].type"),
        ({"name": "w", "tasks": [{"id": "a", "retries": 4}]}, "tasks[0].retries"),
        ({"name": "w", "tasks": [{"id": "a", "timeout": 0}]}, "tasks[0].timeout"),
        ({"name": "w", "tasks": [{"id": "a", "unheard_of": 1}]}, "tasks[0].unheard_of"),
        ({"name": "w", "config": {"breadth": 11}}, "config.breadth"),
        ({"name": "w", "config": {"depth": 0}}, "config.depth"),
        ({"name": "w", "config": {"depth": "5"}}, "config.depth"),
        ({"name": "w", "pipeline": "query", "tasks": [{"id": "a"}]}, "tasks"),
    ],
    ids=str,
)
async def test_a_wrong_workflow_is_refused_by_the_field_s_name(door, runs, body, field):
    answer = await door.client.post(ALL, json=body)
    assert (answer.status_code, answer.json()["reason"]) == (400, "INVALID_REQUEST")
    assert [violation["field"] for violation in answer.json()["violations"]] == [field]
    assert not runs.held


async def test_what_the_server_finds_wrong_is_told_in_words_of_the_body(door, runs):
    answer = await door.client.post(ALL, json={"name": "w", "objective": "a\0b"})
    assert [violation["field"] for violation in answer.json()["violations"]] == ["objective"]
    assert answer.json()["detail"].startswith("objective holds the control character")
    assert answer.json()["violations"][0]["description"] in answer.json()["detail"]


@pytest.mark.parametrize("what", ["parts", "context"])
async def test_what_is_nested_without_end_is_refused(door, runs, what):
    body: dict = {"id": "t"}
    for level in range(200):
        body = {"id": f"t{level}", "parts": [body]} if what == "parts" else {"a": body}
    tasks = [body if what == "parts" else {"id": "t", "context": body}]
    answer = await door.client.post(ALL, json={"name": "w", "tasks": tasks})
    assert (answer.status_code, answer.json()["reason"]) == (400, "INVALID_REQUEST")
    assert not runs.held


async def test_executing_waits_for_the_results_when_it_is_not_to_stream(door, runs):
    workflow_id = await made(door)
    executing = asyncio.ensure_future(door.client.post(f"{ALL}{workflow_id}/execute"))
    await until(lambda: runs.waiting == 1)
    assert runs.held[workflow_id].run.state == RunState.RUN_STATE_QUEUED
    timed(runs, workflow_id, stories.research())
    answer = await executing
    body = answer.json()
    assert (answer.status_code, body["status"], body["error"]) == (200, "completed", None)
    assert body["results"].keys() == {"sales", "stock", "cause"}
    assert body["report"] == stories.REPORT
    assert [(task["id"], task["status"]) for task in body["tasks"]] == [
        ("sales", "completed"),
        ("stock", "completed"),
        ("cause", "completed"),
    ]


async def test_a_workflow_that_failed_gives_what_did_complete(door, runs):
    workflow_id = await made(door)
    executing = asyncio.ensure_future(door.client.post(f"{ALL}{workflow_id}/execute"))
    await until(lambda: runs.waiting == 1)
    timed(runs, workflow_id, stories.research(fails_for_good=True))
    body = (await executing).json()
    assert (body["status"], body["results"].keys()) == ("failed", {"sales", "cause"})
    assert [task["error"] for task in body["tasks"]] == [None, "No such table.", None]


async def test_executing_with_a_stream_says_at_once_where_it_is(door, runs):
    workflow_id = await made(door)
    answer = await door.client.post(f"{ALL}{workflow_id}/execute?stream=true")
    assert (answer.status_code, answer.json()["status"]) == (202, "running")
    url = answer.json()["metadata"]["stream_url"]
    async with door.events(workflow_id, url) as stream:
        (first,) = await stream.next(1)
        timed(runs, workflow_id, stories.research())
        assert [first.json["status"], (await stream.all())[-1].event] == ["connected", "workflow_completed"]


async def test_executing_again_executes_nothing_twice_and_tells_how_the_first_one_goes(door, runs):
    workflow_id = await made(door)
    path = f"{ALL}{workflow_id}/execute"
    for _ in range(3):
        assert (await door.client.post(f"{path}?stream=true")).json()["status"] == "running"
    both = [asyncio.ensure_future(door.client.post(path)) for _ in range(2)]
    await until(lambda: door.readers == 2)
    timed(runs, workflow_id, stories.research())
    assert len({answer.text for answer in await asyncio.gather(*both)}) == 1
    after = await door.client.post(path)
    assert (after.status_code, after.json()["status"]) == (200, "completed")
    assert after.json()["results"].keys() == {"sales", "stock", "cause"}
    said = [event for event in runs.held[workflow_id].events if b"resumed" in event]
    assert len(said) == 1
    assert list(runs.held) == [workflow_id]


async def test_who_goes_away_while_it_executes_leaves_it_at_work(door, runs):
    workflow_id = await made(door)
    executing = asyncio.ensure_future(door.client.post(f"{ALL}{workflow_id}/execute"))
    await until(lambda: runs.waiting == 1)
    executing.cancel()
    timed(runs, workflow_id, stories.research())
    assert (await door.client.get(f"{ALL}{workflow_id}")).json()["status"] == "completed"


async def test_who_leaves_a_stream_is_written_down_and_the_workflow_goes_on(door, runs, caplog):
    caplog.set_level("INFO", "gateway.sse")
    workflow_id = await made(door)
    await door.client.post(f"{ALL}{workflow_id}/execute?stream=true")
    async with door.events(workflow_id, f"{ALL}{{}}/stream") as stream:
        await stream.next(1)
    await until(lambda: f"Client disconnected from run {workflow_id}" in caplog.messages)
    assert runs.held[workflow_id].run.state == RunState.RUN_STATE_QUEUED
    caplog.clear()
    timed(runs, workflow_id, stories.research())
    async with door.events(workflow_id, f"{ALL}{{}}/stream") as stream:
        assert (await stream.all())[-1].event == "workflow_completed"
    assert not caplog.messages


async def test_polling_tells_how_far_it_is(door, runs):
    workflow_id = await made(door)
    path = f"{ALL}{workflow_id}/status"
    before = (await door.client.get(path)).json()
    assert (before["status"], before["tasks_completed"], before["tasks_total"]) == ("created", 0, 3)
    assert (before["elapsed_seconds"], before["depth"], before["current_depth"]) == (None, 4, 0)
    story = stories.research()
    timed(runs, workflow_id, story[:24])
    amid = (await door.client.get(path)).json()
    assert (amid["status"], amid["progress"], amid["current_depth"], amid["depth"]) == ("running", 0.5, 2, 5)
    assert (amid["tasks_completed"], amid["tasks_total"]) == (2, 3)
    assert amid["tasks_by_status"]["running"] == 1
    assert amid["elapsed_seconds"] > 0
    timed(runs, workflow_id, story[24:])
    after = (await door.client.get(path)).json()
    assert (after["status"], after["progress"], after["tasks_completed"]) == ("completed", 1, 3)


async def test_parts_count_with_the_task_that_they_are_of_as_the_iterations_have_it(door, runs):
    workflow_id = await made(door)
    said = stories.research()[:2] + [
        Event(step="plan", attempt=1, task_planned=TaskPlanned(task_id=task_id, parent=parent, iteration=iteration))
        for task_id, parent, iteration in (("both", "", 0), ("one", "both", 0), ("two", "both", 0), ("more", "both", 2))
    ]
    timed(runs, workflow_id, said)
    status = (await door.client.get(f"{ALL}{workflow_id}/status")).json()
    assert (status["tasks_total"], status["tasks_by_status"]["pending"]) == (2, 2)


async def test_what_was_read_for_a_poll_is_not_read_again(door, runs, monkeypatch):
    workflow_id = await made(door)
    timed(runs, workflow_id, stories.research())
    read, plain = [], runs.read

    async def counting(caller, run_id, after, **more):
        read.append(after)
        return await plain(caller, run_id, after, **more)

    monkeypatch.setattr(runs, "read", counting)
    path = f"{ALL}{workflow_id}/status"
    one, *others = await asyncio.gather(*(door.client.get(path) for _ in range(4)))
    assert all(other.json() == one.json() for other in others)
    assert (await door.client.get(path)).json() == one.json()
    assert len(read) == len(set(read))


async def test_a_workflow_is_cancelled_once(door, runs):
    workflow_id = await made(door)
    answer = await door.client.post(f"{ALL}{workflow_id}/cancel")
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    again = await door.client.post(f"{ALL}{workflow_id}/cancel")
    assert (again.status_code, again.json()["reason"]) == (409, "RUN_ENDED")
    executed = await door.client.post(f"{ALL}{workflow_id}/execute")
    assert (executed.status_code, executed.json()["status"]) == (200, "cancelled")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("GET", "/status"),
        ("GET", "/stream"),
        ("POST", "/execute"),
        ("POST", "/execute?stream=true"),
        ("POST", "/cancel"),
    ],
)
async def test_a_workflow_that_there_is_not_is_not_found(door, method, path):
    answer = await door.client.request(method, f"{ALL}nowhere{path}")
    assert (answer.status_code, answer.json()["detail"]) == (404, "Workflow not found")


async def test_workflows_are_listed_newest_first_by_pages_and_status(door, runs):
    names = [await made(door, name=f"w{number}") for number in range(3)]
    timed(runs, names[0], stories.research())
    page = (await door.client.get(f"{ALL}?page_size=2")).json()
    assert [one["workflow_id"] for one in page["workflows"]] == names[:0:-1]
    rest = (await door.client.get(f"{ALL}?page_token={page['next_page_token']}")).json()
    assert [one["workflow_id"] for one in rest["workflows"]] == names[:1]
    completed = (await door.client.get(f"{ALL}?status=completed")).json()
    assert [one["workflow_id"] for one in completed["workflows"]] == names[:1]
    created = (await door.client.get(f"{ALL}?status=created")).json()
    assert [one["workflow_id"] for one in created["workflows"]] == names[:0:-1]
    assert (await door.client.get(f"{ALL}?status=paused")).json()["workflows"] == []
    wrong = await door.client.get(f"{ALL}?status=asleep")
    assert (wrong.status_code, wrong.json()["violations"][0]["field"]) == (400, "status")


async def test_whether_to_stream_is_true_or_false(door):
    workflow_id = await made(door)
    answer = await door.client.post(f"{ALL}{workflow_id}/execute?stream=perhaps")
    assert (answer.status_code, answer.json()["violations"][0]["field"]) == (400, "stream")
    assert (await door.client.get(f"{ALL}{workflow_id}")).json()["status"] == "created"
