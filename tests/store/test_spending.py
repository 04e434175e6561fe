"""What tenants' models took is counted once, with the events that tell of it, however many servers tell."""

import asyncio

import pytest

from core.store import Store, spending
from core.store.records import Spent
from tests.store.test_store import append, new


async def run_of(store: Store) -> str:
    return (await store.create(new())).run_id


async def test_a_day_s_spending_is_the_sum_of_what_all_runs_told(store: Store, other: Store):
    runs = [await run_of(store) for _ in range(20)]

    async def told(number: int, run_id: str) -> None:
        one = (store, other)[number % 2]
        for after in range(1, 6):
            spent = [Spent("us", 10, 1_000), Spent("us", 1, 5), Spent("them", 7)]
            await one.append(append(run_id, 0, after, b"called", position=8 + 6 * (after - 1), spent=spent))

    await asyncio.gather(*(told(number, run_id) for number, run_id in enumerate(runs)))
    for one in (store, other):
        assert await one.spent_today("us") == Spent("us", 1_100, 100_500)
        assert await one.spent_today("them") == Spent("them", 700)
        assert await one.spent_today("others") == Spent("others")


async def test_what_was_fenced_off_is_not_counted(store: Store, other: Store):
    run_id = await run_of(store)
    twice = [
        one.append(append(run_id, 0, 1, word, spent=[Spent("us", 5)])) for one, word in ((store, b"a"), (other, b"b"))
    ]
    results = await asyncio.gather(*twice, return_exceptions=True)
    assert sum(result is None for result in results) == 1
    assert await store.spent_today("us") == Spent("us", 5)


async def test_each_day_begins_anew(store: Store, monkeypatch: pytest.MonkeyPatch):
    await store.append(append(await run_of(store), 0, 1, b"called", spent=[Spent("us", 5)]))
    monkeypatch.setattr(spending, "DAY", 1)
    assert await store.spent_today("us") == Spent("us")
