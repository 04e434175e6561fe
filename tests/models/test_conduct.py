"""How a model is called when its vendor fails, stalls or asks to wait: what is tried again, and what is told of it."""

import asyncio
import time
from contextlib import aclosing
from dataclasses import replace

import pytest

from core.errors import BudgetExhausted, ModelRejected, ModelUnavailable
from core.models.conduct import retries
from core.models.language import Delta, Finish
from tests.models.conducting import heard, opened
from tests.models.wire.house import PROMPT, text
from tests.models.wire.server import Cut
from tests.servers import until

__all__ = ["heard", "opened"]

LONG = 60.0


@pytest.fixture(autouse=True)
def without_waiting(monkeypatch):
    """Have only what the vendor asks for waited for."""
    monkeypatch.setattr(retries, "FIRST", 0.0)


async def test_a_vendor_that_fails_twice_and_then_answers_is_asked_three_times(opened, heard):
    async with opened(input=1.0, output=2.0) as house:
        house.wire.plays(house.format.problem(500, "Oops."), house.format.problem(503, "Oops."))
        house.answers("SELECT", " 1")

        assert text(await house.read()) == "SELECT 1"

    assert [call.attempt for call in heard.calls] == [1, 2, 3]
    failed, _, good = heard.calls
    assert "failed (500)" in failed.problem
    assert (failed.usage.read, failed.cost, failed.error) == (0, 0.0, "ModelUnavailable")
    assert (good.response, good.problem, good.role, good.finish_reason) == ("SELECT 1", "", "strong", "stop")
    assert good.first_token is not None
    assert 0 < good.first_token <= good.seconds


async def test_what_the_vendor_says_that_a_call_took_is_priced(opened, heard):
    async with opened(input=10.0, cached_input=1.0, output=100.0) as house:
        house.answers("SELECT 1")
        await house.read()

    (call,) = heard.calls
    assert (call.usage.read, call.usage.cached, call.usage.written, call.estimated) == (100, 60, 7, False)
    assert call.cost == pytest.approx((40 * 10 + 60 * 1 + 7 * 100) / 1e6)


async def test_without_a_price_the_cost_is_unknown(opened, heard):
    async with opened(output=100.0) as house:
        house.answers("SELECT 1")
        await house.read()

    assert heard.calls[0].cost is None


async def test_no_try_comes_before_the_vendor_said_and_people_hear_of_the_wait(opened, heard):
    async with opened() as house:
        house.wire.plays(house.format.problem(429, "Slow down.", retry_after="2"))
        house.answers("SELECT 1")
        began = time.monotonic()

        assert text(await house.read()) == "SELECT 1"

    assert time.monotonic() - began >= 2
    assert heard.words == ["gpt-5.2 can't answer right now. It will be tried again in 2 s…"]


async def test_a_vendor_that_asks_for_more_patience_than_there_is_is_not_waited_for(opened, heard):
    async with opened(retry_seconds=5) as house:
        house.wire.plays(house.format.problem(429, "Slow down.", retry_after="3600"))

        _, error = await house.fails()

    assert (type(error), error.retry_after, len(heard.calls)) == (ModelUnavailable, 3600, 1)


async def test_after_the_last_try_the_failure_is_told_as_it_is(opened, heard):
    async with opened(retries=2) as house:
        house.wire.plays(*(house.format.problem(529, "Overloaded.") for _ in range(5)))

        _, error = await house.fails()

    assert "failed (529)" in error.message
    assert [call.attempt for call in heard.calls] == [1, 2, 3]


async def test_what_was_turned_down_is_not_tried_again(opened, heard):
    async with opened() as house:
        house.wire.plays(house.format.problem(400, "No such thing."))

        _, error = await house.fails()

    assert (type(error), len(heard.calls)) == (ModelRejected, 1)


async def test_a_connection_that_breaks_before_the_first_piece_is_made_again(opened, heard):
    async with opened() as house:
        house.wire.plays([Cut()], [house.format.head, Cut(reset=True)])
        house.answers("SELECT 1")

        assert text(await house.read()) == "SELECT 1"

    assert len(heard.calls) == 3


@pytest.mark.parametrize("broken", ["cut", "overloaded", "silent"])
async def test_what_breaks_off_after_something_was_seen_is_never_begun_anew(opened, heard, broken):
    async with opened(between_tokens_seconds=0.5 if broken == "silent" else LONG) as house:
        ending = {"cut": Cut(), "overloaded": house.format.overloaded(), "silent": asyncio.Event()}[broken]
        house.sends(house.format.text("SELECT"), ending)
        house.answers("a second answer")

        came, error = await house.fails()

        assert isinstance(error, ModelUnavailable)
        assert text(came) == "SELECT"
        assert len(house.wire.requests) == 1

    (call,) = heard.calls
    assert (call.response, call.estimated, bool(call.problem)) == ("SELECT", True, True)
    assert call.usage.written == 2  # six bytes, three each


async def test_a_vendor_that_says_nothing_is_left_and_asked_again(opened, heard):
    async with opened(first_token_seconds=1) as house:
        house.wire.plays([house.format.head, asyncio.Event()])
        house.answers("SELECT 1")

        assert text(await house.read()) == "SELECT 1"
        await house.wire.requests[0].gone.wait()

    *stalled, good = heard.calls  # more than one, where the machine lets nobody answer for a second
    assert stalled
    assert all("did not begin to answer within 1 second" in one.problem for one in stalled)
    assert all((one.estimated, one.usage.read > 0) == (True, True) for one in stalled)  # the vendor has read it
    assert good.attempt == len(heard.calls)


