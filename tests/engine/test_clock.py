"""A clock counts what was spent before, and stands still while it rests."""

import asyncio

import pytest

from core.clock import Clock


@pytest.mark.parametrize("rests", [False, True])
async def test_time_that_earlier_workers_spent_counts(rests: bool):
    clock = Clock(60, spent=59.95)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(10), clock:
            if rests:
                clock.rest()
                clock.go_on()
            await asyncio.Event().wait()
    assert clock.expired
    assert 60 <= clock.spent < 65


async def test_a_clock_that_rests_does_not_run_out():
    clock = Clock(60, spent=59.95)
    async with clock:
        clock.rest()
        await asyncio.sleep(0.1)
        assert clock.spent < 60
        clock.go_on()
    assert not clock.expired
