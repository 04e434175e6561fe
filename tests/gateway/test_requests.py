"""Making, finding and steering runs over HTTP, and what a caller is told when the request is wrong."""

import json

import pytest

from core.errors import Limited, StoreError
from tests.gateway.conftest import long_run
from tests.grpc_server.said import text


async def test_a_run_is_made_and_found(door, runs):
    answer = await door.client.post("/v1/runs", json={"question": "How many?", "options": {"rowLimit": "5"}})
    assert answer.status_code == 201
    run = answer.json()["run"]
    url = f"/v1/runs/{run['runId']}"
    assert (answer.headers["location"], answer.json()["streamUrl"]) == (url, f"{url}/events")
    assert (run["state"], run["request"]["options"]["rowLimit"]) == ("RUN_STATE_QUEUED", "5")
    assert (await door.client.get(url)).json()["run"] == runs_json(run, await door.client.get(url))


def runs_json(run, answer):
    assert answer.headers["cache-control"] == "no-store"
    return run


async def test_names_of_fields_may_be_written_in_either_way(door, runs):
    body = {"question": "q", "conversation_id": "talk", "options": {"requireApproval": True, "row_limit": 7}}
    run_id = (await door.client.post("/v1/runs", json=body)).json()["run"]["runId"]
    request = runs.held[run_id].run.request
    assert (request.conversation_id, request.options.require_approval, request.options.row_limit) == ("talk", True, 7)


