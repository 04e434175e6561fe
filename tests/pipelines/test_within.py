"""A story told within a run: its steps are the run's, its names its own, and a crash costs only what was under way."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.pipeline import Ending, Run, Step, StepSpec, one_of, step
from core.pipelines.within import Within, asking
from levada.v1 import event_pb2 as events
from levada.v1.run_pb2 import RunOptions, RunRequest
from tests.engine.stage import Stage, Word, answered, kind, spec

ASK, REST = spec("ask", 0.2), spec("rest", 0.9)
OUTER = spec("outer", 0.1)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with Stage(f"sqlite:///{tmp_path}/levada.db") as made:
        yield made


class Play:
    """An outer run of two parts side by side, each of which tells the same inner story of its own question."""

    def __init__(self) -> None:
        self.done: Counter[str] = Counter()
        self.open = asyncio.Event()
        self.open.set()

    async def inner(self, run: Run) -> Ending:
        word = await run.step(self._ask)
        await run.step(self._rest, word)
        return answered(word.text)

    @property
    def _ask(self):
        @step(ASK)
        async def ask(step: Step) -> Word:
            question = step.run.request.question
            self.done[f"ask {question}"] += 1
            step.progress("Asking.", 0.5)
            step.emit(events.QueryProposed(query_id="q1", text=question))
            step.emit(events.TableStarted(table_id="t-q1", query_id="q1"))
            step.text(events.CHANNEL_ANSWER, f"About {question}")
            step.emit(events.FollowUps(questions=["And then?"]))
            return Word(text=question)

        return ask

    @property
    def _rest(self):
        @step(REST)
        async def rest(step: Step, word: Word) -> Word:
            await self.open.wait()
            self.done[f"rest {word.text}"] += 1
            return word

        return rest

    async def outer(self, run: Run) -> Ending:
        @step(OUTER)
        async def part(step: Step, name: str) -> Word:
            request = asking(step.run.request, f"question {name}")
            ending = await self.inner(Within(step, request, name=name))
            return Word(text=ending.summary)

        async with asyncio.TaskGroup() as group:
            parts = [group.create_task(run.step(one_of(part, _named(name)), name)) for name in ("a", "b")]
        return answered(", ".join(one.result().text for one in parts))


def _named(name: str) -> StepSpec:
    return spec(name, 0.1)


async def test_its_steps_nest_and_its_names_are_its_own(stage: Stage):
    play = Play()
    await stage.play(play.outer, OUTER)
    seen = await stage.ask()
    assert seen[-1].completed.summary == "question a, question b"
    assert {event.step for event in seen if kind(event) == "step_completed"} == {
        "a",
        "a/ask",
        "a/rest",
        "b",
        "b/ask",
        "b/rest",
    }
    proposed = {event.step: event.query_proposed for event in seen if kind(event) == "query_proposed"}
    assert {path: query.query_id for path, query in proposed.items()} == {"a/ask": "a.q1", "b/ask": "b.q1"}
    tables = {event.table_started.table_id for event in seen if kind(event) == "table_started"}
    assert tables == {"a.t-q1", "b.t-q1"}


async def test_a_run_has_one_answer_and_one_set_of_follow_ups_its_own(stage: Stage):
    await stage.play(Play().outer, OUTER)
    seen = await stage.ask()
    channels = {event.text_delta.channel for event in seen if kind(event) == "text_delta"}
    assert channels == {events.CHANNEL_CONTRIBUTION}
    assert not [event for event in seen if kind(event) == "follow_ups"]


async def test_it_does_not_move_the_runs_progress(stage: Stage):
    await stage.play(Play().outer, OUTER)
    seen = await stage.ask()
    assert {event.progress for event in seen if "/" in event.step} == {0.1}


async def test_a_crash_costs_only_the_inner_step_that_was_under_way(stage: Stage):
    play = Play()
    play.open.clear()
    await stage.play(play.outer, OUTER)
    run_id = await stage.create()
    asked: set[str] = set()
    after = 0
    while asked != {"a/ask", "b/ask"}:
        seen = await stage.until(run_id, "step_completed", after=after)
        asked |= {event.step for event in seen if kind(event) == "step_completed"}
        after = seen[-1].sequence
    await stage.crash()
    play.open.set()
    await stage.start()
    seen = await stage.watch(run_id)
    assert seen[-1].completed.summary == "question a, question b"
    assert play.done["ask question a"] == play.done["ask question b"] == 1


@pytest.mark.parametrize("approval", [False, True])
def test_it_asks_nobody_unless_queries_are_to_be_approved(approval: bool):
    outer = RunRequest(question="Why?", sources=["shop"], options=RunOptions(require_approval=approval))
    inner = asking(outer, "How much?")
    assert (inner.question, inner.sources) == ("How much?", ["shop"])
    assert inner.options.interactive is approval
    assert asking(outer, "How much?", ("crm",)).sources == ["crm"]
