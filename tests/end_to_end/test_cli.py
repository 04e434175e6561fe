"""The command `levada`, as people and scripts call it, against a real server over a small database of its own."""

import asyncio
import json
import sqlite3
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.servers import server_process


@pytest.fixture
async def address(tmp_path: Path) -> AsyncIterator[str]:
    path = tmp_path / "zoo.db"
    with sqlite3.connect(path) as zoo:
        zoo.execute("CREATE TABLE animals (animal_id INTEGER PRIMARY KEY, name TEXT, species TEXT, weight_kg REAL)")
        animals = [("Ada", "otter", 9.5), ("Bo", "bear", 310.0), ("Cleo\x1b[31m", "otter", 8.0)]
        zoo.executemany("INSERT INTO animals (name, species, weight_kg) VALUES (?, ?, ?)", animals)
    zoo.close()
    async with server_process(tmp_path, LEVADA_SOURCE=f"sqlite:///{path}") as server:
        yield server.address


async def levada(address: str, *arguments: str) -> tuple[int, str, str]:
    """Run the command; return its exit code, what it printed, and what it complained of."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "levada.cli", *arguments, "--server", address),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode or 0, out.decode(), err.decode()


async def test_a_question_is_answered_line_by_line(address: str) -> None:
    code, out, _ = await levada(address, "ask", "How many animals are there?")
    assert code == 0
    assert "💭 Understanding your question..." in out
    assert "     3\n" in out
    assert "100% ✅" in out


async def test_json_is_one_event_a_line_up_to_the_terminal_one(address: str) -> None:
    code, out, _ = await levada(address, "ask", "How many animals are there?", "--json")
    events = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [int(event["sequence"]) for event in events] == list(range(1, len(events) + 1))
    assert "completed" in events[-1]


async def test_a_run_can_be_listed_shown_and_watched_again_from_a_number(address: str) -> None:
    _, first, _ = await levada(address, "ask", "How many animals are there?", "--json")
    run_id = json.loads(first.splitlines()[0])["runId"]
    _, runs, _ = await levada(address, "runs", "--json")
    assert json.loads(runs.splitlines()[0])["runId"] == run_id
    _, shown, _ = await levada(address, "show", run_id)
    assert "completed" in shown
    code, again, _ = await levada(address, "watch", run_id, "--after", "4", "--json")
    assert code == 0
    assert again == "".join(first.splitlines(keepends=True)[4:])


async def test_what_is_not_understood_is_a_failure_that_names_the_words(address: str) -> None:
    code, out, _ = await levada(address, "ask", "How many flurbs were gronked?")
    assert code == 1
    assert "❌" in out
    assert "flurbs" in out


async def test_a_given_query_that_writes_is_refused_and_nothing_changes(address: str) -> None:
    code, out, _ = await levada(address, "ask", "clean up", "--sql", "DELETE FROM animals")
    assert code == 1
    assert "refused" in out
    _, count, _ = await levada(address, "ask", "How many animals are there?")
    assert "     3\n" in count


async def test_a_dry_run_shows_the_query_and_no_rows(address: str) -> None:
    code, out, _ = await levada(address, "ask", "How many animals are there?", "--dry-run")
    assert code == 0
    assert "SELECT" in out
    assert "📊" not in out


async def test_control_characters_in_data_do_not_reach_the_terminal(address: str) -> None:
    _, out, _ = await levada(address, "ask", "all", "--sql", "SELECT name FROM animals")
    assert "Cleo" in out
    assert "\x1b" not in out


async def test_a_wrong_request_names_the_field_and_fails(address: str) -> None:
    code, _, err = await levada(address, "ask", "x" * 10_001)
    assert code == 1
    assert "run.question" in err


async def test_what_this_server_does_not_do_yet_is_said(address: str) -> None:
    _, first, _ = await levada(address, "ask", "How many animals are there?", "--json")
    code, _, err = await levada(address, "pause", json.loads(first.splitlines()[0])["runId"])
    assert code == 1
    assert err.startswith("levada: ")


async def test_sources_and_their_tables_are_listed(address: str) -> None:
    _, out, _ = await levada(address, "sources")
    assert "default" in out
    _, tables, _ = await levada(address, "sources", "default")
    assert "weight_kg" in tables
