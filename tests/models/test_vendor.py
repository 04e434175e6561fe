"""What calls of one vendor share: places for calls at once, and being left alone after too many failures."""

import asyncio
from contextlib import aclosing

import pytest

from core.errors import BudgetExhausted, ModelRejected, ModelUnavailable
from core.models.conduct import Vendor, breaker, retries, vendor
from core.models.conduct.breaker import LeftAlone
from core.settings import ModelSettings
from tests.models.conducting import heard, opened
from tests.models.wire.house import PROMPT, text
from tests.servers import until

__all__ = ["heard", "opened"]


class Watch:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def watch(monkeypatch):
    """Measure by hand how long a vendor is left alone."""
    made = Watch()
    monkeypatch.setattr(breaker, "time", made)
    return made


async def fail(house, times=1):
    house.wire.plays(*(house.format.problem(500, "Oops.") for _ in range(times)))
    for _ in range(times):
        await house.fails()


async def test_a_vendor_that_failed_too_often_is_left_alone_and_it_is_said_when_it_is_tried_again(opened, heard, watch):
    async with opened(retries=0, failures=3, pause_seconds=20) as house:
        await fail(house, 3)
        watch.now += 15

        _, error = await house.fails()

        assert isinstance(error, LeftAlone)
        assert error.message == (
            "openai failed 3 times in a row, so it is left alone for now. It will be tried again in 5 seconds."
        )
        assert error.retry_after == 5
        assert len(house.wire.requests) == 3
        assert len(heard.calls) == 3


async def test_failures_that_are_not_in_a_row_leave_the_vendor_in_use(opened, heard):
    async with opened(retries=0, failures=3) as house:
        for _ in range(3):
            await fail(house, 2)
            house.answers("fine")
            assert text(await house.read()) == "fine"


async def test_one_call_finds_out_whether_the_vendor_is_back_while_others_are_refused(opened, heard, watch):
    async with opened(retries=0, failures=2, pause_seconds=20) as house:
        await fail(house, 2)
        watch.now += 21
        go_on = asyncio.Event()
        house.sends(go_on, house.format.text("back"), *house.format.end())
        probe = asyncio.create_task(house.read())
        await until(lambda: len(house.wire.requests) == 3)

        assert isinstance((await house.fails())[1], LeftAlone)
        go_on.set()
        assert text(await probe) == "back"

        house.answers("again")
        assert text(await house.read()) == "again"


async def test_a_vendor_that_is_not_back_is_left_alone_again_at_once(opened, heard, watch):
    async with opened(retries=0, failures=2, pause_seconds=20) as house:
        await fail(house, 2)
        watch.now += 21
        await fail(house)

        assert isinstance((await house.fails())[1], LeftAlone)
        assert len(house.wire.requests) == 3


async def test_a_cancelled_probe_leaves_the_next_call_to_find_out(opened, heard, watch):
    async with opened(retries=0, failures=1, pause_seconds=20) as house:
        await fail(house)
        watch.now += 21
        house.wire.plays([house.format.head, asyncio.Event()])
        probe = asyncio.create_task(house.read())
        await until(lambda: len(house.wire.requests) == 2)
        probe.cancel()
        await asyncio.wait([probe])

        house.answers("back")
        assert text(await house.read()) == "back"


async def test_while_it_is_left_alone_a_call_does_not_wait_for_its_next_try(opened, heard, monkeypatch):
    monkeypatch.setattr(retries, "FIRST", 0.0)
    async with opened(retries=10, failures=2, pause_seconds=600) as house:
        house.wire.plays(*(house.format.problem(500, "Oops.") for _ in range(11)))

        _, error = await house.fails()

        assert isinstance(error, LeftAlone)
        assert len(house.wire.requests) == 2


@pytest.mark.parametrize("status", [401, 400, 429])
async def test_neither_a_wrong_key_nor_a_request_to_come_later_takes_the_vendor_from_others(opened, heard, status):
    async with opened(retries=0, failures=1) as house:
        house.wire.plays(house.format.problem(status, "No.", retry_after="60"))
        _, error = await house.fails()
        assert isinstance(error, ModelRejected if status < 429 else ModelUnavailable)

        house.answers("fine")
        assert text(await house.read()) == "fine"


async def test_one_model_of_a_vendor_that_fails_is_the_others_warning(opened, heard):
    shared = Vendor("OpenAI", ModelSettings(failures=2))
    async with opened(shared, retries=0) as house, opened(shared, retries=0) as other:
        await fail(house, 2)

        assert isinstance((await other.fails())[1], LeftAlone)


async def test_no_more_calls_are_made_at_once_than_there_are_places_and_a_long_wait_is_said(opened, heard, monkeypatch):
    monkeypatch.setattr(vendor, "NOTICED", 0.05)
    async with opened(concurrency=2) as house:
        go_on = asyncio.Event()
        for _ in range(5):
            house.sends(go_on, house.format.text("x"), *house.format.end())
        asking = [asyncio.create_task(house.read()) for _ in range(5)]
        await until(lambda: (len(house.wire.requests), len(heard.words)) == (2, 3))

        assert set(heard.words) == {"Waiting for openai: other calls of it are under way…"}
        go_on.set()
        assert [text(pieces) for pieces in await asyncio.gather(*asking)] == ["x"] * 5


async def test_a_call_that_is_cancelled_or_left_gives_its_place_back(opened, heard):
    async with opened(concurrency=1) as house:
        house.wire.plays([house.format.head, asyncio.Event()])
        asking = asyncio.create_task(house.read())
        await until(lambda: house.wire.requests)
        waiting = asyncio.create_task(house.read())
        waiting.cancel()
        asking.cancel()
        await asyncio.wait([asking, waiting])

        house.sends(house.format.text("SELECT"), asyncio.Event())
        async with aclosing(house.model.stream(PROMPT)) as pieces:
            await anext(pieces)

        house.answers("fine")
        async with asyncio.timeout(60):
            assert text(await house.read()) == "fine"


async def test_a_budget_that_was_used_up_while_a_call_waited_for_its_place_stops_it(opened, heard):
    heard.allowed = 1
    async with opened(concurrency=1) as house:
        go_on = asyncio.Event()
        house.sends(house.format.text("first"), go_on, *house.format.end())
        first = asyncio.create_task(house.read())
        await until(lambda: bool(house.wire.requests))
        second = asyncio.create_task(house.read())
        await asyncio.sleep(0)
        go_on.set()

        assert text(await first) == "first"
        with pytest.raises(BudgetExhausted):
            await second
        assert len(house.wire.requests) == 1
