"""How many runs a user and a tenant may create in a minute, whichever server they ask, wherever that is counted."""

import asyncio
import logging
from collections import Counter

import pytest

from core import rates
from core.engine import Engine
from core.errors import LevadaError, Limited, Reason, StoreError
from core.identity import Principal
from core.settings import Limits, Settings
from core.store import counters
from levada.v1.run_pb2 import RunRequest
from levada.v1.run_service_pb2 import ForkRunRequest
from tests.engine.stage import gather
from tests.postgres import PostgresDatabase
from tests.rates.conftest import DatabaseClock, MemoryClock, Redis, Servers

ANNA, BERT = Principal("acme", "anna"), Principal("acme", "bert")


async def create(engine: Engine, who: Principal = ANNA, request_id: str = "") -> str:
    run, _ = await engine.create(who, RunRequest(pipeline="play", question="?", request_id=request_id))
    return run.run_id


async def accepted(*engines: Engine, times: int, who: Principal = ANNA) -> int:
    """Create runs one after the other, in turn on *engines*; return how many were not refused for the rate."""
    count = 0
    for number in range(times):
        try:
            await create(engines[number % len(engines)], who)
        except Limited as refusal:
            assert refusal.reason == Reason.ERROR_REASON_RATE_LIMITED
        else:
            count += 1
    return count


async def test_the_eleventh_run_of_a_minute_is_refused_on_either_server(servers: Servers):
    one, other = await servers.start()
    assert await accepted(one, times=10) == 10
    for engine in (other, one):
        with pytest.raises(Limited) as refusal:
            await create(engine)
    assert refusal.value.reason == Reason.ERROR_REASON_RATE_LIMITED
    assert refusal.value.details == {"limit": "10", "name": "runs_per_minute"}
    assert 50 <= refusal.value.retry_after <= 60
    assert refusal.value.message == (
        "You have started 10 runs within a minute, which is the limit, so this one was not started. "
        f"Try again in {refusal.value.retry_after} seconds."
    )
    assert await accepted(other, times=1, who=Principal("another", "anna")) == 1


async def test_a_refused_run_leaves_nothing_behind(servers: Servers):
    one, other = await servers.start(runs_per_minute=3)
    await accepted(one, other, times=8)
    held = {run.run_id for engine in (one, other) for run in await engine.list(ANNA, limit=50)}
    assert len(held) == 3


async def test_of_fifty_at_once_exactly_ten_are_accepted(servers: Servers):
    engines = await servers.start()
    outcomes = await gather(*(accepted(engines[number % 2], times=1) for number in range(50)))
    assert Counter(outcomes) == {1: 10, 0: 40}


async def test_the_window_slides(servers: Servers):
    one, other = await servers.start()
    assert await accepted(one, other, times=11) == 10
    servers.clock.move(50)
    assert await accepted(one, times=1) == 0
    servers.clock.move(40)  # half of the minute before is still counted
    assert 4 <= await accepted(one, other, times=10) <= 7  # the clock runs on meanwhile
    servers.clock.move(120)
    assert await accepted(one, other, times=11) == 10


async def test_whoever_comes_back_when_told_is_accepted(servers: Servers):
    one, other = await servers.start()
    await accepted(one, times=10)
    for _ in range(3):
        with pytest.raises(Limited) as refusal:
            await create(other)
        servers.clock.move(refusal.value.retry_after)
        assert await accepted(other, times=1) == 1


async def test_the_users_of_a_tenant_share_a_limit(servers: Servers):
    one, other = await servers.start(runs_per_minute=10, tenant_runs_per_minute=12)
    assert await accepted(one, times=10) == 10
    assert await accepted(other, times=2, who=BERT) == 2
    with pytest.raises(Limited, match="The users of your tenant have started 12 runs within a minute") as refusal:
        await create(other, BERT)
    assert refusal.value.details == {"limit": "12", "name": "tenant_runs_per_minute"}
    assert await accepted(one, times=1, who=Principal("elsewhere", "bert")) == 1


async def test_one_who_is_refused_takes_nothing_from_the_others(servers: Servers):
    one, other = await servers.start(runs_per_minute=3, tenant_runs_per_minute=6)
    assert await accepted(one, other, times=30) == 3
    assert await accepted(one, other, times=3, who=BERT) == 3


async def test_what_the_tenant_was_refused_does_not_count_for_the_user(servers: Servers):
    one, _ = await servers.start(runs_per_minute=3, tenant_runs_per_minute=4)
    await accepted(one, times=3, who=BERT)
    assert await accepted(one, times=5) == 1
    with rates.hearing() as standings, pytest.raises(Limited):
        await create(one)
    assert [(s.scope, s.remaining) for s in standings] == [("tenant", 0)]
    servers.clock.move(120)
    assert await accepted(one, times=4) == 3


