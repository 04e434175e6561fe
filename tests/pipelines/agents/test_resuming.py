"""A team whose server dies goes on with what was said, branches side by side included; rests, and is forked."""

import asyncio
from contextlib import aclosing
from pathlib import Path

import pytest

from core import live
from core.identity import LOCAL
from levada.v1 import event_pb2 as events
from levada.v1.event_pb2 import Event
from levada.v1.run_pb2 import RunState
from levada.v1.run_service_pb2 import ForkRunRequest
from tests.engine.stage import assert_whole
from tests.pipelines.agents.cast import Cast, asks, invites
from tests.pipelines.agents.conftest import HANDBOOK, Harbour
from tests.pipelines.query import harbour
from tests.pipelines.query.house import kind

QUESTION = "What do long ships pay?"
SAID = ["- Point."]
ASKED = "contribution/analyst"


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have nothing wait for a crashed server's last words, which are never written."""
    monkeypatch.setattr(live, "HAND_BACK_SECONDS", 0.05)


def stood(folder: Path, cast: Cast, documents: bool = True) -> Harbour:
    """Return a house over *folder*, where an earlier one may have stood."""
    path = folder / "harbour.db"
    house = Harbour(folder, str(path if path.exists() else harbour.write(path)), model=cast)
    if documents:
        house.documents(handbook=HANDBOOK)
    return house


async def crash(house: Harbour) -> None:
    """End the house's engine as a crash would: nothing is handed back or written."""
    runner, store = house.engine._runner, house.engine.store

    async def gone(seconds: float = 0) -> None:
        runner._lives.clear()

    runner.drain = gone
    store._writer.drained = gone
    store._writer._journals.clear()
    store._writer.enlist = lambda journal: None
    await house.__aexit__()


def lines() -> dict:
    return {
        "team": [invites("advisor", "analyst", "critic")],
        "passages": ["Long ships pay 12 percent more [d1]."],
        "contribution/analyst": [asks("query", "How many ships are there?"), "- Four ships."],
        "contribution/critic": list(SAID),
        "team_answer": ["Four ships [analyst-1.q1]."],
    }


@pytest.mark.parametrize(
    ("at", "done"),
    [
        ("passages/librarian", ["team/coordinator"]),
        (ASKED, ["team/coordinator", "passages/librarian"]),
        ("team_answer/advisor", ["team/coordinator", "passages/librarian", ASKED, "contribution/critic"]),
    ],
)
async def test_after_a_crash_it_goes_on_with_what_was_said(tmp_path: Path, at: str, done: list[str]):
    cast, second = Cast(**lines()), Cast(**lines())
    house = await stood(tmp_path, cast).__aenter__()
    await house.catalog.warmed()
    cast.held[at] = asyncio.Event()
    run_id = await house.create(QUESTION)
    await cast.begun[at].wait()
    await crash(house)
    if at == ASKED:
        # Its first turn and what that asked are kept: only the turn that was under way is taken anew.
        second.lines[ASKED].pop(0)
    async with stood(tmp_path, second) as again:
        seen = await again.watch(run_id)
    assert_whole(seen.events)
    assert kind(seen.events[-1]) == "completed"
    assert not [name for name in done if second.asked[name]]
    assert len([step for step in seen.steps if step.endswith("/execute_sql")]) == 1
    assert next(one.text for one in seen.all("text_completed", "synthesize")).startswith("Four ships [analyst-1.q1].")


async def test_a_branch_that_was_done_is_not_done_again_for_the_one_that_was_not(tmp_path: Path):
    cast = Cast(team=[invites("advisor", "critic", "strategist")], contribution=SAID * 2)
    house = await stood(tmp_path, cast, documents=False).__aenter__()
    cast.held["contribution/strategist"] = asyncio.Event()
    run_id = await house.create(QUESTION)
    await cast.begun["contribution/strategist"].wait()
    await told(house, run_id, "Critic has spoken.")
    await crash(house)
    second = Cast(**{"contribution/strategist": ["- Anew."], "team_answer": ["So."]})
    async with stood(tmp_path, second, documents=False) as again:
        seen = await again.watch(run_id)
    assert_whole(seen.events)
    assert sorted(second.asked) == ["contribution/strategist", "team_answer/advisor"]
    attempts = {event.step: event.attempt for event in seen.events if kind(event) == "step_completed"}
    assert (attempts["contribute/critic"], attempts["contribute/strategist"]) == (1, 2)
    assert '"Critic": "- Point."' in second.asked["team_answer/advisor"][0].messages[0].text


async def told(house: Harbour, run_id: str, message: str) -> None:
    """Wait until the run has told that."""
    async with asyncio.timeout(30), aclosing(house.engine.watch(LOCAL, run_id, 0)) as batches:
        async for batch in batches:
            if any(Event.FromString(data).step_progressed.message == message for data in batch):
                return


async def test_a_team_rests_and_goes_on(bare: Harbour):
    cast = bare.cast(team=[invites("advisor", "critic")], contribution=SAID, team_answer=["So."])
    cast.held["contribution/critic"] = asyncio.Event()
    run_id = await bare.create()
    await cast.begun["contribution/critic"].wait()
    await bare.engine.pause(LOCAL, run_id)
    cast.held["contribution/critic"].set()
    await bare.watch(run_id, "paused")
    assert (await bare.engine.get(LOCAL, run_id)).state == RunState.RUN_STATE_PAUSED
    await bare.engine.resume(LOCAL, run_id)
    seen = await bare.watch(run_id)
    assert_whole(seen.events)
    assert len(cast.asked["contribution/critic"]) == 1
    assert seen.end.outcome == events.OUTCOME_REPLIED


async def test_a_fork_keeps_the_team_and_answers_anew(bare: Harbour):
    cast = bare.cast(team=[invites("advisor", "critic")], contribution=SAID, team_answer=["So.", "Or so."])
    first = await bare.ask()
    fork, _ = await bare.engine.fork(LOCAL, ForkRunRequest(run_id=first.events[0].run_id, step="contribute"))
    seen = await bare.watch(fork.run_id)
    assert "contribute" in seen.one("started").kept_steps
    assert seen.text(events.CHANNEL_ANSWER) == "Or so."
    assert len(cast.asked["contribution/critic"]) == 1
