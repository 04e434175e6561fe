"""How many streams a user and a tenant may hold open at once: on one server exactly, over several as they tell."""

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest

from core import streams
from core.errors import Limited, Reason, StoreError
from core.identity import Principal
from core.settings import Limits
from core.store import Store, open_store
from core.streams import OpenStreams
from tests.postgres import PostgresDatabase
from tests.servers import until

ANNA, BERT = Principal("acme", "anna"), Principal("acme", "bert")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "SHARING", 0.05)
    monkeypatch.setattr(streams, "PATIENCE", 0.1)


@pytest.fixture
async def stores(postgres_store: PostgresDatabase) -> AsyncIterator[tuple[Store, Store]]:
    one, other = (open_store(postgres_store.admin_url) for _ in range(2))
    await one.open()
    await other.open()
    yield one, other
    await one.close()
    await other.close()


async def admitted(held: OpenStreams, times: int, who: Principal = ANNA) -> int:
    """Open streams until one is refused; return how many were not."""
    for count in range(times):
        try:
            await held.admit(who)
        except Limited as refusal:
            assert refusal.reason == Reason.ERROR_REASON_TOO_MANY_STREAMS
            return count
    return times


async def test_the_eleventh_stream_is_refused_and_a_closed_one_frees_its_place_at_once():
    held = OpenStreams(Limits())
    assert await admitted(held, 11) == 10
    with pytest.raises(Limited, match=r"You have 10 streams open already, which is the limit\. Close one") as refusal:
        await held.admit(ANNA)
    assert refusal.value.details == {"limit": "10", "name": "user_streams"}
    assert await admitted(held, 1, BERT) == 1
    held.closed(ANNA)
    assert await admitted(held, 2) == 1


async def test_the_users_of_a_tenant_share_a_limit():
    held = OpenStreams(Limits(user_streams=3, tenant_streams=4))
    assert (await admitted(held, 4), await admitted(held, 4, BERT)) == (3, 1)
    with pytest.raises(Limited, match="The users of your tenant have 4 streams open already"):
        await held.admit(BERT)
    held.closed(ANNA)
    assert await admitted(held, 2, BERT) == 1


async def test_a_page_of_ten_streams_that_is_loaded_again_is_not_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(streams, "PATIENCE", 60.0)
    held = OpenStreams(Limits())
    await admitted(held, 10)
    again = [asyncio.ensure_future(held.admit(ANNA)) for _ in range(10)]
    for place in range(10):
        await asyncio.sleep(0)
        assert sum(stream.done() for stream in again) <= place
        held.closed(ANNA)
    async with asyncio.timeout(30):
        await asyncio.gather(*again)


