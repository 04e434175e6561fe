"""What is forgotten of runs that ended, what stays, and what readers are told meanwhile. Over every store."""

import asyncio
import random
import time
from typing import Any

import pytest
from sqlalchemy import text

from core.errors import CursorExpired, NotFound
from core.identity import LOCAL
from core.store import Store, retention
from core.store.base import Forgotten, Keep
from core.store.tables import runs, shares
from levada.v1.run_pb2 import RunState
from tests.store.test_store import append, new

DAY = 86_400 * 1_000_000
ALL = 2**62
NOTHING = Keep(0, ALL, 0)
LOGS = Keep(ALL, ALL, 0)
EVERYTHING = Keep(ALL, ALL, ALL)
FIRST = len(b"queued 1")


async def told(store: Store, run_id: str, count: int, size: int = 10, ended: int = 0, **rows: Any) -> list[bytes]:
    """Have a run that nobody holds say so many events, the last one its end if it *ended*; return all of them."""
    said = [f"event {number}".encode().ljust(size, b".") for number in range(2, count + 1)]
    if ended:
        rows["run"] = {"state": RunState.RUN_STATE_COMPLETED, "ended": ended, "summary": "Done."}
    await store.append(append(run_id, 0, 1, *said, position=FIRST, **rows))
    return [(await store.read(run_id, 0, 1, 100))[0][0], *said]


async def ended(store: Store, count: int = 10, at: int = 1_000, **more: Any) -> tuple[str, list[bytes]]:
    run_id = (await store.create(new())).run_id
    return run_id, await told(store, run_id, count, ended=at, **more)


