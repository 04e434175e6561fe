"""Routes that answer when the run has ended: the server may go away and come back while they wait."""

import asyncio

import pytest

from core import streams
from core.settings import Limits, Settings
from tests.gateway.backend import Backend
from tests.gateway.conftest import gateway
from tests.grpc_server.said import done, text
from tests.servers import until

ASKED = {
    "/query": {"question": "How many orders?"},
    "/api/streaming/multi-agent": {"message": "How many orders?"},
    "/api/generate": {"topic": "Sorting"},
}


@pytest.fixture
def limits() -> Limits:
    return Limits()


@pytest.fixture
async def backend(runs, limits):
    here = Backend(runs, Settings(heartbeat=0.2, limits=limits))
    await here.start()
    yield here
    await here.stop()


@pytest.fixture
def settings(backend) -> Settings:
    return Settings(http="127.0.0.1:0", grpc=backend.address, heartbeat=0.2)


@pytest.fixture
async def door(settings):
    async with gateway(settings) as here:
        yield here


@pytest.fixture
async def asking(door, runs):
    """Whoever waits for a whole answer at each of the routes that give one, and the run that each is about."""
    calls = {}
    async with asyncio.TaskGroup() as group:
        for path, body in ASKED.items():
            call = group.create_task(door.client.post(path, json=body))
            await until(lambda: call.done() or len(runs.held) > len(calls))  # noqa: B023 it is waited for
            calls[[*runs.held][-1]] = call
        workflow_id = (await door.client.post("/api/v1/workflows/", json={"objective": "Orders"})).json()["id"]
        calls[workflow_id] = group.create_task(door.client.post(f"/api/v1/workflows/{workflow_id}/execute"))
        await until(lambda: runs.waiting == len(calls))
        yield calls


async def test_whoever_waits_for_a_whole_answer_gets_it_though_the_server_was_gone(asking, door, runs, backend):
    await backend.stop()
    for run_id in asking:
        runs.say(run_id, text("said while nobody could hear"))
    await until(lambda: door.server._gateway.hub._failures > 5)  # longer than calls are tried again
    assert not any(call.done() for call in asking.values())
    await backend.start()
    for run_id, call in asking.items():
        runs.say(run_id, done())
        assert (await call).status_code == 200


async def test_whoever_waits_for_a_whole_answer_is_told_in_the_end_which_run_to_ask_for(asking, backend, monkeypatch):
    monkeypatch.setattr("gateway.watch.PATIENCE", 2)
    await backend.stop()
    for run_id, call in asking.items():
        answer = await call
        about = answer.json()["metadata"]
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
        assert run_id in about.values()
    await backend.start()


@pytest.mark.parametrize("limits", [Limits(user_streams=4)])
async def test_whoever_waits_for_a_whole_answer_holds_a_stream_and_without_one_is_told_of_the_run(
    asking, door, runs, monkeypatch
):
    monkeypatch.setattr(streams, "PATIENCE", 0.1)
    refused = await door.client.post("/query", json=ASKED["/query"])
    run_id = [*runs.held][-1]
    assert (refused.status_code, refused.json()["reason"]) == (429, "TOO_MANY_STREAMS")
    assert refused.json()["metadata"] == {"session_id": run_id}
    for each in runs.held:
        runs.say(each, done())
    assert {(await call).status_code for call in asking.values()} == {200}
    assert (await door.client.get(f"/sessions/{run_id}")).json()["status"] == "complete"