async def test_a_run_asked_for_again_is_neither_counted_nor_refused(servers: Servers):
    one, other = await servers.start(runs_per_minute=3)
    first = await create(one, request_id="r-1")
    assert {await create(one, request_id="r-1") for _ in range(5)} == {first}
    assert await accepted(one, times=5) == 2
    assert await create(one, request_id="r-1") == first
    with pytest.raises(Limited):
        await create(other, request_id="r-2")


async def test_a_run_asked_for_fifty_times_at_once_counts_once(servers: Servers):
    one, _ = await servers.start(runs_per_minute=3)
    assert len(set(await gather(*(create(one, request_id="r-1") for _ in range(50))))) == 1
    assert await accepted(one, times=5) == 2


async def test_a_run_that_is_not_stored_is_not_counted(servers: Servers):
    one, _ = await servers.start(runs_per_minute=3, queue=0)
    for _ in range(5):
        with pytest.raises(Limited) as refusal:
            await create(one)
        assert refusal.value.reason == Reason.ERROR_REASON_QUEUE_FULL


async def test_a_caller_hears_how_they_stand(servers: Servers):
    one, other = await servers.start(runs_per_minute=2, tenant_runs_per_minute=5)
    heard = []
    for engine in (one, other, one):
        with rates.hearing() as standings:
            await accepted(engine, times=1)
        heard.append([(s.scope, s.limit, s.remaining) for s in standings])
        assert all(0 < s.reset <= 60 and s.window == 60 for s in standings)
    assert heard == [[("user", 2, 1), ("tenant", 5, 4)], [("user", 2, 0), ("tenant", 5, 3)], [("user", 2, 0)]]


async def test_forks_count(servers: Servers):
    one, _ = await servers.start(runs_per_minute=3)
    run_id = await create(one)
    async for _ in one.watch(ANNA, run_id, 0):
        pass
    for number in range(3):
        try:
            await one.fork(ANNA, ForkRunRequest(run_id=run_id))
        except LevadaError as refusal:
            assert (number, refusal.reason) == (2, Reason.ERROR_REASON_RATE_LIMITED)
    assert len(await one.list(ANNA, limit=50)) == 3


async def test_without_redis_each_server_counts_for_itself_until_it_is_back(tmp_path, monkeypatch, caplog):
    MemoryClock(monkeypatch)
    monkeypatch.setattr(rates, "PAUSE", 0.0)
    redis = Redis()
    settings = Settings(store=f"sqlite:///{tmp_path}/a.db", rates=redis.url, limits=Limits(runs_per_minute=3))
    store = Engine(settings, [], None).store
    await store.open()
    counting = rates.Rates(settings, store)
    redis.stop()
    with caplog.at_level(logging.WARNING):
        assert [await refused(counting) for _ in range(5)] == [False] * 3 + [True] * 2
    assert "This server counts runs for itself" in caplog.text
    redis.start()
    assert [await refused(counting) for _ in range(5)] == [False] * 3 + [True] * 2
    await counting.close()
    await store.close()
    redis.stop()


async def refused(counting: rates.Rates) -> bool:
    _, _, refusing = await counting._take(ANNA)
    return refusing is not None


async def test_a_redis_that_says_nothing_is_not_waited_for_again_and_again(tmp_path, monkeypatch):
    MemoryClock(monkeypatch)
    monkeypatch.setattr(rates, "PATIENCE", 0.2)
    asked = []

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.read(1))
        await reader.read()
        writer.close()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        settings = Settings(store=f"sqlite:///{tmp_path}/a.db", rates=f"redis://127.0.0.1:{port}", limits=Limits())
        async with Engine(settings, [], None) as engine:
            assert [await refused(engine._rates) for _ in range(12)] == [False] * 10 + [True] * 2
    assert len(asked) == 1


@pytest.mark.postgres
async def test_what_was_counted_is_forgotten_in_time(postgres_store: PostgresDatabase, monkeypatch):
    url = postgres_store.admin_url
    clock = DatabaseClock(postgres_store)
    servers = Servers(clock, "", url)
    one, _ = await servers.start()
    for number in range(9):
        await create(one, Principal("acme", f"user {number}"))
    assert postgres_store.run("SELECT count(*) FROM counters") == [(10,)]
    monkeypatch.setattr(counters, "CLEANING", 0.0)
    clock.move(180)
    await create(one)
    assert postgres_store.run("SELECT count(*) FROM counters") == [(2,)]
    await servers.stop()


async def test_a_place_to_count_that_is_none_is_told_at_start(tmp_path):
    with pytest.raises(StoreError, match="LEVADA_RATES must begin with redis://"):
        Engine(Settings(store=f"sqlite:///{tmp_path}/a.db", rates="postgres://x"), [], None)
