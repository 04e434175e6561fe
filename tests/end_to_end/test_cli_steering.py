"""`levada pause|resume|fork|export` and what the command says of lost connections, as people and scripts call it."""

import asyncio
import csv
import io
import json
import os
import signal
from pathlib import Path

import pyarrow.parquet
import pytest

from tests.end_to_end.commands import in_terminal, levada, seen
from tests.end_to_end.cutting import wire

QUESTION = "How many animals are there?"
ANIMALS = ("all", "--sql", "SELECT name, weight_kg FROM animals")


async def asked(address: str, *arguments: str) -> str:
    """Ask, read to the end, and return the run's id."""
    _, out, _ = await levada(address, "ask", *(arguments or (QUESTION,)), "--json")
    return json.loads(out.splitlines()[0])["runId"]


async def waiting(address: str) -> str:
    """Return the id of the newest run once it waits for an answer."""
    async with asyncio.timeout(30):
        while True:
            _, runs, _ = await levada(address, "runs", "--state", "waiting", "--json")
            if runs:
                return json.loads(runs.splitlines()[0])["runId"]


async def test_a_run_rests_when_told_and_goes_on_when_told(address: str) -> None:
    process, terminal = await in_terminal(address, "ask", QUESTION, "--approve")
    await seen(terminal, "[approve]")
    run_id = await waiting(address)
    code, out, _ = await levada(address, "pause", run_id)
    assert code == 0
    await seen(terminal, "Paused by")
    assert f"levada resume {run_id}" in out
    _, shown, _ = await levada(address, "show", run_id)
    assert f"levada resume {run_id}" in shown
    code, _, _ = await levada(address, "resume", run_id)
    assert code == 0
    assert await waiting(address) == run_id
    await seen(terminal, "[approve]")
    os.write(terminal, b"\n")
    await seen(terminal, "Done!")
    assert await process.wait() == 0
    os.close(terminal)


async def test_a_run_that_ended_is_not_paused_and_that_is_no_success(address: str) -> None:
    run_id = await asked(address)
    for command in ("pause", "resume", "cancel"):
        code, out, err = await levada(address, command, run_id)
        assert (code, out) == (1, ""), command
        assert err.startswith("levada: ")


async def test_a_fork_keeps_what_it_is_told_and_says_so(address: str) -> None:
    run_id = await asked(address)
    code, out, _ = await levada(
        address, "fork", run_id, "--from", "fetch_context", "--query", "SELECT 1 AS one", "--watch"
    )
    assert code == 0, out
    assert f"Forked from {run_id}; kept: classify_intent, fetch_context" in out
    assert "one" in out
    code, out, _ = await levada(address, "fork", run_id, "--json")
    assert code == 0
    assert json.loads(out)["forkedFrom"] == run_id


async def test_an_unknown_step_is_answered_with_those_that_there_are(address: str) -> None:
    run_id = await asked(address)
    code, _, err = await levada(address, "fork", run_id, "--from", "dance")
    assert code == 1
    assert "no step 'dance'" in err
    steps = [line.split()[1] for line in err.splitlines() if line.startswith("  --from ")]
    assert steps[:3] == ["classify_intent", "fetch_context", "generate_sql"]
    code, _, _ = await levada(address, "fork", run_id, "--from", steps[2])
    assert code == 0


async def test_rows_go_down_a_pipe_or_into_a_file_that_is_not_overwritten(address: str, tmp_path: Path) -> None:
    run_id = await asked(address, *ANIMALS)
    code, out, _ = await levada(address, "export", run_id)
    assert code == 0
    rows = list(csv.reader(io.StringIO(out)))
    assert rows[0] == ["name", "weight_kg"]
    assert [row[1] for row in rows[1:]] == ["9.5", "310.0", "8.0"]
    file = tmp_path / "animals.csv"
    code, out, _ = await levada(address, "export", run_id, "-o", str(file))
    assert code == 0
    assert "3 rows" in out
    whole = file.read_bytes()
    file.write_text("mine")
    code, _, err = await levada(address, "export", run_id, "-o", str(file))
    assert code == 1
    assert "--force" in err
    assert file.read_text() == "mine"
    code, _, _ = await levada(address, "export", run_id, "-o", str(file), "--force")
    assert code == 0
    assert file.read_bytes() == whole
    assert not [name for name in os.listdir(tmp_path) if name.startswith(".levada-")]  # noqa: PTH208


