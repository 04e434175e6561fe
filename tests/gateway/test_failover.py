"""Several servers behind one gateway: one that goes away is a pause, for readers and for calls."""

import asyncio
import signal
import sqlite3
from contextlib import closing

import pytest

from core.settings import Settings
from gateway import upstream
from gateway.upstream import DEADLINE, NoServer, target
from tests.gateway.conftest import gateway, long_run
from tests.grpc_server.conftest import NO_SERVICES, QUERY
from tests.grpc_server.said import done, text
from tests.servers import nothing, served, server_process, until

ENDLESS = "SELECT count(*) AS n FROM numbers a, numbers b, numbers c WHERE a.n + b.n > c.n"


@pytest.fixture
async def servers(runs, settings):
    """Two servers over the same runs."""
    async with (
        served(runs, NO_SERVICES, [QUERY], settings) as one,
        served(runs, NO_SERVICES, [QUERY], settings) as other,
    ):
        yield [one, other]


@pytest.fixture
async def door(servers, settings):
    addresses = ", ".join(server.address for server in servers)
    async with gateway(settings.model_copy(update={"grpc": addresses})) as here:
        await until(lambda: here.server._gateway.hub.connected)
        yield here


def holding(servers):
    """Return the server that the gateway's stream of watches is on."""
    (found,) = [server for server in servers if server.server._streams._admitted]
    return found


async def test_a_server_that_stops_is_only_a_pause_for_its_readers(door, servers, runs):
    run_id = await door.ask()
    async with door.events(run_id) as stream:
        await stream.next(1)
        first = holding(servers)
        await first.server.stop(nothing)
        runs.say(run_id, text("said meanwhile"))
        assert [message.number for message in await stream.next(1)] == [2]
        assert holding(servers) is not first
        runs.say(run_id, done())
        assert [message.number for message in await stream.all()] == [3]


async def test_calls_are_answered_by_the_servers_that_are_left(door, servers):
    run_id = await door.ask()
    for number in range(40):
        if number == 10:
            await servers[0].server.stop(nothing)
        assert (await door.client.get(f"/v1/runs/{run_id}")).status_code == 200
    assert (await door.client.get("/readyz")).status_code == 200
    assert await door.ask()


async def test_calls_go_round_all_servers(door, servers, monkeypatch):
    asked = {id(server): 0 for server in servers}
    for server in servers:
        around = server.server._streams.around

        def counted(call, server=server, around=around):
            asked[id(server)] += 1
            return around(call)

        monkeypatch.setattr(server.server._streams, "around", counted)
    run_id = await door.ask()
    for _ in range(20):
        await door.client.get(f"/v1/runs/{run_id}")
    assert min(asked.values()) >= 8


async def test_every_reader_gets_every_event_while_servers_come_and_go(door, servers, runs):
    ids = [await door.ask() for _ in range(10)]

    async def read(run_id):
        async with door.events(run_id) as stream:
            return [message.number for message in await stream.all()]

    reading = [asyncio.ensure_future(read(run_id)) for run_id in ids]
    await until(lambda: door.readers == 10)
    await holding(servers).server.stop(nothing)
    expected = [long_run(runs, run_id, 40) for run_id in ids]
    assert await asyncio.gather(*reading) == expected


async def test_a_server_that_froze_is_found_out_though_it_closes_no_connection(tmp_path, monkeypatch):
    """Here ten times as fast as the options say."""
    options = dict(upstream.OPTIONS)
    quick = {name: options[name] // 10 for name in ("grpc.keepalive_time_ms", "grpc.http2.ping_timeout_ms")}
    monkeypatch.setattr(upstream, "OPTIONS", [*(options | quick).items()])
    folders = tmp_path / "one", tmp_path / "other"
    for folder in folders:
        folder.mkdir()
    async with (
        server_process(folders[0]) as frozen,
        server_process(folders[1]) as other,
        gateway(Settings(http="127.0.0.1:0", grpc=f"{frozen.address},{other.address}")) as door,
    ):
        for _ in range(4):
            assert (await door.client.get("/v1/models")).status_code == 200
        frozen.signal(signal.SIGSTOP)
        async with asyncio.timeout(DEADLINE / 2):
            answers = await asyncio.gather(*(door.client.get("/v1/models") for _ in range(4)))
    assert [answer.status_code for answer in answers] == [200] * 4


@pytest.mark.parametrize(
    ("where", "name"),
    [
        ("127.0.0.1:5001", "127.0.0.1:5001"),
        ("dns:///levada:5001", "dns:///levada:5001"),
        ("unix:/run/levada.sock", "unix:/run/levada.sock"),
        ("10.0.0.1:5001, 10.0.0.2:5001", "ipv4:10.0.0.1:5001,10.0.0.2:5001"),
        ("[::1]:5001,[::1]:5002", "ipv6:[::1]:5001,[::1]:5002"),
    ],
)
def test_where_servers_are_can_be_said_in_several_ways(where, name):
    assert target(where) == name


@pytest.mark.parametrize("where", ["one:5001,other:5001", "10.0.0.1:1,[::1]:1", "10.0.0.1:1,"])
def test_what_gRPC_would_not_understand_is_refused_with_what_it_would(where):
    with pytest.raises(NoServer, match="LEVADA_GRPC"):
        target(where)


@pytest.fixture
def store(postgres_store) -> str:
    return postgres_store.admin_url


@pytest.fixture
def source(tmp_path) -> str:
    with closing(sqlite3.connect(tmp_path / "numbers.db")) as database, database:
        database.execute("CREATE TABLE numbers (n INTEGER)")
        database.executemany("INSERT INTO numbers VALUES (?)", [(n,) for n in range(5_000)])
    return f"sqlite:///{tmp_path}/numbers.db"


@pytest.mark.postgres
async def test_a_killed_server_is_only_a_pause_in_a_run_that_goes_on_elsewhere(tmp_path, store, source):
    """Real processes on one PostgreSQL; the one that is killed holds the gateway's stream, and maybe the run."""
    variables = {"LEVADA_STORE": store, "LEVADA_SOURCE": source, "LEVADA_LEASE": "2"}
    async with server_process(tmp_path, **variables) as one, server_process(tmp_path, **variables) as other:
        settings = Settings(http="127.0.0.1:0", grpc=f"{one.address},{other.address}")
        async with gateway(settings) as door:
            await until(lambda: door.server._gateway.hub.connected)
            run_id = await door.ask("How many?", query={"query": ENDLESS})
            async with door.events(run_id) as stream:
                seen = []
                while not seen or seen[-1].event != "operation_started":
                    seen += await stream.next(1)
                one.signal(signal.SIGKILL)
                await one.process.wait()
                assert (await door.client.get(f"/v1/runs/{run_id}")).status_code == 200
                assert (await door.client.post(f"/v1/runs/{run_id}:cancel", json={})).status_code == 200
                seen += await stream.all()
    assert [message.number for message in seen] == list(range(1, len(seen) + 1))
    assert seen[-1].event == "cancelled"
