"""The command `levada`, as people and scripts call it, against a real server over a small database of its own."""

import asyncio
import json
import os
import re
import signal

from tests.end_to_end.commands import in_terminal, levada, seen


async def test_a_question_is_answered_line_by_line(address: str) -> None:
    code, out, _ = await levada(address, "ask", "How many animals are there?")
    assert code == 0
    assert "💭 Understanding your question..." in out
    assert "     3\n" in out
    assert "100% ✅" in out


async def test_an_answer_that_was_told_is_not_told_again_at_the_end(address: str) -> None:
    code, out, _ = await levada(address, "ask", "--pipeline", "agents", "How many animals of each species are there?")
    assert code == 0
    *_, advisor, ended = [part for part in re.split(r"^(?=     \w+:$|100% )", out, flags=re.MULTILINE) if part]
    answer = advisor.splitlines()[1].split(" [")[0].strip("- ")
    assert len(answer) > 10
    assert answer not in ended
    assert ended.startswith("100% ✅ Done! (")


async def test_pipelines_are_listed_with_what_can_be_given_for_their_parameters(address: str) -> None:
    code, out, _ = await levada(address, "pipelines")
    lines = {line.split("\t")[0]: line.split("\t")[1] for line in out.splitlines()}
    assert code == 0
    assert "agents.primary_agent: advisor, analyst, investigator, strategist, critic." in lines["agents"]
    assert "agents.mode: AGENTS_MODE_COLLABORATIVE, " in lines["agents"]
    assert "assessment.difficulty: Beginner, Intermediate, Advanced." in lines["assessment"]
    assert "agents." not in lines["query"]


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


async def test_sources_and_their_tables_are_listed(address: str) -> None:
    _, out, _ = await levada(address, "sources")
    assert "default" in out
    _, tables, _ = await levada(address, "sources", "default")
    assert "weight_kg" in tables


async def test_a_question_needs_no_quotes_and_says_how_it_was_read(address: str) -> None:
    code, out, _ = await levada(address, "ask", "How", "many", "animals", "are", "there?")
    assert code == 0
    assert out.count("The number of animals is 3.") == 1
    assert out.index("Formulating") < out.lower().index("number of animals") < out.index("SELECT")


async def test_a_refusal_is_told_once(address: str) -> None:
    _, out, _ = await levada(address, "ask", "How many flurbs were gronked?")
    answer = next(line for line in out.splitlines() if "❌" in line)
    told, took = answer.split("❌ ")[1].rsplit(" (", 1)
    assert out.count(told) == 1
    assert re.fullmatch(r"[\d.]+ m?s, run [\w-]+\)", took)
    _, _, err = await levada(address, "ask", "")
    assert len(err.splitlines()) == 1


async def test_runs_in_a_pipe_are_whole_lines_and_older_ones_are_hinted_at(address: str) -> None:
    for _ in range(2):
        await levada(address, "ask", "How many animals are there?", "--dry-run")
    _, out, err = await levada(address, "runs", "--limit", "1")
    head, line = out.splitlines()
    assert head.split("\t")[0] == "RUN"
    assert len(line.split("\t")[0]) == 36
    assert "--limit" in err


async def test_who_wants_to_approve_in_a_pipe_can_by_a_number_from_elsewhere(address: str) -> None:
    asking = asyncio.create_task(levada(address, "ask", "How many animals are there?", "--approve"))
    async with asyncio.timeout(30):
        run: dict = {}
        while "input" not in run:
            _, runs, _ = await levada(address, "runs", "--json")
            run = json.loads(runs.splitlines()[0]) if runs else {}
    _, again, _ = await levada(address, "show", run["runId"])
    assert "waiting" in again
    code, _, err = await levada(address, "respond", run["runId"], "1")
    assert code == 0, err
    code, out, _ = await asking
    assert code == 0
    assert "levada respond" in out
    assert "     3\n" in out


async def test_nobody_to_approve_is_no_success(address: str) -> None:
    code, out, _ = await levada(address, "ask", "How many animals are there?", "--approve", "--no-input")
    assert code == 1
    assert "❓" in out
    assert "--no-input" in out


async def test_ctrl_c_leaves_at_once_while_an_approval_is_asked_for(address: str) -> None:
    process, terminal = await in_terminal(address, "ask", "How many animals are there?", "--approve")
    await seen(terminal, "[approve]")
    process.send_signal(signal.SIGINT)
    assert await asyncio.wait_for(process.wait(), 60) == 130
    os.close(terminal)


async def test_watching_from_the_middle_shows_the_question_and_asks_what_is_open(address: str) -> None:
    first, terminal = await in_terminal(address, "ask", "How many animals are there?", "--approve")
    await seen(terminal, "[approve]")
    first.send_signal(signal.SIGINT)
    await first.wait()
    os.close(terminal)
    _, runs, _ = await levada(address, "runs", "--json")
    run = json.loads(runs.splitlines()[0])
    second, terminal = await in_terminal(address, "watch", run["runId"], "--after", run["lastSequence"])
    assert "How many animals are there?" in await seen(terminal, "[approve]")
    os.write(terminal, b"3\n")
    assert await asyncio.wait_for(second.wait(), 60) == 0
    _, shown, _ = await levada(address, "show", run["runId"], "--json")
    assert json.loads(shown)["outcome"] == "OUTCOME_REJECTED"
    os.close(terminal)