@pytest.mark.parametrize("file_format", ["parquet", "jsonl"])
async def test_in_a_folder_a_file_gets_the_name_that_the_server_suggests(
    address: str, tmp_path: Path, file_format: str
) -> None:
    run_id = await asked(address, *ANIMALS)
    folder = tmp_path / "files"
    folder.mkdir()
    code, out, _ = await levada(address, "export", run_id, "--format", file_format, "-o", str(folder))
    assert code == 0
    (file,) = folder.iterdir()
    assert out.startswith(f"{file}: 3 rows")
    assert file.suffix == f".{file_format}"
    if file_format == "parquet":
        assert pyarrow.parquet.read_table(file).column("weight_kg").to_pylist() == [9.5, 310.0, 8.0]
    else:
        assert [json.loads(line)["weight_kg"] for line in file.read_text().splitlines()] == [9.5, 310.0, 8.0]


async def test_nobody_there_has_an_exit_code_of_its_own(address: str) -> None:
    code, out, err = await levada("127.0.0.1:1", "ask", QUESTION)
    assert (code, out) == (3, "")
    assert err == "levada: No server answers at 127.0.0.1:1. Start one with: make demo\n"


async def test_the_next_server_is_asked_where_one_is_away(address: str) -> None:
    code, out, _ = await levada(f"127.0.0.1:1,{address}", "ask", QUESTION)
    assert code == 0
    assert "100% ✅" in out


async def test_a_lost_connection_is_shown_while_it_lasts_and_what_comes_after_it_too(address: str) -> None:
    async with wire(address) as cut:
        process, terminal = await in_terminal(cut.address, "watch", await paused(address))
        await seen(terminal, "Paused by")
        cut.target = "127.0.0.1:1"
        cut.cut()
        await seen(terminal, "Connection lost, trying again")
        cut.target = address
        await seen(terminal, "Paused by")
        _, runs, _ = await levada(address, "runs", "--state", "paused", "--json")
        await levada(address, "resume", json.loads(runs)["runId"])
        await seen(terminal, "[approve]")  # what it asked before it was paused is still open
        os.write(terminal, b"\n")
        await seen(terminal, "Done!")
        assert await process.wait() == 0
        os.close(terminal)


async def paused(address: str) -> str:
    """Return the id of a run that rests."""
    asking = asyncio.create_task(levada(address, "ask", QUESTION, "--approve"))
    run_id = await waiting(address)
    await levada(address, "pause", run_id)
    asking.cancel()
    async with asyncio.timeout(30):
        while "paused" not in (await levada(address, "show", run_id))[1]:
            pass
    return run_id


async def test_ctrl_c_says_how_to_come_back(address: str) -> None:
    run_id = await paused(address)
    process, terminal = await in_terminal(address, "watch", run_id)
    await seen(terminal, "Paused by")
    process.send_signal(signal.SIGINT)
    said = await seen(terminal, "Cancel it")
    assert f"levada watch {run_id} --after" in said
    assert await process.wait() == 130
    os.close(terminal)


async def test_the_exit_codes_stand_under_every_help(address: str) -> None:
    for command in ([], ["watch"], ["export"]):
        code, out, _ = await levada(address, *command, "--help")
        assert code == 0
        assert "exit codes:" in out


async def test_a_file_gets_the_format_of_its_ending_and_a_contradiction_is_refused(
    address: str, tmp_path: Path
) -> None:
    run_id = await asked(address, *ANIMALS)
    file = tmp_path / "u.parquet"
    code, _, err = await levada(address, "export", run_id, "-o", str(file))
    assert code == 0, err
    assert pyarrow.parquet.read_table(file).num_rows == 3
    for wrong in (("-o", str(tmp_path / "u.csv"), "--format", "parquet"), ("-o", str(tmp_path / "u.xlsx"))):
        code, _, err = await levada(address, "export", run_id, *wrong)
        assert code == 1, err
        assert "--format" in err
    code, _, err = await levada(address, "export", run_id, "-o", str(tmp_path / "nowhere" / "u.csv"))
    assert code == 1
    assert "nowhere/u.csv" in err


async def test_a_number_past_the_end_is_refused_in_the_servers_words(address: str) -> None:
    run_id = await asked(address)
    code, out, err = await levada(address, "watch", run_id, "--after", "9999")
    assert (code, out) == (1, "")
    assert err.startswith("levada: ")
