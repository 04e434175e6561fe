"""`python -m gateway` as users start and stop it."""

import asyncio
import signal
import socket
import sys
from contextlib import asynccontextmanager

import httpx
import pytest

from core.settings import Settings
from gateway.__main__ import address
from tests.servers import environment


@asynccontextmanager
async def process(folder, **variables):
    running = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "gateway",
        cwd=folder,
        env=environment(folder, **variables),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield running
    finally:
        if running.returncode is None:
            running.kill()
        await running.communicate()


@pytest.mark.parametrize("variable", ["LEVADA_HTTP", "PORT"])
async def test_it_listens_where_it_is_told_and_leaves_when_asked(tmp_path, variable):
    where = "127.0.0.1:0" if variable == "LEVADA_HTTP" else "0"
    async with process(tmp_path, **{variable: where}) as running, asyncio.timeout(100):
        url = "http://" + (await running.stdout.readline()).decode().split()[-1]
        async with httpx.AsyncClient(base_url=url, timeout=60) as client:
            assert (await client.get("/livez")).json() == {"status": "ok"}
            assert (await client.get("/readyz")).status_code == 503
            figures = await client.get("/metrics")
        assert "levada_gateway_streams" in figures.text
        assert "http_server_request_duration_seconds" in figures.text
        running.send_signal(signal.SIGTERM)
        await running.wait()


@pytest.mark.parametrize("where", ["0.0.0.0:0", "[::]:0", "example.com:80"])
async def test_it_refuses_to_be_reached_from_elsewhere(tmp_path, where):
    async with process(tmp_path, LEVADA_HTTP=where) as running:
        told = (await running.communicate())[1].decode()
    assert running.returncode == 1
    assert "no authentication is configured" in told
    assert "Traceback" not in told


@pytest.mark.parametrize("where", ["8080", "127.0.0.1:http", "127.0.0.1:99999"])
async def test_an_address_that_is_none_is_told(tmp_path, where):
    async with process(tmp_path, LEVADA_HTTP=where) as running:
        told = (await running.communicate())[1].decode()
    assert running.returncode == 1
    assert "LEVADA_HTTP" in told
    assert "Traceback" not in told


async def test_a_port_in_use_is_told(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        async with process(tmp_path, LEVADA_HTTP=f"127.0.0.1:{taken.getsockname()[1]}") as running:
            told = (await running.communicate())[1].decode()
    assert running.returncode != 0
    assert "in use" in told
    assert "LEVADA_HTTP" in told
    assert "Errno" not in told
    assert "Traceback" not in told


def test_an_address_that_was_chosen_wins_over_the_surroundings_port(monkeypatch):
    monkeypatch.delenv("LEVADA_HTTP", raising=False)
    monkeypatch.setenv("PORT", "9000")
    assert address(Settings()) == "127.0.0.1:9000"
    assert address(Settings(http="127.0.0.1:7000")) == "127.0.0.1:7000"
    monkeypatch.setenv("LEVADA_HTTP", "127.0.0.1:8080")
    assert address(Settings()) == "127.0.0.1:8080"
