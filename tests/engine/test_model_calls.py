"""What a run tells of the models it calls: each try on its step, to those who may see it, added up at the end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from core.errors import ModelError
from core.identity import LOCAL, Principal
from core.models.conduct import Conducted
from core.models.fallback import Fallback
from core.models.language import LanguageModel, Message, Prompt, Usage
from core.models.scripted_language import Answer, ScriptedLanguage
from core.pipeline import Run, Step, step
from core.settings import ModelSettings
from levada.v1 import event_pb2 as events
from levada.v1.event_pb2 import Event, ModelCalled
from tests.engine.stage import Stage, answered, assert_whole, kind, spec
from tests.models.conducting import Opening, opened
from tests.models.wire.house import House
from tests.servers import until

__all__ = ["opened"]

ASK = spec("ask")
PROMPT = Prompt("You count.", [Message("user", "One?")], key="play/count@3")
PRICED = ModelSettings(input=1_000.0, output=10_000.0, retries=2)
ONE = Answer(text="one two", usage=Usage(read=100, written=7))


def scripted(*answers: Answer | str, settings: ModelSettings = PRICED) -> Conducted:
    return Conducted(ScriptedLanguage(answers), settings, role="fast")


async def read(model: LanguageModel) -> None:
    async with aclosing(model.stream(PROMPT)) as pieces:
        async for _ in pieces:
            pass


def asking(model: LanguageModel, times: int = 1):
    """Return a play that asks *model*, all at once."""

    @step(ASK)
    async def ask(step: Step) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(times):
                group.create_task(read(model))

    async def run(run: Run):
        await run.step(ask)
        return answered()

    return run


def calls(seen: list[Event]) -> list[ModelCalled]:
    return [event.model_called for event in seen if kind(event) == "model_called"]


async def test_every_try_is_told_on_its_step_and_added_up(stage: Stage):
    failing = Answer(fails="unavailable", retry_after=0.0)
    await stage.play(asking(scripted(failing, ONE)), ASK)

    seen = await stage.ask()

    assert_whole(seen)
    failed, good = calls(seen)
    assert {event.step for event in seen if kind(event) == "model_called"} == {"ask"}
    assert (failed.attempt, failed.input_tokens, failed.response) == (1, 0, "")
    assert "can't be reached" in failed.problem
    assert (good.attempt, good.provider, good.role, good.template) == (2, "levada", "fast", "play/count@3")
    assert (good.prompt, good.response) == ("[system]\nYou count.\n\n[user]\nOne?", "one two")
    assert (good.input_tokens, good.output_tokens, good.finish_reason) == (100, 7, "stop")
    assert good.cost_usd == pytest.approx(0.17)
    assert 0 < good.time_to_first_token.ToNanoseconds() <= good.duration.ToNanoseconds()
    totals = seen[-1].completed.totals
    assert (totals.input_tokens, totals.output_tokens, totals.cost_usd) == (100, 7, pytest.approx(0.17))


async def test_calls_made_at_once_within_a_step_are_all_its_own(stage: Stage):
    await stage.play(asking(scripted(*[ONE] * 5), times=5), ASK)

    seen = await stage.ask()

    assert len(calls(seen)) == 5
    assert seen[-1].completed.totals.output_tokens == 35


async def test_who_may_not_see_prompts_sees_what_a_call_took_and_nothing_of_what_was_said(stage: Stage):
    await stage.play(asking(scripted(ONE)), ASK)
    caller = Principal("them", "ann")

    seen = await stage.watch(await stage.create(caller=caller), caller=caller)

    (call,) = calls(seen)
    assert (call.prompt, call.response, call.input_tokens) == ("", "", 100)
    assert "You count" not in str(seen)


async def test_a_price_that_is_not_known_makes_the_sum_unknown(stage: Stage):
    await stage.play(asking(scripted(ONE, settings=ModelSettings())), ASK)

    seen = await stage.ask()

    assert not calls(seen)[0].HasField("cost_usd")
    assert not seen[-1].completed.totals.HasField("cost_usd")


async def test_that_another_model_takes_over_is_said(stage: Stage):
    down = ScriptedLanguage([Answer(fails="rejected")], name="big")
    model = Fallback([Conducted(down), Conducted(ScriptedLanguage([ONE], name="small"))])
    await stage.play(asking(model), ASK)

    seen = await stage.ask()

    said = [event.step_progressed.message for event in seen if kind(event) == "step_progressed"]
    assert [message.rpartition(". ")[2] for message in said] == ["Going on with small…"]
    assert [(call.model, bool(call.problem)) for call in calls(seen)] == [("big", True), ("small", False)]


async def test_a_wait_that_the_vendor_asks_for_is_said_while_it_lasts(stage: Stage):
    busy = Answer(fails="unavailable", retry_after=20.0)
    await stage.play(asking(scripted(busy, ONE)), ASK)
    run_id = await stage.create()

    seen = await stage.until(run_id, "step_progressed")

    assert "It will be tried again in 2" in seen[-1].step_progressed.message
    await stage.engine.cancel(LOCAL, run_id)
    assert kind((await stage.watch(run_id))[-1]) == "cancelled"


@pytest.fixture
async def vendor(opened: Opening) -> AsyncIterator[House]:
    async with opened(input=1_000.0, output=1_000.0, first_token_seconds=60) as house:
        yield house


@pytest.mark.parametrize("begun", [False, True])
async def test_cancelling_a_run_closes_the_connection_to_the_vendor_and_tells_what_it_took(
    stage: Stage, vendor: House, begun: bool
):
    vendor.sends(*([vendor.format.text("one")] if begun else []), asyncio.Event())
    await stage.play(asking(vendor.model), ASK)
    run_id = await stage.create()
    await until(lambda: vendor.wire.requests)

    await stage.engine.cancel(LOCAL, run_id)

    async with asyncio.timeout(60):
        await vendor.wire.requests[0].gone.wait()
    seen = await stage.watch(run_id)
    assert_whole(seen)
    (call,) = calls(seen)
    assert (call.problem, call.estimated) == ("The call was cancelled.", True)
    assert call.input_tokens > 0
    assert seen[-1].cancelled.totals.cost_usd == pytest.approx(call.cost_usd)


async def test_what_was_said_at_great_length_is_cut_and_that_is_said(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("core.model_calls.SHOWN", 10)
    await stage.play(asking(scripted(Answer(text="0123456789abcdef\ud83d"))), ASK)

    (call,) = calls(await stage.ask())

    assert call.response == "0123456789\n… (7 more characters)"


async def test_a_call_outside_of_any_step_is_told_to_nobody(stage: Stage):
    model = scripted(ONE, Answer(fails="rejected"))

    async def run(run: Run):
        await read(model)
        with pytest.raises(ModelError):
            await read(model)
        return answered()

    await stage.play(run)
    seen = await stage.ask()

    assert not calls(seen)
    assert seen[-1].completed.outcome == events.OUTCOME_ANSWERED


async def test_a_model_that_says_nothing_leaves_time_for_another_within_its_step(stage: Stage):
    short = spec("ask", seconds=4.5)
    silent = Answer(text="one", pause=600)
    model = Fallback([scripted(silent, silent, settings=ModelSettings()), scripted(ONE)])

    @step(short)
    async def ask(step: Step) -> None:
        await read(model)

    async def run(run: Run):
        await run.step(ask)
        return answered()

    await stage.play(run, short)

    first, second = calls(await stage.ask())
    assert "did not begin to answer" in first.problem
    assert second.response == "one two"
