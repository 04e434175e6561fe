"""The server as a process that is stopped while a long query runs: nothing accepted is lost."""

import asyncio
import signal
import sqlite3

import grpc
import pytest

from levada.v1 import query_service_pb2 as queries
from levada.v1 import run_service_pb2 as pb
from levada.v1.run_pb2 import QueryParameters, RunOptions
from tests.grpc_server.said import ask, refused
from tests.servers import Stubs, server_process

ENDLESS = QueryParameters(query="SELECT count(*) AS n FROM numbers a, numbers b, numbers c WHERE a.n + b.n > c.n")


@pytest.fixture
def source(tmp_path):
    with sqlite3.connect(tmp_path / "numbers.db") as database:
        database.execute("CREATE TABLE numbers (n INTEGER)")
        database.executemany("INSERT INTO numbers VALUES (?)", [(n,) for n in range(5_000)])
    database.close()
    return f"sqlite:///{tmp_path}/numbers.db"


async def until_it_queries(stream):
    """Read until the database is at work; return the events so far."""
    seen = []
    while not any(event.HasField("operation_started") for event in seen):
        answer = await stream.read()
        assert answer is not grpc.aio.EOF, seen
        seen += answer.events
    return seen


async def rest(stream, seen):
    while (answer := await stream.read()) is not grpc.aio.EOF:
        seen += answer.events


async def test_a_run_that_outlives_the_drain_goes_on_with_the_next_server(tmp_path, source):
    variables = {"LEVADA_SOURCE": source, "LEVADA_LIMITS__DRAIN_SECONDS": "0.2"}
    async with server_process(tmp_path, **variables) as server:
        here = Stubs(server.address)
        options = RunOptions(analyze="ANALYSIS_NONE", cancel_on_disconnect=True)
        stream = here.queries.RunQuery(queries.RunQueryRequest(run=ask(query=ENDLESS, options=options)))
        seen = await until_it_queries(stream)
        server.signal(signal.SIGTERM)
        assert (await refused(rest(stream, seen))).reason == "SERVER_STOPPING"
        async with asyncio.timeout(60):
            assert await server.process.wait() == 0
        await here.channel.close()
    async with server_process(tmp_path, **variables) as server:
        here = Stubs(server.address)
        run_id = seen[0].run_id
        stream = here.runs.WatchRun(pb.WatchRunRequest(run_id=run_id, after_sequence=seen[-1].sequence))
        seen += await until_it_queries(stream)
        await here.runs.CancelRun(pb.CancelRunRequest(run_id=run_id, cause="Enough"))
        await rest(stream, seen)
        await here.channel.close()
    assert [event.sequence for event in seen] == list(range(1, len(seen) + 1))
    assert [event.WhichOneof("payload") for event in seen].count("resumed") == 1
    assert seen[-1].cancelled.cause == "Enough"


async def test_told_twice_it_quits_at_once_and_the_run_is_still_there(tmp_path, source):
    async with server_process(tmp_path, LEVADA_SOURCE=source) as server:
        here = Stubs(server.address)
        stream = here.queries.RunQuery(queries.RunQueryRequest(run=ask(query=ENDLESS)))
        seen = await until_it_queries(stream)
        server.signal(signal.SIGINT)
        assert server.process.stderr is not None
        while b"stopping" not in await server.process.stderr.readline():
            pass
        server.signal(signal.SIGINT)
        async with asyncio.timeout(60):
            assert await server.process.wait() == 130
        await here.channel.close()
    async with server_process(tmp_path, LEVADA_SOURCE=source) as server:
        here = Stubs(server.address)
        found = await here.runs.GetRun(pb.GetRunRequest(run_id=seen[0].run_id))
        assert found.run.last_sequence >= seen[-1].sequence
        await here.runs.CancelRun(pb.CancelRunRequest(run_id=seen[0].run_id))
        await here.channel.close()
