"""Disks that fill up, clocks that jump, connections that are all taken, rows that a database refuses."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from core.errors import StoreError
from core.store import Store, postgresql, sqlite
from core.store.records import Append
from levada.v1 import error_reason_pb2 as reasons
from levada.v1.run_pb2 import RunState
from tests.store.test_store import append, new

HOUR = 3_600


async def execute(store: Store, *statements: str) -> None:
    for statement in statements:
        await store._writer.do(lambda c, statement=statement: c.exec_driver_sql(statement))


async def fill_disk(store: Store) -> Callable[[], Awaitable[None]]:
    """Let the database grow no more, and return what makes room again.

    PostgreSQL is made to say so by a trigger, as nobody but root could give it a small disk of its own.
    """
    if not store.shared:
        await execute(store, "PRAGMA max_page_count = 1")
        return lambda: execute(store, f"PRAGMA max_page_count = {2**30}")
    await execute(
        store,
        """CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'No space left on device' USING ERRCODE = 'disk_full'; END $$""",
        "CREATE TRIGGER full_disk BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION full_disk()",
    )
    return lambda: execute(store, "DROP TRIGGER full_disk ON events")


class Saying:
    """A journal that says *appends*, one after the other, and keeps what it hears of them."""

    def __init__(self, *appends: Append) -> None:
        self.appends = list(appends)
        self.heard: list[Exception | None] = []
        self.done = asyncio.Event()

    def take(self) -> Append | None:
        return self.appends.pop(0) if self.appends else None

    def stored(self, append: Append) -> None:
        self.heard.append(None)
        self.done.set()

    def refused(self, append: Append | None, error: Exception) -> None:
        self.heard.append(error)
        self.done.set()


async def test_a_full_disk_takes_nothing_new_keeps_what_runs_said_and_stores_it_once_there_is_room(store: Store):
    kept = await store.create(new())
    (claimed,) = await store.claim("worker", 1, 30, [])
    make_room = await fill_disk(store)
    with pytest.raises(StoreError) as caught:
        await store.create(new("x" * 9_000))
    assert caught.value.reason == reasons.ERROR_REASON_STORE_FULL
    said = [b"%d" % number * 3_000 for number in range(10)]
    journal = Saying(append(kept.run_id, claimed.epoch, 1, *said))
    store.enlist(journal)
    await asyncio.sleep(0.3)
    assert (journal.heard, await store.read(kept.run_id, 1, 100, 2**20)) == ([], ([], False))
    await make_room()
    async with asyncio.timeout(30):
        await journal.done.wait()
    assert journal.heard == [None]
    assert (await store.read(kept.run_id, 1, 100, 2**20))[0] == said
    assert (await store.create(new())).run_id
    assert not (await store.create(new("y" * 9_000))).existed


@pytest.mark.parametrize("jump", [HOUR, -HOUR])
async def test_a_clock_that_jumps_takes_no_run_and_no_duty_from_whoever_has_it(
    store: Store, other: Store, monkeypatch: pytest.MonkeyPatch, jump: int
):
    await store.create(new())
    (mine,) = await store.claim("mine", 1, 30, [])
    assert await store.take_duty("places", "mine", 30)
    real, real_ns = time.time, time.time_ns
    monkeypatch.setattr(time, "time", lambda: real() + jump)
    monkeypatch.setattr(time, "time_ns", lambda: real_ns() + jump * 10**9)
    assert not await other.claim("thief", 5, 30, [])
    assert not await other.take_duty("places", "thief", 30)
    assert await other.wake(10 * HOUR) == 0
    assert (await other.request_cancel(mine.id, "ann", "")).held
    assert [signal.run_id for signal in await store.renew("mine", 30, [mine.id])] == [mine.id]
    # A lease that was taken after the jump ends when it should, too.
    await store.create(new())
    began = time.monotonic()
    (short,) = await store.claim("mine", 1, 1.0, [])
    monkeypatch.undo()
    async with asyncio.timeout(60):
        while not (taken := await other.claim("thief", 5, 30, [])):  # noqa: ASYNC110 - time ends it
            await asyncio.sleep(0.05)
    assert time.monotonic() - began >= 1.0
    assert [one.id for one in taken] == [short.id]
    await store.append(append(mine.id, mine.epoch, 1, b"still mine"))


async def test_readers_that_take_every_connection_hold_up_no_writer(store: Store, monkeypatch: pytest.MonkeyPatch):
    run_id = (await store.create(new())).run_id
    monkeypatch.setattr(store._reading.pool, "_timeout", 0.3)
    async with AsyncExitStack() as stack:
        for _ in range(postgresql.READERS if store.shared else sqlite.READERS):
            await stack.enter_async_context(store._reading.connect())
        with pytest.raises(StoreError) as caught:
            await store.get(run_id)
        assert caught.value.retry_after
        async with asyncio.timeout(20):
            (claimed,) = await store.claim("worker", 1, 30, [])
            await store.append(append(run_id, claimed.epoch, 1, b"said"))
            assert await store.renew("worker", 30, [run_id])
            await store.create(new())
    found = await store.get(run_id)
    assert found is not None
    assert found[1].state == RunState.RUN_STATE_RUNNING


async def test_a_row_that_the_database_refuses_holds_up_nobody_else(store: Store):
    made = [(await store.create(new())).run_id for _ in range(5)]
    claimed = {one.id: one for one in await store.claim("worker", 5, 30, [])}
    # A step without an attempt, which no table takes.
    wrong = {"run_id": made[2], "path": "p", "attempt": None}
    appends = [append(run_id, claimed[run_id].epoch, 1, b"said") for run_id in made]
    appends[2] = replace(appends[2], steps=[wrong])
    journals = [Saying(one) for one in appends]
    for journal in journals:
        store.enlist(journal)
    async with asyncio.timeout(30):
        await asyncio.gather(*(journal.done.wait() for journal in journals))
    refused = [type(journal.heard[0]) for journal in journals]
    assert refused == [type(None), type(None), StoreError, type(None), type(None)]
    for number, run_id in enumerate(made):
        assert (await store.read(run_id, 1, 10, 1_000))[0] == ([] if number == 2 else [b"said"])
    # The run goes on with what can be stored.
    await store.append(append(made[2], claimed[made[2]].epoch, 1, b"said again"))
