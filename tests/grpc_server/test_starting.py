"""`python -m grpc_server` as a user starts it: what it says when it can't."""

import asyncio
import signal
import socket

import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from levada.v1.catalog_service_pb2 import DescribeSourceRequest
from tests.servers import Stubs, server_process, start_process


async def fails(folder, **variables):
    """Start the server, which must end by itself; return its exit code and what it said."""
    process = await start_process(folder, **variables)
    async with asyncio.timeout(90):
        out, error = await process.communicate()
    said = (out + error).decode()
    assert "Traceback" not in said
    return process.returncode, said


@pytest.mark.parametrize("address", ["0.0.0.0:50051", "[::]:50051", "192.0.2.7:50051", "example.org:50051"])
async def test_it_does_not_open_itself_to_the_world(tmp_path, address):
    code, said = await fails(tmp_path, LEVADA_GRPC=address)
    assert code == 2
    assert address in said
    assert "no authentication" in said


async def test_it_opens_where_somebody_else_sees_to_who_gets_there(tmp_path):
    async with server_process(tmp_path, LEVADA_GRPC="0.0.0.0:0", LEVADA_ALLOW_REMOTE="true") as server:
        assert server.address.startswith("0.0.0.0:")


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"LEVADA_LEASE": "soon"}, ["LEVADA_LEASE", "number"]),
        ({"LEVADA_LIMITS__ROWS": "many"}, ["LEVADA_LIMITS__ROWS", "limits.rows"]),
        ({"LEVADA_CONFIG": "/nowhere/levada.toml"}, ["LEVADA_CONFIG", "/nowhere/levada.toml"]),
        ({"LEVADA_GRPC": "127.0.0.1"}, ["LEVADA_GRPC", "127.0.0.1:50051"]),
        ({"LEVADA_GRPC": "localhost:http"}, ["LEVADA_GRPC", "localhost:http"]),
        ({"LEVADA_GRPC": "127.0.0.1:99999"}, ["LEVADA_GRPC", "99999"]),
        ({"OTEL_TRACES_EXPORTER": "zipkin"}, ["OTEL_TRACES_EXPORTER", "zipkin", "otlp"]),
    ],
)
async def test_a_wrong_setting_is_named(tmp_path, variables, named):
    code, said = await fails(tmp_path, **variables)
    assert code == 2
    assert all(words in said for words in named), said


@pytest.mark.parametrize(
    ("config", "named"),
    [
        ("[sources.shop]\n", ["sources.shop.url", "required"]),
        ("[sources.shop]\nurl = 'sqlite:///x.db'\nulr = 'typo'\n", ["sources.shop.ulr", "no setting"]),
        ("[limits]\nrows = 'many'\n", ["limits.rows"]),
        ("[limits\n", ["levada.toml", "TOML"]),
    ],
)
async def test_a_wrong_configuration_file_is_named_with_the_field(tmp_path, config, named):
    (tmp_path / "levada.toml").write_text(config)
    code, said = await fails(tmp_path)
    assert code == 2
    assert all(words in said for words in named), said


async def test_a_port_that_is_taken(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        code, said = await fails(tmp_path, LEVADA_GRPC=address)
    assert code == 1
    assert said.startswith("levada: ")
    assert address in said
    assert "LEVADA_GRPC" in said


async def test_a_second_server_on_the_same_store_is_refused(tmp_path):
    async with server_process(tmp_path, LEVADA_SAMPLE="false"):
        code, said = await fails(tmp_path, LEVADA_SAMPLE="false")
    assert code == 1
    assert "levada.db" in said


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"LEVADA_STORE": "oracle://somewhere"}, "LEVADA_STORE"),
        ({"LEVADA_MODEL": "clippy"}, "clippy"),
        ({"LEVADA_SOURCE": "gopher://old"}, "gopher"),
        ({"LEVADA_AGENTS": "/nowhere/agents.toml"}, "LEVADA_AGENTS"),
    ],
)
async def test_what_is_not_known_here_is_named(tmp_path, variables, named):
    code, said = await fails(tmp_path, **variables)
    assert code == 1
    assert named in said


async def test_it_serves_once_it_says_so(tmp_path):
    async with server_process(tmp_path) as server, Stubs(server.address).channel as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        answer = await stub.Check(health_pb2.HealthCheckRequest(service="levada.v1.RunService"))
        assert answer.status == health_pb2.HealthCheckResponse.SERVING


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_stops_when_told(tmp_path, number):
    async with server_process(tmp_path, LEVADA_SAMPLE="false") as server:
        server.signal(number)
        async with asyncio.timeout(60):
            assert await server.process.wait() == 0


async def test_it_leaves_without_a_word_when_files_were_its_source(tmp_path):
    (tmp_path / "wards.csv").write_text("ward,floor\nCardiology,3\n")
    async with server_process(tmp_path, LEVADA_SOURCE=str(tmp_path / "wards.csv")) as server:
        stubs = Stubs(server.address)
        async with stubs.channel:
            await stubs.catalog.DescribeSource(DescribeSourceRequest(source="default"))
        server.signal(signal.SIGINT)
        assert server.process.stderr is not None
        async with asyncio.timeout(60):
            said = (await server.process.stderr.read()).decode()
    assert "leaked" not in said
