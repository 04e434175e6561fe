"""Budgets for language models: a run ends when one is used up, in words that say which; nothing counts twice."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest

from core.identity import LOCAL, Principal
from core.models.conduct import Conducted
from core.models.language import Piece, Prompt, Usage
from core.models.scripted_language import Answer, ScriptedLanguage
from core.pipeline import Run, Step, step
from core.store.records import Spent
from levada.v1 import error_reason_pb2 as reasons
from levada.v1.event_pb2 import Event
from tests.engine.conftest import EVERYWHERE
from tests.engine.stage import Stage, answered, assert_whole, gather, kind, spec
from tests.engine.test_model_calls import calls, read, scripted

pytestmark = EVERYWHERE

ASK, WAIT = spec("ask"), spec("wait")
HUNDRED = Answer(text="x", usage=Usage(read=90, written=10))
DOLLAR = 0.19  # what HUNDRED costs at the prices of `scripted`: 90 at 1,000 and 10 at 10,000 a million
THEM = Principal("them", "ann")


def asking(model: Any, times: int):
    """Return a play of *times* steps, each of which asks *model* once."""

    @step(ASK)
    async def ask(step: Step) -> None:
        await read(model)

    async def run(run: Run):
        for _ in range(times):
            await run.step(ask)
        return answered()

    return run


def endless() -> Any:
    return scripted(*[HUNDRED] * 1_000)


def ended(seen: list[Event], budget: str) -> str:
    """Return the words in which a run ended for a budget."""
    assert_whole(seen)
    failed = seen[-1].failed
    assert failed.reason == reasons.ERROR_REASON_BUDGET_EXHAUSTED
    assert budget in failed.message
    return failed.message


async def test_a_run_may_use_so_many_tokens_and_a_call_that_has_begun_is_finished(stage: Stage):
    await stage.play(asking(endless(), 10), ASK, run_tokens=250)

    seen = await stage.ask()

    message = ended(seen, "run_tokens")
    assert message == (
        "This run has used 300 tokens of language models, and the budget is 250, so no more calls are made. "
        "Ask a narrower question, or have run_tokens raised under [limits] in levada.toml."
    )
    assert len(calls(seen)) == 3
    assert seen[-1].failed.totals.input_tokens == 270


async def test_a_run_may_cost_so_many_dollars(stage: Stage):
    await stage.play(asking(endless(), 10), ASK, run_usd=0.5)

    seen = await stage.ask()

    assert "used $0.5700 of language models, and the budget is $0.50" in ended(seen, "run_usd")
    assert seen[-1].failed.totals.cost_usd == pytest.approx(3 * DOLLAR)


async def test_a_budget_of_less_than_a_cent_is_told_as_it_was_set(stage: Stage):
    await stage.play(asking(endless(), 10), ASK, run_usd=0.004)

    assert "the budget is $0.004, so" in ended(await stage.ask(), "run_usd")


async def test_what_a_tenant_may_use_in_a_day_is_counted_over_its_runs_and_no_other_tenant_s(stage: Stage):
    await stage.play(asking(endless(), 2), ASK, tenant_tokens_per_day=300)

    assert kind((await stage.ask())[-1]) == "completed"
    message = ended(await stage.ask(), "tenant_tokens_per_day")
    assert message.startswith("Today you have used 300 tokens of language models, and the budget is 300")
    assert "Come back after midnight (UTC)" in message
    assert kind((await stage.watch(await stage.create(caller=THEM), caller=THEM))[-1]) == "completed"


async def test_what_a_tenant_may_cost_in_a_day_is_counted_on_all_servers(stage: Stage):
    await stage.play(asking(endless(), 2), ASK, tenant_usd_per_day=0.5)
    assert kind((await stage.ask())[-1]) == "completed"

    async with stage.elsewhere() as other:
        assert kind((await other.ask())[-1]) == "failed"
        message = ended(await other.ask(), "tenant_usd_per_day")
        assert "used $0.5700 of language models, and the budget is $0.50" in message


def at_once(model: Any, times: int):
    """Return a play of one step that asks *model* so often, all at once."""

    @step(ASK)
    async def ask(step: Step) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(times):
                group.create_task(read(model))

    async def run(run: Run):
        await run.step(ask)
        return answered()

    return run


@pytest.mark.parametrize("limit", [{"run_tokens": 250}, {"run_usd": 2.5 * DOLLAR}, {"tenant_tokens_per_day": 250}])
async def test_calls_that_are_made_at_once_use_no_more_than_one_call_too_much(stage: Stage, limit: dict[str, Any]):
    await stage.play(at_once(scripted(*[HUNDRED.model_copy(update={"pause": 0.01})] * 10), 10), ASK, **limit)

    seen = await stage.ask()

    ended(seen, "model")
    assert [call.input_tokens + call.output_tokens for call in calls(seen)] == [100, 100, 100]


async def test_far_from_the_budget_calls_are_made_side_by_side(stage: Stage):
    class Together(ScriptedLanguage):
        async def stream(self, prompt: Prompt) -> AsyncGenerator[Piece, None]:
            await all_here.wait()
            async with aclosing(super().stream(prompt)) as pieces:
                async for piece in pieces:
                    yield piece

    all_here = asyncio.Barrier(4)
    await stage.play(at_once(Conducted(Together([HUNDRED] * 4)), 4), ASK, run_tokens=100_000)

    assert kind((await stage.ask())[-1]) == "completed"


async def test_a_run_without_calls_needs_no_budget(stage: Stage):
    await stage.play(asking(endless(), 1), ASK, tenant_tokens_per_day=1)
    await stage.ask()
    await stage.play(asking(endless(), 0), ASK)

    assert kind((await stage.ask())[-1]) == "completed"


async def test_runs_at_once_on_two_servers_are_counted_to_the_token(stage: Stage):
    await stage.play(asking(endless(), 5), ASK)
    async with stage.elsewhere() as other:
        runs = await gather(*(one.ask() for one in (stage, other) * 10))

        told = sum(call.input_tokens + call.output_tokens for seen in runs for call in calls(seen))
        cost = sum(call.cost_usd for seen in runs for call in calls(seen))
        assert told == 20 * 5 * 100
        expected = Spent(LOCAL.tenant, told, round(cost * 1e9))
        assert await stage.engine.store.spent_today(LOCAL.tenant) == expected


@pytest.fixture
async def crashed(stage: Stage) -> AsyncIterator[str]:
    """A run that used 200 tokens before its server crashed."""
    go_on = asyncio.Event()

    @step(ASK)
    async def ask(step: Step) -> None:
        await read(model)

    @step(WAIT)
    async def wait(step: Step) -> None:
        await go_on.wait()

    async def run(run: Run):
        await run.step(ask)
        await run.step(ask)
        await run.step(wait)
        await run.step(ask)
        return answered()

    model = endless()
    stage.lease = 1.0
    await stage.play(run, ASK, WAIT, run_tokens=200)
    run_id = await stage.create()
    seen: list[Event] = []
    while [event.step for event in seen if kind(event) == "step_started"][-1:] != ["wait"]:
        seen += await stage.until(run_id, "step_started", after=len(seen))
    await stage.crash()
    go_on.set()
    await stage.start()
    yield run_id


async def test_a_run_that_goes_on_after_a_crash_keeps_what_it_used(stage: Stage, crashed: str):
    seen = await stage.watch(crashed)

    assert "used 200 tokens" in ended(seen, "run_tokens")
    assert len(calls(seen)) == 2
    assert (await stage.engine.store.spent_today(LOCAL.tenant)).tokens == 200
