"""One answer kept for a while."""

import asyncio

import pytest

from core.sources.remembered import Remembered
from tests.servers import until


class Reading:
    """Counts how often it is read; each reading waits until it is let go."""

    def __init__(self) -> None:
        self.count = 0
        self.go = asyncio.Event()

    async def __call__(self) -> int:
        self.count += 1
        await self.go.wait()
        return self.count


async def test_many_who_ask_at_once_cause_one_reading():
    reading = Reading()
    kept = Remembered(reading, 60)
    askers = [asyncio.create_task(kept.get()) for _ in range(50)]
    await asyncio.sleep(0)
    reading.go.set()

    assert await asyncio.gather(*askers) == [1] * 50
    assert await kept.get() == 1


async def test_an_asker_who_leaves_takes_nothing_from_the_others():
    reading = Reading()
    kept = Remembered(reading, 60)
    first, second = asyncio.create_task(kept.get()), asyncio.create_task(kept.get())
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.wait([first])
    reading.go.set()

    assert await second == 1


async def test_whoever_waits_hears_how_far_reading_is_now_and_then():
    reading = Reading()
    kept = Remembered(reading, 60)
    first, second = [], []
    askers = [asyncio.create_task(kept.get(lambda *far, said=said: said.append(far))) for said in (first, second)]
    await asyncio.sleep(0)
    askers[1].cancel()
    await asyncio.wait(askers[1:])
    for done in range(1, 1_000):
        kept.looked(done, 1_000)
    reading.go.set()
    await askers[0]

    assert first[0] == (1, 1_000)
    assert len(first) < 100
    assert not second


async def test_an_answer_that_is_old_or_forgotten_is_read_again():
    reading = Reading()
    reading.go.set()
    old, kept = Remembered(reading, 0), Remembered(reading, 60)

    assert [await old.get(), await old.get()] == [1, 2]
    assert await kept.get() == 3
    kept.forget()
    assert await kept.get() == 4


async def test_what_is_forgotten_while_it_is_read_is_read_again_before_anybody_gets_it():
    reading = Reading()
    kept = Remembered(reading, 60)
    asker = asyncio.create_task(kept.get())
    await until(lambda: reading.count == 1)
    kept.forget()
    reading.go.set()

    assert [await asker, await kept.get()] == [2, 2]


async def test_a_failure_is_told_to_all_and_not_kept():
    fails = iter([True, False])

    async def read() -> str:
        await asyncio.sleep(0)
        if next(fails):
            raise OSError("down")
        return "up"

    kept = Remembered(read, 60)
    told = await asyncio.gather(kept.get(), kept.get(), return_exceptions=True)

    assert [type(error) for error in told] == [OSError, OSError]
    assert await kept.get() == "up"


async def test_closing_stops_a_reading():
    kept = Remembered(Reading(), 60)
    asker = asyncio.create_task(kept.get())
    await asyncio.sleep(0)
    await kept.close()
    with pytest.raises(asyncio.CancelledError):
        await asker
