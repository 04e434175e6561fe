"""`make demo` as its user sees it: what it says when all is well, and when something is not."""

import asyncio
import json
import os
import shutil
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import unquote

import psutil
import pytest

from levada import connect
from levada.v1 import catalog_pb2
from tests.servers import ROOT, environment, server_process, until


@asynccontextmanager
async def demo(
    folder: Path, *arguments: str, program: Sequence[str] = ("-m", "clients.demo"), **variables: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    around = {"LEVADA_GRPC": "127.0.0.1:0", "LEVADA_HTTP": "127.0.0.1:0", **variables}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *program, *arguments),
        cwd=folder,
        env=environment(folder, **around) | {"PYTHONPATH": os.fspath(ROOT)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
        await asyncio.wait_for(process.communicate(), 60)


def there(path: Path) -> bool:
    return path.exists()


async def told_until(process: asyncio.subprocess.Process, words: str, seconds: float = 110) -> str:
    """Return what the demo says up to a line with *words*."""
    said = ""
    assert process.stdout is not None
    async with asyncio.timeout(seconds):
        while line := (await process.stdout.readline()).decode():
            said += line
            if words in line:
                break
    return said


async def test_it_asks_a_question_of_the_source_at_hand_and_proposes_another(tmp_path: Path) -> None:
    path = tmp_path / "zoo.db"
    with sqlite3.connect(path) as zoo:
        zoo.execute("CREATE TABLE animals (animal_id INTEGER PRIMARY KEY, name TEXT, species TEXT)")
        zoo.executemany("INSERT INTO animals (name, species) VALUES (?, ?)", [("Ada", "otter"), ("Bo", "bear")])
    zoo.close()
    async with demo(tmp_path, LEVADA_SOURCE=f"sqlite:///{path}") as running:
        said = await told_until(running, "Ask in a terminal")
    assert "100% ✅" in said
    assert "animals" in said.splitlines()[-1]
    assert "INFO" not in said


async def test_without_any_source_it_shows_the_sample_shop_and_what_stands_beside_it(
    tmp_path: Path, shop_file: Path
) -> None:
    (tmp_path / ".levada").mkdir()
    shutil.copy2(shop_file, tmp_path / ".levada" / "shop.db")
    async with demo(tmp_path) as running:
        said = await told_until(running, "Ask several sources")
        address = said.partition("LEVADA_GRPC=")[2].split()[0]
        async with connect(address) as client:
            sources = await client.sources()
    assert said.startswith("  Creating the sample data (once)")
    assert "100% ✅ The revenue is" in said
    assert [(source.name, source.state) for source in sources] == [
        (name, catalog_pb2.SOURCE_STATE_AVAILABLE) for name in ("shop", "rates", "reviews")
    ]


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_all_of_it_in_servers_of_its_own_answers_over_two_of_them_and_leaves_none_running(
    tmp_path: Path, shop_file: Path
) -> None:
    pytest.importorskip("secantus", reason="no MongoDB-compatible server: pip install secantusdb")
    (tmp_path / ".levada").mkdir()
    shutil.copy2(shop_file, tmp_path / ".levada" / "shop.db")
    async with demo(tmp_path, "--all") as running:
        said = await told_until(running, "Ask several sources", 280)
        started = psutil.Process(running.pid).children(recursive=True)
        told = (json.loads(one.environ().get("LEVADA_SOURCES", "{}")) for one in started)
        sources = next(found for found in told if "web" in found)
        database = Path(unquote(sources["shop"]["url"].partition("host=")[2]))
        assert there(database)
        assert sorted(sources) == ["rates", "reviews", "shop", "talk", "web"]
    assert "federated: It takes shop and web together." in said
    assert "100% ✅ Germany has the highest number of clicks" in said
    assert not [process for process in started if process.is_running()]
    assert not there(database)


async def test_a_source_that_is_not_there_is_told_before_anybody_asks(tmp_path: Path) -> None:
    async with demo(tmp_path, LEVADA_SOURCE=f"sqlite:///{tmp_path}/nothing.db") as running:
        said = await told_until(running, "Ask in a terminal")
    assert "⚠ The source default does not answer" in said
    assert "Ask on the page" in said


async def test_another_server_at_its_address_is_not_taken_for_its_own(tmp_path: Path) -> None:
    async with server_process(tmp_path) as other, demo(tmp_path, LEVADA_GRPC=other.address) as running:
        said = await told_until(running, "demo:")
        assert await running.wait() == 1
    assert "Can't listen on" in said
    assert "Traceback" not in said
    assert "100%" not in said


NEVER = ("-c", "import asyncio; from clients import demo; demo.GRACE = 1e6; asyncio.run(demo._demo(False))")


@pytest.mark.parametrize(("program", "times"), [(("-m", "clients.demo"), 1), (NEVER, 2)])
async def test_ctrl_c_says_at_once_that_it_stops_and_waits_for_nobody_for_long_or_if_told_twice(
    tmp_path: Path, program: Sequence[str], times: int
) -> None:
    """Server and gateway are frozen: they end by no signal that asks them to."""
    with sqlite3.connect(tmp_path / "zoo.db") as zoo:
        zoo.execute("CREATE TABLE animals (name TEXT)")
    zoo.close()
    async with demo(tmp_path, program=program, LEVADA_SOURCE=f"sqlite:///{tmp_path}/zoo.db") as running:
        await told_until(running, "Ask in a terminal")
        both = psutil.Process(running.pid).children()
        for each in both:
            each.suspend()
        running.send_signal(signal.SIGINT)
        assert "Stopping …" in await told_until(running, "Stopping …")
        if times > 1:
            running.send_signal(signal.SIGINT)
        async with asyncio.timeout(30):
            await running.wait()
    assert len(both) == 2
    assert not any(each.is_running() for each in both)


async def test_ctrl_c_while_it_starts_stops_it_too(tmp_path: Path) -> None:
    async with demo(tmp_path, LEVADA_SOURCE=f"sqlite:///{tmp_path}/nothing.db") as running:
        await until(lambda: psutil.Process(running.pid).children())
        started = psutil.Process(running.pid).children()
        running.send_signal(signal.SIGINT)
        assert "Stopping …" in await told_until(running, "Stopping …")
        async with asyncio.timeout(60):
            assert await running.wait() == 0
    assert not any(each.is_running() for each in started)