async def test_whoever_opens_streams_in_a_loop_does_not_fill_the_server_by_waiting(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(streams, "PATIENCE", 60.0)
    held = OpenStreams(Limits())
    await admitted(held, 10)
    many = [asyncio.ensure_future(held.admit(ANNA)) for _ in range(1_000)]
    await asyncio.sleep(0)
    assert sum(not stream.done() for stream in many) == 10
    for stream in many:
        stream.cancel()
    assert {type(refused) for refused in await asyncio.gather(*many, return_exceptions=True)} == {
        Limited,
        asyncio.CancelledError,
    }
    held.closed(ANNA)
    await held.admit(ANNA)
    assert not held._waiting.callers


async def test_whoever_leaves_while_waiting_takes_no_place(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(streams, "PATIENCE", 60.0)
    held = OpenStreams(Limits(user_streams=1))
    await held.admit(ANNA)
    waiting = asyncio.ensure_future(held.admit(ANNA))
    await asyncio.sleep(0)
    waiting.cancel()
    held.closed(ANNA)
    await held.admit(ANNA)


@pytest.mark.postgres
async def test_streams_on_other_servers_count(stores: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(streams, "PATIENCE_ELSEWHERE", 0.5)
    limits = Limits(user_streams=5, tenant_streams=7)
    async with OpenStreams(limits, stores[0]) as one, OpenStreams(limits, stores[1]) as other:
        assert (await admitted(one, 3), await admitted(one, 1, BERT)) == (3, 1)
        await until(lambda: other._elsewhere.callers == {(ANNA.tenant, "anna"): 3, (BERT.tenant, "bert"): 1})
        assert await admitted(other, 5) == 2
        assert await admitted(other, 5, BERT) == 1  # the tenant's seventh
        one.closed(ANNA)
        assert await admitted(other, 2) == 1


@pytest.mark.postgres
async def test_a_stream_that_moves_to_another_server_is_not_refused(
    stores: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(streams, "PATIENCE_ELSEWHERE", 60.0)
    limits = Limits(user_streams=3)
    async with OpenStreams(limits, stores[0]) as one, OpenStreams(limits, stores[1]) as other:
        await admitted(one, 3)
        await until(lambda: other._elsewhere.callers[ANNA.tenant, "anna"] == 3)
        for _ in range(3):
            one.closed(ANNA)
        # It is not heard of yet, and waited for, but no longer than that.
        async with asyncio.timeout(streams.PATIENCE_ELSEWHERE / 2):
            assert await admitted(other, 4) == 3


@pytest.mark.postgres
async def test_streams_of_a_server_that_stopped_or_died_count_no_more(
    stores: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(streams, "LIVES", 2.0)
    limits = Limits(user_streams=2)
    async with OpenStreams(limits, stores[1]) as other:
        async with OpenStreams(limits, stores[0]) as one:
            await admitted(one, 2)
            await until(lambda: other._elsewhere.tenants["acme"] == 2)
        await until(lambda: not other._elsewhere.tenants)
        dead = OpenStreams(limits, stores[0])
        await admitted(dead, 2)
        await dead._share(stores[0])  # its last word
        await until(lambda: other._elsewhere.tenants["acme"] == 2)
        await until(lambda: not other._elsewhere.tenants)
        assert await admitted(other, 3) == 2


@pytest.mark.postgres
async def test_what_dead_servers_and_gone_callers_left_is_cleaned_away(
    stores: tuple[Store, Store], postgres_store: PostgresDatabase
):
    limits = Limits()
    dead, alive = OpenStreams(limits, stores[0]), OpenStreams(limits, stores[1])
    for one in (dead, alive):
        await admitted(one, 2)
        await admitted(one, 1, BERT)
        await one._share(stores[0])
    alive.closed(BERT)
    await alive._share(stores[1])
    postgres_store.run("UPDATE streams SET until = until - 120000000 WHERE until > 0")
    alive._tidied = -streams.TIDYING
    await alive._share(stores[1])
    rows = postgres_store.run("SELECT server, subject, open FROM streams ORDER BY subject")
    assert rows == [(alive._server, "", 0), (alive._server, "anna", 2)]


@pytest.mark.postgres
async def test_a_store_that_is_away_refuses_nobody_and_is_said_once(
    stores: tuple[Store, Store], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(streams, "LIVES", 0.2)
    limits = Limits(user_streams=2)
    heard = []

    async def away(*_: object, **__: object) -> dict:
        heard.append(1)
        raise StoreError

    async with OpenStreams(limits, stores[0]) as one, OpenStreams(limits, stores[1]) as other:
        await admitted(one, 2)
        await until(lambda: other._elsewhere.tenants["acme"] == 2)
        with caplog.at_level(logging.WARNING):
            monkeypatch.setattr(stores[1], "share_streams", away)
            await until(lambda: not other._elsewhere.tenants)
            await until(lambda: len(heard) > 3)
        assert await admitted(other, 3) == 2
        assert caplog.text.count("Streams on other servers are not counted") == 1
        monkeypatch.undo()
        await until(lambda: other._elsewhere.tenants["acme"] == 2)
