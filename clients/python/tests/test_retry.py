"""How the client waits between attempts, and when it gives up."""

import random

import grpc
import pytest

from levada import retry
from levada.errors import CallFailed, ServerUnreachable
from levada.retry import Attempts, Reconnect, Retry, silent

LOST = ServerUnreachable("The connection broke.")
LIMITED = CallFailed("Slowly.", code=grpc.StatusCode.RESOURCE_EXHAUSTED, reason="RATE_LIMITED", retry_after=7.0)


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(retry.time, "monotonic", clock.monotonic)
    monkeypatch.setattr(retry.asyncio, "sleep", clock.sleep)
    return clock


async def exhausted(attempts: Attempts, error: CallFailed = LOST) -> int:
    """Return how many attempts are made before it is given up."""
    made = 0
    while await attempts.again(error, silent):
        made += 1
    return made


@pytest.mark.usefixtures("clock")
async def test_it_gives_up_after_so_many_attempts() -> None:
    assert await exhausted(Attempts(Retry(attempts=5, seconds=None))) == 5


async def test_it_gives_up_before_the_time_is_over(clock: Clock) -> None:
    await exhausted(Attempts(Retry(seconds=30.0)))
    assert 15 < clock.now <= 30


async def test_waits_grow_to_the_longest_and_are_spread_from_nothing_up(clock: Clock) -> None:
    rounds = 200
    for _ in range(rounds):
        await exhausted(Attempts(Retry(attempts=9, seconds=None, first_wait=1.0, longest_wait=8.0)))
    for number, longest in enumerate([1, 2, 4, 8, 8, 8, 8, 8, 8]):
        waits = clock.slept[number::9]
        assert max(waits) <= longest
        assert max(waits) > 0.9 * longest
        assert min(waits) < 0.1 * longest
        assert 0.4 * longest < sum(waits) / rounds < 0.6 * longest


@pytest.mark.usefixtures("clock")
async def test_a_sign_of_life_begins_the_count_anew() -> None:
    attempts = Attempts(Retry(attempts=3))
    await exhausted(attempts)
    attempts.succeeded()
    assert await exhausted(attempts) == 3


async def test_a_limit_is_waited_out_for_as_long_as_the_server_says(clock: Clock) -> None:
    assert await Attempts(Retry()).again(LIMITED, silent)
    assert 7.0 <= clock.now <= 7.1


async def test_each_attempt_is_told_with_its_reason_before_it_is_waited_for(clock: Clock) -> None:
    told: list[Reconnect] = []
    random.seed(1)
    assert await Attempts(Retry()).again(LOST, told.append, "r", 7)
    assert told == [Reconnect(1, clock.slept[0], "The connection broke.", "r", 7)]