async def rows_of(store: Any, table: str) -> int:
    async with store._reading.connect() as c:
        return (await c.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one()


async def weight(store: Any) -> int:
    async with store._reading.connect() as c:
        return await retention.weight(c)


async def read_all(store: Store, run_id: str, after: int = 0, size: int = 64_000) -> tuple[list[bytes], bool]:
    """Read to the end as a reader does that goes on after a gap; tell whether the end came."""
    seen: list[bytes] = []
    over = False
    while not over:
        found, over = await store.read(run_id, after + len(seen), 1_000, size)
        seen += found
    return seen, over


async def test_a_late_reader_gets_a_gap_and_then_the_honest_end(store: Store, other: Store):
    run_id, said = await ended(store)
    assert await store.expire(LOGS) == Forgotten(logs=1, records=0, more=False)
    for one in (store, other):
        with pytest.raises(CursorExpired) as caught:
            await one.read(run_id, 0, 100, 10_000)
        assert caught.value.oldest == 10
        assert await one.read(run_id, 9, 100, 10_000) == ([said[-1]], True)
        assert await one.read(run_id, 10, 100, 10_000) == ([], True)
        found = await one.get(run_id)
        assert found is not None
        assert (found[1].oldest_sequence, found[1].last_sequence, found[1].summary) == (10, 10, "Done.")


async def test_the_record_stays_with_its_turns_until_its_own_time_is_over(store: Store, other: Store):
    step = {"path": "look", "pipeline": "play", "name": "look", "attempt": 1, "completed": 5, "duration": 7, "rows": 2}
    question = {"request": b"", "asked": 1, "input_id": "i"}
    turn = {"source": "shop", "tenant": "local", "subject": "local", "conversation_id": "c", "question": "q"}
    run_id = (await store.create(new(request_id="r"))).run_id
    await told(
        store,
        run_id,
        3,
        ended=1_000,
        steps=[{**step, "run_id": run_id, "result": "{}"}],
        inputs=[{**question, "run_id": run_id, "answered_by": ""}],
        turns=[{**turn, "run_id": run_id, "sql": "SELECT 1", "answered": True}],
    )
    await store.expire(LOGS)
    assert [await rows_of(store, name) for name in ("events", "steps", "inputs", "turns")] == [1, 0, 0, 1]
    assert [turn.question for turn in await other.history(LOCAL, "c", 5)] == ["q"]

    assert await store.expire(EVERYTHING) == Forgotten(logs=0, records=1, more=False)
    assert [await rows_of(store, name) for name in ("events", "turns", "request_ids", "runs")] == [0, 0, 0, 0]
    assert await other.get(run_id) is None
    with pytest.raises(NotFound):
        await other.read(run_id, 2, 100, 10_000)


async def test_records_that_go_before_their_logs_take_them_along(store: Store):
    await ended(store)
    assert await store.expire(Keep(0, ALL, ALL)) == Forgotten(logs=1, records=1, more=False)
    assert await rows_of(store, "events") == 0


async def test_what_has_not_ended_is_never_touched(store: Store):
    live = {}
    for state in ("QUEUED", "RUNNING", "WAITING", "PAUSED"):
        run_id = (await store.create(new())).run_id
        live[run_id] = await told(store, run_id, 50)
        await store.append(append(run_id, 0, 50, run={"state": RunState.Value(f"RUN_STATE_{state}")}))
    await ended(store)
    await store.expire(Keep(ALL, 0, ALL))
    assert {run_id: (await store.read(run_id, 0, 1_000, 2**20))[0] for run_id in live} == live


async def test_runs_that_ended_later_keep_their_events(store: Store):
    first, _ = await ended(store, at=1 * DAY)
    second, said = await ended(store, at=3 * DAY)
    await store.expire(Keep(2 * DAY, ALL, 0))
    with pytest.raises(CursorExpired):
        await store.read(first, 0, 100, 10_000)
    assert (await read_all(store, second))[0] == said


async def test_when_events_weigh_too_much_the_oldest_go_first_however_young(store: Store):
    found = [await ended(store, count=11, size=1_000, at=time.time_ns() // 1_000 + number) for number in range(5)]
    each = FIRST + 10 * 1_000
    assert await weight(store) == 5 * each
    assert (await store.expire(Keep(0, 2 * each, 0))).logs == 3
    assert await weight(store) == 2 * each
    for run_id, said in found[3:]:
        assert (await read_all(store, run_id))[0] == said
    for run_id, said in found[:3]:
        assert await read_all(store, run_id, after=10) == ([said[-1]], True)
    assert (await store.expire(Keep(0, 2 * each, 0))).logs == 0


async def test_a_long_log_goes_in_pieces_and_says_at_each_what_is_left(store: Store, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(retention, "EVENTS", 7)
    run_id, said = await ended(store, count=100)
    oldest, weights = [], []
    while True:
        async with store._reading.connect() as c:  # type: ignore[attr-defined]
            row = (await c.execute(runs.select())).one()
        oldest.append(row.oldest_sequence)
        weights.append(row.kept)
        assert await read_all(store, run_id, after=row.oldest_sequence - 1) == (said[row.oldest_sequence - 1 :], True)
        if not await store._housekeeper._do(lambda c: retention.forget_logs(c, ALL)):  # type: ignore[attr-defined]
            break
        store._tails.drop(run_id)  # type: ignore[attr-defined]
    assert oldest == [1, *range(8, 100, 7), 100]
    assert weights == [sum(map(len, said[number - 1 :])) for number in oldest[:-1]] + [0]


async def test_large_events_go_a_few_at_a_time(store: Store, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(retention, "BYTES", 100)
    await ended(store, count=10, size=60)
    await ended(store, count=3, size=5)
    pieces = []
    while cuts := await store._housekeeper._do(lambda c: retention.forget_logs(c, ALL)):  # type: ignore[attr-defined]
        pieces.append(max(cut.freed for cut in cuts))
    assert len(pieces) >= 5
    assert max(pieces) < 100 + 2 * 60  # the event that makes it full, and the end of the log
    assert await weight(store) == 0


async def test_readers_in_the_middle_get_every_number_right_or_are_told_of_the_gap(
    store: Store, other: Store, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(retention, "EVENTS", 25)
    found = [await ended(store, count=200, at=1_000 + number) for number in range(3)]
    chance = random.Random(5)
    gaps = []

    async def read(one: Store, run_id: str, said: list[bytes], expiring: asyncio.Task[Forgotten]) -> None:
        """Read the run over and over, the last time when all is forgotten."""
        over = False
        while not over:
            over = expiring.done()
            await read_once(one, run_id, said, chance.randrange(30))

    async def read_once(one: Store, run_id: str, said: list[bytes], after: int) -> None:
        over = False
        while not over:
            try:
                events, over = await one.read(run_id, after, chance.randrange(1, 40), 10_000)
            except CursorExpired as gap:
                assert gap.oldest > after + 1
                gaps.append(gap.oldest)
                after = gap.oldest - 1
                continue
            assert list(events) == said[after : after + len(events)]
            after += len(events)
        assert after == 200

    # Nobody is served from memory.
    store._tails.get = other._tails.get = lambda _run_id: None  # type: ignore[attr-defined]
    async with asyncio.TaskGroup() as group:
        expiring = group.create_task(store.expire(LOGS))
        for run_id, said in found * 2:
            group.create_task(read(other, run_id, said, expiring))
    assert len(set(gaps)) > 2


async def test_two_servers_that_forget_at_once_do_no_harm(store: Store, other: Store):
    found = [await ended(store, count=30, at=1_000 + number) for number in range(60)]
    kept, said = await ended(store, at=5_000)
    results = await asyncio.gather(*(one.expire(Keep(4_000, ALL, 0)) for one in (store, other)))
    assert sum(result.logs for result in results) == len(found)
    for run_id, events in found:
        assert await read_all(store, run_id, after=29) == ([events[-1]], True)
    assert (await read_all(store, kept))[0] == said
    assert await rows_of(store, "events") == len(found) + len(said)


async def test_what_else_has_had_its_time_goes_too(store: Store):
    now = time.time_ns() // 1_000
    created = await store.create(new(request_id="today"))

    async def fill(c: Any) -> None:
        old = {"tenant": "t", "subject": "s", "run_id": created.run_id, "digest": b""}
        await c.execute(
            retention.request_ids.insert(),
            [{**old, "request_id": f"{n}", "created": now - 2 * DAY} for n in range(900)],
        )
        for until in (now - DAY, now + DAY):
            await c.execute(retention.counters.insert().values(key=f"{until}", until=until))
            await c.execute(retention.duties.insert().values(name=f"{until}", until=until))
            await c.execute(retention.streams.insert().values(server=f"{until}", tenant="t", subject="s", until=until))

    await store._housekeeper._do(fill)  # type: ignore[attr-defined]
    await store.expire(NOTHING)
    tables = ("request_ids", "counters", "streams", "duties")
    assert [await rows_of(store, table) for table in tables] == [1, 1, 1, 1]
    assert (await store.create(new(request_id="today"))).existed


async def test_whose_turn_it_was_is_kept_for_those_with_runs_and_for_whoever_came_last(store: Store):
    await store.create(new())

    async def fill(c: Any) -> None:
        turns = {LOCAL.tenant: 1, "gone": 2, "gone too": 3, "last": 4}
        await c.execute(shares.insert(), [{"tenant": one, "served": served} for one, served in turns.items()])

    await store._housekeeper._do(fill)  # type: ignore[attr-defined]
    await store.expire(NOTHING)
    async with store._reading.connect() as c:  # type: ignore[attr-defined]
        kept = (await c.execute(shares.select().order_by(shares.c.served))).all()
    assert [tuple(row) for row in kept] == [(LOCAL.tenant, 1), ("last", 4)]


async def test_a_pass_ends_in_time_and_says_that_there_is_more(store: Store, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(retention, "EVENTS", 1)
    monkeypatch.setattr("core.store.housekeeping.SECONDS", 0.02)
    await ended(store, count=60)
    passes = 1
    while (await store.expire(LOGS)).more:
        passes += 1
    assert passes > 2
    assert await rows_of(store, "events") == 1


def test_no_append_and_no_heartbeat_changes_an_index():
    """PostgreSQL then updates a run's row within its page, and leaves nothing for vacuum in the indexes."""
    indexed = {column.name for index in runs.indexes for column in index.columns} | {"id"}
    conditions = " ".join(str(index.dialect_options["postgresql"]["where"]) for index in runs.indexes)
    for name in ("last_sequence", "oldest_sequence", "bytes", "progress", "worked", "lease_until"):
        assert name not in indexed
        assert name not in conditions
