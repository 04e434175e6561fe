"""The command `levada` over several sources: which ones a question needs, and looking at them anew."""

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.end_to_end.commands import levada
from tests.pipelines.federated import world
from tests.servers import server_process


@pytest.fixture
async def address(tmp_path: Path) -> AsyncIterator[str]:
    urls = world.write(tmp_path)
    lines = [f'[sources.{name}]\nurl = "{url}"' for name, url in urls.items()]
    (tmp_path / "levada.toml").write_text("\n".join(lines))
    async with server_process(tmp_path) as server:
        yield server.address


async def test_explain_tells_which_sources_and_why_and_asks_nothing(address: str) -> None:
    code, out, _ = await levada(address, "ask", "--explain", "What is the total amount of orders by country?")
    assert code == 0
    first, *rest = out.splitlines()
    assert first.startswith("federated: It takes ")
    assert {line.strip().partition(":")[0] for line in rest if line.startswith("  ") and ": It knows" in line} == {
        "crm",
        "sales",
    }
    _, told, _ = await levada(address, "ask", "--explain", "--json", "How many tickets are there?")
    assert json.loads(told)["pipeline"] == "query"
    _, runs, _ = await levada(address, "runs", "--json")
    assert not runs


async def test_a_question_that_names_no_source_finds_its_own(address: str) -> None:
    code, out, _ = await levada(address, "ask", "How many tickets are there by topic?")
    assert code == 0
    assert "query: support answers it by itself." in out
    assert "late | 3" in out


async def test_sources_are_looked_at_anew_and_what_changed_is_said(address: str, tmp_path: Path) -> None:
    await levada(address, "sources", "refresh")
    with closing(sqlite3.connect(tmp_path / "crm.db")) as crm:
        crm.execute("CREATE TABLE visits (customer_id INTEGER)")
    code, out, _ = await levada(address, "sources", "refresh", "crm", "support")
    assert code == 0
    said = {line.partition(":")[0]: line for line in out.splitlines()}
    assert "2 tables, 1 new: visits" in said["crm"]
    assert "1 table, nothing changed" in said["support"]
    code, _, err = await levada(address, "sources", "refresh", "nowhere")
    assert code == 1
    assert "no source named “nowhere”" in err
