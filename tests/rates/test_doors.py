"""What callers are told of limits: in gRPC's metadata and errors, in HTTP's headers and problems, by EventSource."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import grpc
import httpx
import pytest

from core import streams
from core.engine import Engine
from core.pipeline import Ending, Run
from core.settings import Limits, Settings
from core.store import open_store
from core.streams import OpenStreams
from levada.v1 import event_pb2 as events
from levada.v1 import query_service_pb2 as queries
from levada.v1 import run_service_pb2 as pb
from levada.v1.run_pb2 import RunRequest
from tests.engine.stage import pipeline
from tests.gateway.conftest import Door, gateway
from tests.gateway.eventsource import Stream
from tests.gateway.sockets import socket
from tests.grpc_server.conftest import NO_SERVICES
from tests.grpc_server.said import refused
from tests.grpc_server.test_watches import watching
from tests.limits import LIFTED
from tests.postgres import PostgresDatabase
from tests.rates.conftest import MemoryClock
from tests.servers import Served, by_token, served, until

ASKED = RunRequest(pipeline="play", question="?")


async def _play(run: Run) -> Ending:
    if run.request.question == "wait":
        await asyncio.Event().wait()
    return Ending(events.OUTCOME_ANSWERED, "Done.")


@asynccontextmanager
async def server_on(url: str, **limits: int) -> AsyncIterator[Served]:
    settings = Settings(store=url, limits=Limits(**LIFTED | limits), heartbeat=5)
    store, played = open_store(url), [pipeline(_play)]
    async with (
        Engine(settings, played, None, store) as engine,
        OpenStreams(settings.limits, store) as held,
        served(engine, NO_SERVICES, played, settings, by_token, streams=held) as here,
    ):
        yield here


@asynccontextmanager
async def door_to(server: Served) -> AsyncIterator[Door]:
    async with gateway(Settings(http="127.0.0.1:0", grpc=server.address, heartbeat=5)) as here:
        yield here


@pytest.fixture
async def server(tmp_path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Served]:
    MemoryClock(monkeypatch)
    monkeypatch.setattr(streams, "PATIENCE", 0.3)
    async with server_on(
        f"sqlite:///{tmp_path}/a.db", runs_per_minute=2, tenant_runs_per_minute=5, user_streams=2
    ) as it:
        yield it


@pytest.fixture
async def door(server: Served) -> AsyncIterator[Door]:
    async with door_to(server) as here:
        yield here


def create(server: Served, question: str = "?", who: str = "") -> grpc.aio.UnaryUnaryCall:
    request = pb.CreateRunRequest(run=RunRequest(pipeline="play", question=question))
    return server.runs.CreateRun(request, metadata=(("authorization", who),) if who else ())


async def standing(call: grpc.aio.Call) -> dict[str, str]:
    return {key: value for key, value in await call.initial_metadata() if "ratelimit" in key}


async def test_whoever_makes_a_run_is_told_how_they_stand(server: Served):
    call = create(server)
    await call
    told = await standing(call)
    assert told.pop("ratelimit-policy") == '"user";q=2;w=60, "tenant";q=5;w=60'
    assert told.pop("ratelimit").replace("t=60", "t=59").startswith('"user";r=1;t=5')
    assert 0 < int(told.pop("x-ratelimit-reset")) - time.time() <= 61
    assert told == {"x-ratelimit-limit": "2", "x-ratelimit-remaining": "1"}
    answering = server.queries.RunQuery(queries.RunQueryRequest(run=ASKED))
    assert (await standing(answering))["x-ratelimit-remaining"] == "0"
    assert [event async for answer in answering for event in answer.events][-1].HasField("completed")


@pytest.mark.parametrize("method", ["CreateRun", "RunQuery", "ForkRun"])
async def test_every_way_to_make_a_run_is_refused_with_when_to_come_back(server: Served, method: str):
    run_id = (await create(server)).run.run_id
    await create(server)
    call = {
        "CreateRun": lambda: server.runs.CreateRun(pb.CreateRunRequest(run=ASKED)),
        "RunQuery": lambda: server.queries.RunQuery(queries.RunQueryRequest(run=ASKED)),
        "ForkRun": lambda: server.runs.ForkRun(pb.ForkRunRequest(run_id=run_id)),
    }[method]()
    told = await refused(call)
    assert (told.code, told.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "RATE_LIMITED")
    assert told.metadata == {"limit": "2", "name": "runs_per_minute"}
    assert 50 <= told.retry_seconds <= 60
    assert f"Try again in {told.retry_seconds:.0f} seconds." in told.message
    heard = await standing(call)
    assert heard["ratelimit-policy"] == '"user";q=2;w=60'
    assert heard["x-ratelimit-remaining"] == "0"


async def test_calls_that_make_no_run_say_nothing_of_rates(server: Served):
    call = server.runs.ListRuns(pb.ListRunsRequest())
    await call
    assert await standing(call) == {}


async def test_http_carries_the_headers_when_a_run_is_made_and_when_it_is_refused(door: Door):
    body = {"pipeline": "play", "question": "?", "requestId": "r-1"}
    made = await door.client.post("/v1/runs", json=body)
    assert (made.status_code, made.headers["ratelimit-policy"]) == (201, '"user";q=2;w=60, "tenant";q=5;w=60')
    assert made.headers["ratelimit"].startswith('"user";r=1;t=')
    assert [made.headers[f"x-ratelimit-{name}"] for name in ("limit", "remaining")] == ["2", "1"]
    again = await door.client.post("/v1/runs", json=body)
    assert (again.status_code, "ratelimit" in again.headers) == (200, False)
    forked = await door.client.post(f"/v1/runs/{made.json()['run']['runId']}:fork", json={})
    assert forked.headers["x-ratelimit-remaining"] == "0", forked.text
    refusal = await door.client.post("/v1/runs", json=body | {"requestId": "r-2"})
    problem = refusal.json()
    assert (refusal.status_code, problem["reason"]) == (429, "RATE_LIMITED")
    assert 50 <= int(refusal.headers["retry-after"]) <= 60
    assert f"Try again in {refusal.headers['retry-after']} seconds." in problem["detail"]
    assert refusal.headers["ratelimit"] == f'"user";r=0;t={refusal.headers["retry-after"]}'
    assert (await door.client.post("/v1/runs", json=body)).status_code == 200


async def test_the_headers_may_be_read_from_other_origins(server: Served):
    settings = Settings(http="127.0.0.1:0", grpc=server.address, cors_origins=("https://page.test",))
    async with gateway(settings) as door:
        made = await door.client.post(
            "/v1/runs", json={"pipeline": "play", "question": "?"}, headers={"Origin": "https://page.test"}
        )
    told = made.headers["access-control-expose-headers"].lower()
    assert all(name in told for name in ("retry-after", "ratelimit", "ratelimit-policy", "x-ratelimit-remaining"))


async def test_the_stream_after_the_last_allowed_one_is_refused_until_one_closes(server: Served):
    run_id = (await create(server, "wait")).run.run_id
    request = pb.WatchRunRequest(run_id=run_id)
    open_ones = [server.runs.WatchRun(request) for _ in range(2)]
    for stream in open_ones:
        await stream.read()
    told = await refused(server.runs.WatchRun(request))
    assert (told.code, told.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "TOO_MANY_STREAMS")
    assert told.metadata == {"limit": "2", "name": "user_streams"}
    assert "You have 2 streams open already" in told.message
    assert (await refused(server.queries.RunQuery(queries.RunQueryRequest(run=ASKED)))).reason == "TOO_MANY_STREAMS"
    assert len((await server.runs.ListRuns(pb.ListRunsRequest())).runs) == 1  # and no run was made
    open_ones[0].cancel()
    assert (await server.runs.WatchRun(request).read()).events


async def test_watches_count_for_whom_they_are(server: Served):
    mine, theirs = [(await create(server, "wait", who)).run.run_id for who in ("", "anna")]
    async with watching(server) as client:
        for watch_id, (run_id, who) in enumerate([(mine, ""), (mine, ""), (theirs, "anna"), (theirs, "anna")]):
            await client.add(watch_id, run_id, authorization=who)
        await until(lambda: len(client.numbers) == 4)
        await client.add(8, theirs, authorization="anna")
        await until(lambda: client.ends)
        assert (client.ends[8].code, client.ends[8].reason) == ("RESOURCE_EXHAUSTED", "TOO_MANY_STREAMS")
        await client.drop(2)
        await client.add(9, theirs, authorization="anna")
        await until(lambda: client.numbers[9])


async def refusal_of(door: Door, run_id: str, **headers: str) -> httpx.Response:
    async with door.client.stream("GET", f"/v1/runs/{run_id}/events", headers=headers) as answer:
        assert answer.is_error  # a stream that was let in would not end
        await answer.aread()
    return answer


async def test_eventsource_is_refused_by_a_status_and_let_in_when_a_tab_closes(door: Door):
    run_id = await door.ask("wait", pipeline="play")
    async with AsyncExitStack() as tabs:
        first = AsyncExitStack()
        stream = await first.enter_async_context(door.events(run_id))
        told = await stream.next(2)
        await (await tabs.enter_async_context(door.events(run_id))).next(2)
        # From the start, and where nothing is to be read yet: then too the answer is no 200 that ends.
        for headers in ({}, {"Last-Event-ID": told[-1].id}):
            refusal = await refusal_of(door, run_id, **headers)
            assert (refusal.status_code, refusal.json()["reason"]) == (429, "TOO_MANY_STREAMS")
            assert refusal.headers["content-type"] == "application/problem+json"
            assert int(refusal.headers["retry-after"]) >= 1
            assert "Close one, for instance a tab" in refusal.json()["detail"]
        await first.aclose()
        await (await tabs.enter_async_context(door.events(run_id))).next(1)


async def test_a_page_that_is_loaded_again_finds_its_places(door: Door):
    run_id = await door.ask("wait", pipeline="play")
    for _ in range(5):
        async with AsyncExitStack() as tabs:
            for _ in range(2):
                await (await tabs.enter_async_context(door.events(run_id))).next(1)


@pytest.mark.postgres
async def test_two_servers_count_streams_together(postgres_store: PostgresDatabase, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(streams, "SHARING", 0.05)
    monkeypatch.setattr(streams, "LIVES", 60.0)
    url = postgres_store.admin_url
    async with server_on(url, user_streams=3) as one, server_on(url, user_streams=3) as other, door_to(other) as door:
        run_id = (await create(one, "wait")).run.run_id
        open_ones = [one.runs.WatchRun(pb.WatchRunRequest(run_id=run_id)) for _ in range(2)]
        for stream in open_ones:
            await stream.read()
        await until(lambda: other.server._streams.held._elsewhere.tenants["local"] == 2)
        async with door.events(run_id) as third:
            await third.next(1)
            monkeypatch.setattr(streams, "PATIENCE_ELSEWHERE", 0.3)
            assert (await refusal_of(door, run_id)).status_code == 429
            monkeypatch.setattr(streams, "PATIENCE_ELSEWHERE", 60.0)
            open_ones[0].cancel()
            async with door.events(run_id) as fourth:
                await fourth.next(1)


async def test_whoever_watches_several_runs_over_one_connection_holds_one_stream(door: Door, server: Served):
    """Two are allowed: here one stream of server-sent events of five runs, one WebSocket that watches as many."""
    runs = [(await create(server, "wait")).run.run_id for _ in range(2)] + ["nothing-1", "nothing-2", "nothing-3"]
    asked = "/v1/events?" + "&".join(f"run={run_id}:0" for run_id in runs)
    async with door.client.stream("GET", asked) as answer, socket(door) as here:
        stream, told = Stream(answer), {}
        while told.keys() != set(runs):
            (message,) = await stream.next(1)
            told.setdefault(message.json["runId"], message.json.get("reason"))
        for run_id in runs:
            await here.say("watch", id=run_id, runId=run_id)
        heard = {}
        while heard.keys() != set(runs):
            said = await here.next()
            heard.setdefault(said["id"], said["problem"]["reason"] if "problem" in said else None)
        assert told == heard == dict.fromkeys(runs[:2]) | dict.fromkeys(runs[2:], "RUN_NOT_FOUND")
        refusal = await door.client.get(f"/v1/runs/{runs[0]}/events")
        assert (refusal.status_code, refusal.json()["reason"]) == (429, "TOO_MANY_STREAMS")
    await until(lambda: not server.server._streams.held._here.callers)
    async with door.events(runs[0]) as stream:
        assert await stream.next(1)