async def test_who_says_nothing_is_left_while_there_is_time_for_another_and_not_asked_again(opened, heard):
    heard.useful = 1.5
    async with opened() as house:
        house.wire.plays([house.format.head, asyncio.Event()])

        _, error = await house.fails()

    assert "did not begin to answer within 1 second" in error.message
    assert len(house.wire.requests) == 1


async def test_who_has_begun_is_not_hurried(opened, heard):
    heard.useful = 3.0
    async with opened(between_tokens_seconds=0.4) as house:
        house.sends(house.format.text("SELECT"), asyncio.Event())

        _, error = await house.fails()

    assert "nothing came for 0.4 seconds" in error.message


async def test_an_answer_that_trickles_on_for_too_long_is_left(opened, heard):
    async def trickle(go_on: list[asyncio.Event]) -> None:
        for event in go_on:
            await asyncio.sleep(0.05)
            event.set()

    async with opened(seconds=0.5, between_tokens_seconds=LONG) as house:
        waits = [asyncio.Event() for _ in range(1_000)]
        house.sends(*(action for wait in waits for action in (house.format.text("x"), wait)))
        trickling = asyncio.create_task(trickle(waits))

        _, error = await house.fails()

        trickling.cancel()
        assert "did not finish its answer within 0.5 seconds" in error.message
        await house.wire.requests[0].gone.wait()


async def test_a_piece_is_handed_on_before_the_next_one_comes(opened, heard):
    async with opened() as house:
        go_on = asyncio.Event()
        house.sends(house.format.text("SELECT"), go_on, house.format.text(" 1"), *house.format.end())
        async with aclosing(house.model.stream(PROMPT)) as pieces:
            while not isinstance(piece := await anext(pieces), Delta):
                pass
            assert piece.text == "SELECT"
            go_on.set()
            assert text([piece async for piece in pieces]) == " 1"


@pytest.mark.parametrize("begun", [False, True])
async def test_cancelling_closes_the_connection_at_once_and_is_accounted_for(opened, heard, begun):
    async with opened() as house:
        house.sends(*([house.format.text("SELECT")] if begun else []), asyncio.Event())
        came: list[object] = []

        async def ask() -> None:
            async with aclosing(house.model.stream(PROMPT)) as pieces:
                async for piece in pieces:
                    came.append(piece)  # noqa: PERF401 - looked at meanwhile

        asking = asyncio.create_task(ask())
        await until(lambda: came if begun else house.wire.requests)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        async with asyncio.timeout(60):
            await house.wire.requests[0].gone.wait()

    (call,) = heard.calls
    assert (call.problem, call.error, call.estimated) == ("The call was cancelled.", "CancelledError", True)
    assert call.response == ("SELECT" if begun else "")


async def test_cancelling_ends_the_wait_for_the_next_try(opened, heard):
    async with opened(retry_seconds=600) as house:
        house.wire.plays(house.format.problem(429, "Slow down.", retry_after="500"))
        asking = asyncio.create_task(house.read())
        await until(lambda: heard.words)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking

        assert len(house.wire.requests) == 1


async def test_a_reader_that_leaves_early_closes_the_connection_and_pays_for_what_came(opened, heard):
    async with opened() as house:
        house.sends(house.format.text("SELECT"), asyncio.Event())
        async with aclosing(house.model.stream(PROMPT)) as pieces:
            await anext(pieces)
        async with asyncio.timeout(60):
            await house.wire.requests[0].gone.wait()

    assert (heard.calls[0].problem, heard.calls[0].estimated) == ("The answer was left before its end.", True)


async def test_no_call_begins_without_leave(opened, heard):
    heard.allowed = 1
    async with opened() as house:
        house.wire.plays(house.format.problem(500, "Oops."))
        house.answers("SELECT 1")

        with pytest.raises(BudgetExhausted):
            await house.read()

        assert len(house.wire.requests) == 1


async def test_the_setting_says_how_long_an_answer_may_be(opened, heard):
    async with opened(max_tokens=77) as house:
        house.answers("SELECT 1")
        await house.read()

        sent = house.wire.requests[0].json
        assert 77 in (sent.get("max_tokens"), sent.get("max_completion_tokens"))


async def test_an_identical_call_is_answered_from_what_was_kept_if_that_is_wanted(opened, heard):
    async with opened(cache=1, input=1.0, output=1.0) as house:
        house.answers("SELECT", " 1")
        first, second = await house.read(), await house.read()

        assert text(first) == text(second) == "SELECT 1"
        assert isinstance(second[-1], Finish)
        assert len(house.wire.requests) == 1
        kept = heard.calls[1]
        assert (kept.from_cache, kept.cost, kept.usage.read, kept.response) == (True, 0.0, 0, "SELECT 1")

        heard.scope = "them"
        house.answers("SELECT 2")
        assert text(await house.read()) == "SELECT 2"


async def test_nothing_is_kept_by_default_nor_what_is_left_to_chance(opened, heard):
    async with opened() as house:
        house.answers("SELECT 1")
        house.answers("SELECT 2")
        assert [text(await house.read()) for _ in range(2)] == ["SELECT 1", "SELECT 2"]

    async with opened(cache=5) as house:
        by_chance = replace(PROMPT, temperature=0.7)
        house.answers("SELECT 1")
        house.answers("SELECT 2")
        assert [text(await house.read(by_chance)) for _ in range(2)] == ["SELECT 1", "SELECT 2"]