async def test_an_idempotency_key_makes_one_run_of_two_requests(door):
    first = await door.client.post("/v1/runs", json={"question": "q"}, headers={"Idempotency-Key": "k"})
    again = await door.client.post("/v1/runs", json={"question": "q"}, headers={"Idempotency-Key": "k"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["run"]["runId"] == again.json()["run"]["runId"]
    other = await door.client.post("/v1/runs", json={"question": "other"}, headers={"Idempotency-Key": "k"})
    assert (other.status_code, other.json()["reason"]) == (409, "REQUEST_ID_REUSED")
    body = {"question": "q", "requestId": "x"}
    both = await door.client.post("/v1/runs", json=body, headers={"Idempotency-Key": "k"})
    assert (both.status_code, both.json()["violations"][0]["field"]) == (400, "requestId")


async def test_runs_are_listed_by_pages_and_states(door, runs):
    ids = [await door.ask(conversationId="talk") for _ in range(3)]
    long_run(runs, ids[0], 1)
    page = (await door.client.get("/v1/runs?pageSize=2&conversationId=talk")).json()
    rest = (await door.client.get(f"/v1/runs?pageSize=2&conversationId=talk&pageToken={page['nextPageToken']}")).json()
    assert [run["runId"] for run in page["runs"] + rest["runs"]] == ids[::-1]
    done = (await door.client.get("/v1/runs?states=RUN_STATE_COMPLETED")).json()
    assert [run["runId"] for run in done["runs"]] == [ids[0]]
    wrong = await door.client.get("/v1/runs?states=RUNNING")
    assert (wrong.status_code, wrong.json()["violations"][0]["field"]) == (400, "states")


async def test_a_run_is_cancelled_and_cannot_be_again(door, runs):
    run_id = await door.ask()
    answer = await door.client.post(f"/v1/runs/{run_id}:cancel", json={"cause": "Wrong question"})
    assert answer.json()["run"]["state"] == "RUN_STATE_CANCELLED"
    again = await door.client.post(f"/v1/runs/{run_id}:cancel")
    assert (again.status_code, again.json()["reason"]) == (409, "RUN_ENDED")
    assert again.headers["content-type"] == "application/problem+json"


async def test_what_a_run_asked_is_answered(door, runs):
    run_id = await door.ask()
    runs.held[run_id].run.input.input_id = "which"
    body = {"inputId": "which", "decision": "DECISION_EDIT", "text": "SELECT 1"}
    assert (await door.client.post(f"/v1/runs/{run_id}:respond", json=body)).status_code == 200
    assert runs.held[run_id].answers[0].text == "SELECT 1"
    wrong = await door.client.post(f"/v1/runs/{run_id}:respond", json={**body, "inputId": "other"})
    assert (wrong.status_code, wrong.json()["reason"]) == (409, "INPUT_NOT_EXPECTED")


async def test_a_run_is_paused_and_resumed(door):
    run_id = await door.ask()
    paused = (await door.client.post(f"/v1/runs/{run_id}:pause")).json()["run"]
    assert (paused["state"], paused["pauseBy"]) == ("RUN_STATE_PAUSED", "local")
    assert (await door.client.post(f"/v1/runs/{run_id}:resume")).json()["run"]["state"] == "RUN_STATE_QUEUED"
    again = await door.client.post(f"/v1/runs/{run_id}:resume")
    assert (again.status_code, again.json()["reason"]) == (409, "RUN_NOT_PAUSED")
    nothing = await door.client.post("/v1/runs/nothing:pause")
    assert (nothing.status_code, nothing.json()["reason"]) == (404, "RUN_NOT_FOUND")


async def test_a_run_is_forked_once_per_key(door):
    run_id = await door.ask()
    key = {"Idempotency-Key": "k"}
    body = {"question": "How many then?"}
    first, again = [await door.client.post(f"/v1/runs/{run_id}:fork", json=body, headers=key) for _ in range(2)]
    assert (first.status_code, again.status_code) == (201, 200)
    run = first.json()["run"]
    assert (run["forkedFrom"], run["request"]["question"]) == (run_id, "How many then?")
    url = f"/v1/runs/{run['runId']}"
    assert (first.headers["location"], first.json()["streamUrl"]) == (url, f"{url}/events")
    assert again.json()["run"]["runId"] == run["runId"]


async def test_a_fork_that_can_t_be_made_says_why(door):
    run_id = await door.ask()
    unknown = await door.client.post(f"/v1/runs/{run_id}:fork", json={"step": "dream"})
    assert (unknown.status_code, unknown.json()["reason"]) == (404, "STEP_NOT_FOUND")
    wrong = {"options": {"rowLimit": -1}, "question": "x" * 10_001}
    answer = await door.client.post(f"/v1/runs/{run_id}:fork", json=wrong)
    assert answer.status_code == 400
    assert {one["field"] for one in answer.json()["violations"]} == {"question", "options.row_limit"}
    other = await door.client.post(f"/v1/runs/{run_id}:fork", json={"runId": "other"})
    assert (other.status_code, other.json()["violations"][0]["field"]) == (400, "runId")


async def test_the_catalogue_is_told(door):
    pipelines = (await door.client.get("/v1/pipelines")).json()["pipelines"]
    assert [(each["name"], each["sampleQuestions"]) for each in pipelines] == [("query", ["How many orders?"])]
    assert (await door.client.get("/v1/models")).json()["models"][0]["name"] == "offline"
    assert (await door.client.get("/v1/sources")).json() == {}
    nothing = await door.client.get("/v1/sources/shop")
    assert (nothing.status_code, nothing.json()["reason"]) == (404, "UNKNOWN_SOURCE")


DEEP = b'{"federated": {"operations": [{"params": ' + b'{"a":' * 500 + b"1" + b"}" * 500 + b"}]}}"
BAD_BODIES = {
    "not JSON": (b"{", "body"),
    "not UTF-8": (b'{"question": "\xff"}', "body"),
    "half a surrogate": (b'{"question": "\\ud800"}', "body"),
    "no object": (b'["question"]', "body"),
    "a wrong type": (b'{"question": 5}', "question"),
    "a wrong type within": (b'{"question": "q", "options": {"rowLimit": "many"}}', "options.rowLimit"),
    "an unknown field": (b'{"question": "q", "pipline": "query"}', "pipline"),
    "an unknown field within": (b'{"question": "q", "options": {"rows": 1}}', "options.rows"),
    "an unknown enum value": (b'{"question": "q", "options": {"analyze": "ANALYSIS_LOTS"}}', "options.analyze"),
    "no question": (b"{}", "question"),
    "an empty body": (b"", "question"),
    "spaces": (b'{"question": " \\n "}', "question"),
    "a control character": (b'{"question": "a\\u0000b"}', "question"),
    "too long a question": (json.dumps({"question": "x" * 10_001}).encode(), "question"),
    "too deep": (
        b'{"federated": {"operations": [{"params": ' + b'{"a":' * 500 + b"1" + b"}" * 500 + b"}]}}",
        "operations.params",
    ),
}


@pytest.mark.parametrize(("body", "field"), BAD_BODIES.values(), ids=BAD_BODIES.keys())
async def test_a_wrong_body_is_told_by_its_field(door, runs, body, field):
    answer = await door.client.post("/v1/runs", content=body, headers={"Content-Type": "application/json"})
    problem = answer.json()
    assert (answer.status_code, problem["status"], problem["reason"]) == (400, 400, "INVALID_REQUEST"), problem
    assert answer.headers["content-type"] == "application/problem+json"
    assert field in [violation["field"] for violation in problem["violations"]], problem
    assert runs.held == {}


async def test_a_body_larger_than_a_mebibyte_is_refused(door):
    answer = await door.client.post("/v1/runs", content=b'{"question":"' + b"x" * 2**20)
    assert (answer.status_code, answer.json()["reason"]) == (413, "INVALID_REQUEST")


async def test_a_body_that_does_not_say_its_length_is_refused_all_the_same(door):
    async def pieces():
        for _ in range(40):
            yield b"x" * 2**15

    answer = await door.client.post("/v1/runs", content=pieces())
    assert (answer.status_code, answer.json()["reason"]) == (413, "INVALID_REQUEST")


async def test_what_the_server_takes_no_more_of_is_told_as_too_large(door, runs):
    body = {"name": "x" * 700_000}  # which is said twice to the server
    answer = await door.client.post("/api/v1/workflows/", json=body)
    assert (answer.status_code, answer.json()["reason"]) == (413, "INVALID_REQUEST")
    assert "SERVER" not in answer.text


async def test_an_unknown_address_and_a_wrong_method_are_problems_too(door):
    nothing = await door.client.get("/v2/runs")
    assert (nothing.status_code, nothing.json()["status"]) == (404, 404)
    wrong = await door.client.delete("/v1/runs")
    assert (wrong.status_code, wrong.json()["status"]) == (405, 405)
    assert set(wrong.headers["allow"].split(", ")) == {"GET", "HEAD", "POST"}


async def test_limits_and_failures_say_when_to_come_back(door, runs):
    runs.failing = Limited("The queue is full.", retry_after=7)
    limited = await door.client.post("/v1/runs", json={"question": "q"})
    assert (limited.status_code, limited.headers["retry-after"]) == (429, "7")
    runs.failing = StoreError("The disk is full.")
    full = await door.client.post("/v1/runs", json={"question": "q"})
    assert (full.status_code, full.json()["detail"]) == (503, "The disk is full.")


async def test_what_nobody_foresaw_is_told_without_its_inside(door, runs):
    runs.failing = RuntimeError("password=hunter2")
    answer = await door.client.post("/v1/runs", json={"question": "q"})
    assert (answer.status_code, answer.json()["reason"]) == (500, "INTERNAL")
    assert "hunter2" not in answer.text


@pytest.mark.parametrize("dialect", ["klingon", "", "../steps"])
async def test_an_unknown_dialect_is_refused(door, runs, dialect):
    run_id = await door.ask()
    runs.say(run_id, text())
    answer = await door.client.get(f"/v1/runs/{run_id}/events?dialect={dialect}")
    assert (answer.status_code, answer.json()["violations"][0]["field"]) == (400, "dialect")
