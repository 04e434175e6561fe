"""A server that stops: what readers, callers and health checks see."""

import asyncio

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from levada.v1 import query_service_pb2 as queries
from levada.v1 import run_service_pb2 as pb
from tests.grpc_server.said import ask, done, refused, text
from tests.servers import until


async def create(server):
    return (await server.runs.CreateRun(pb.CreateRunRequest(run=ask()))).run.run_id


async def health(server, service=""):
    stub = health_pb2_grpc.HealthStub(server.channel)
    answer = await stub.Check(health_pb2.HealthCheckRequest(service=service))
    return health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status)


async def test_a_server_is_healthy_by_name_until_it_stops(server):
    for service in ("", "levada.v1.QueryService", "levada.v1.RunService", "levada.v1.CatalogService"):
        assert await health(server, service) == "SERVING"
    seen = []

    async def drain():
        seen.append(await health(server, "levada.v1.RunService"))
        seen.append(await health(server))

    await server.server.stop(drain)
    assert seen == ["NOT_SERVING", "NOT_SERVING"]


async def test_while_it_drains_readers_read_on_to_the_end(server, runs):
    run_id = await create(server)
    stream = server.runs.WatchRun(pb.WatchRunRequest(run_id=run_id))
    await stream.read()

    async def drain():
        runs.say(run_id, text())
        assert (await server.runs.GetRun(pb.GetRunRequest(run_id=run_id))).run.last_sequence == 2
        runs.say(run_id, done())

    await server.server.stop(drain)
    numbers = []
    while (answer := await stream.read()) is not grpc.aio.EOF:
        numbers += [event.sequence for event in answer.events]
    assert numbers == [2, 3]
    assert await stream.code() == grpc.StatusCode.OK


async def test_readers_of_runs_that_go_on_are_told_to_come_again(server, runs):
    run_id = await create(server)
    watching = server.runs.WatchRun(pb.WatchRunRequest(run_id=run_id))
    many = server.runs.WatchRuns()
    await many.write(pb.WatchRunsRequest(add=pb.AddWatch(watch_id=1, run_id=run_id, credits=10)))
    request = ask()
    request.options.cancel_on_disconnect = True
    asking = server.queries.RunQuery(queries.RunQueryRequest(run=request))
    for stream in (watching, many, asking):
        await stream.read()
    await until(lambda: runs.waiting == 3)

    async def drain():
        pass

    stopping = asyncio.ensure_future(server.server.stop(drain))
    for stream in (watching, many, asking):
        told = await refused(_rest(stream))
        assert (told.code, told.reason) == (grpc.StatusCode.UNAVAILABLE, "SERVER_STOPPING")
        assert told.retry_seconds is not None
    await stopping
    assert not any(held.ended for held in runs.held.values()), "a stopping server is not a reader that left"


async def _rest(stream):
    while await stream.read() is not grpc.aio.EOF:
        pass
