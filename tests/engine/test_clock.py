"""A clock counts what was spent before, and stands still while it rests."""

import asyncio
from types import SimpleNamespace

import pytest

from core.clock import Clock


@pytest.mark.parametrize("rests", [False, True])
async def test_time_that_earlier_workers_spent_counts(rests: bool):
    clock = Clock(60, spent=59.95)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(60), clock:
            if rests:
                clock.rest()
                clock.go_on()
            await asyncio.Event().wait()
    assert clock.expired
    assert clock.spent >= 60


async def test_a_clock_that_rests_does_not_run_out(monkeypatch: pytest.MonkeyPatch):
    now = 0.0
    monkeypatch.setattr("core.clock.time", SimpleNamespace(monotonic=lambda: now))
    clock = Clock(60, spent=30)
    async with clock:
        clock.rest()
        assert clock._timeout.when() is None
        now += 3600
        assert clock.spent == 30
        clock.go_on()
    assert not clock.expired
