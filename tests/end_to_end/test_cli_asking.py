"""A prompt in a terminal stays only for as long as its question is open."""

import asyncio
import os

import pytest

from tests.end_to_end.commands import in_terminal, levada, seen
from tests.end_to_end.test_cli_steering import QUESTION, waiting


async def test_a_refusal_leaves_no_picture_of_a_run(address: str) -> None:
    process, terminal = await in_terminal(address, "ask", "x" * 10_001)
    screen = await seen(terminal, "levada: ")
    assert "❯" not in screen
    assert "0%" not in screen
    assert await process.wait() == 1
    os.close(terminal)


async def asking(address: str) -> tuple[asyncio.subprocess.Process, int, str]:
    """Return a command that asks for approval, its terminal, and its run."""
    process, terminal = await in_terminal(address, "ask", QUESTION, "--approve")
    await seen(terminal, "[approve]")
    return process, terminal, await waiting(address)


@pytest.mark.parametrize(
    ("command", "told", "shown", "code"),
    [
        (("respond", "approve"), "Approved by", "Done!", 0),
        (("respond", "reject"), "Rejected by", "rejected", 0),
        (("cancel",), "was cancelled", "Cancelled", 1),
    ],
)
async def test_a_prompt_goes_away_when_the_run_goes_on_without_it(
    address: str, command: tuple[str, ...], told: str, shown: str, code: int
) -> None:
    process, terminal, run_id = await asking(address)
    os.write(terminal, b"half a wo")
    name, *rest = command
    refused, _, err = await levada(address, name, run_id, *rest)
    assert refused == 0, err
    screen = await seen(terminal, shown)
    assert told in screen
    assert await asyncio.wait_for(process.wait(), 60) == code
    os.close(terminal)


async def test_the_query_that_an_approval_is_about_is_shown_again_when_an_edit_was_refused(address: str) -> None:
    process, terminal, run_id = await asking(address)
    code, out, _ = await levada(address, "respond", run_id, "approve", "--edit", "SELECT nothing FROM nowhere")
    assert code == 1
    assert "refused" in out
    again = await seen(terminal, "[approve]")
    assert "Edited by" in again
    assert "The edited query was refused" in again
    os.write(terminal, b"\n")
    await seen(terminal, "Done!")
    assert await asyncio.wait_for(process.wait(), 60) == 0
    os.close(terminal)


async def test_a_waiting_run_is_shown_with_its_query_and_how_to_answer(address: str) -> None:
    process, terminal, run_id = await asking(address)
    _, out, _ = await levada(address, "show", run_id)
    assert "query\tSELECT" in out
    assert f"levada respond {run_id} approve|reject" in out
    process.kill()
    await process.wait()
    os.close(terminal)
