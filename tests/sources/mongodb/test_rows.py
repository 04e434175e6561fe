"""Rows as they come, and operations that are stopped in the server; what breaks is told."""

import asyncio
from contextlib import aclosing, suppress

import pytest
from pymongo import errors

from core.errors import QueryFailed, QueryTimeout, SourceLost, SourceUnavailable
from core.sources.base import Limits
from core.sources.mongodb.faults import translate
from tests.mongodb import MongoDatabase, proxy
from tests.pace import pace
from tests.servers import until
from tests.sources.conftest import fetch
from tests.sources.mongodb.asking import ask


async def test_one_row_more_than_may_be_seen_is_fetched_and_no_more(shop: MongoDatabase, opened):
    source = opened("shop", shop.url)

    assert len(await ask(source, "orders", rows=10)) == 11
    assert len(await ask(source, "orders", {"$limit": 5}, rows=10)) == 5
    assert len(await ask(source, "orders", {"$limit": 5_000}, rows=10)) == 11


async def test_rows_come_in_batches_while_the_cursor_stays_open(shop: MongoDatabase, opened):
    async with proxy(shop.port) as between:
        source = opened("shop", shop.url_at(between.port))
        query = source.check('{"collection": "orders", "pipeline": []}', await source.describe(), 1_000)
        async with source.query(query, Limits(batch_rows=20)) as rows, aclosing(_batches(rows)) as batches:
            sizes = [batch.row_count async for batch in batches]

    assert (sum(sizes), max(sizes)) == (120, 20)
    assert between.commands("getMore")
    (asked,) = between.commands("aggregate")
    assert asked["maxTimeMS"] == 60_000
    assert asked["allowDiskUse"] is False


async def test_large_documents_come_a_few_at_a_time_whatever_a_batch_may_hold(shop: MongoDatabase, opened):
    shop.fill(letters=[{"_id": n, "text": "x" * 2**20} for n in range(40)])
    source = opened("shop", shop.url)
    query = source.check(
        '{"collection": "letters", "pipeline": [{"$sort": {"_id": 1}}]}', await source.describe(), 1_000
    )
    async with source.query(query, Limits()) as rows, aclosing(_batches(rows)) as batches:
        found = [batch async for batch in batches]
    assert [id_ for batch in found for id_ in batch.columns[0]] == list(range(40))
    assert max(batch.row_count for batch in found) <= 16  # a server's answer has 16 MB at most


async def _batches(rows):
    async for batch in rows:
        yield batch


async def test_who_leaves_between_batches_closes_the_cursor_in_the_server(shop: MongoDatabase, opened):
    async with proxy(shop.port) as between:
        source = opened("shop", shop.url_at(between.port))
        query = source.check('{"collection": "orders", "pipeline": []}', await source.describe(), 1_000)
        between.hold.add("getMore")
        with suppress(QueryTimeout):
            async with source.query(query, Limits(seconds=2)) as rows:
                await anext(aiter(rows))

        assert between.commands("killCursors")


async def test_a_cancelled_operation_is_killed_in_the_server_within_a_second(shop: MongoDatabase, opened):
    async with proxy(shop.port) as between:
        source = opened("shop", shop.url_at(between.port))
        await source.describe()
        between.hold.add("aggregate")
        task = asyncio.create_task(ask(source, "orders"))
        held = await between.arrived("aggregate")
        task.cancel()
        with pace() as since:
            killed = await between.arrived("killSessions")
            await until(lambda: not between.open)
            assert since.seconds < 1
        with pytest.raises(asyncio.CancelledError):
            await task

        assert killed["killSessions"] == [held["lsid"]]
        between.hold.clear()
        assert await ask(source, "orders", {"$count": "n"}) == [{"n": 120}]
        assert between.commands("aggregate")[-1]["lsid"] != held["lsid"]


async def test_an_operation_that_takes_too_long_is_told_so_and_killed(shop: MongoDatabase, opened):
    async with proxy(shop.port) as between:
        source = opened("shop", shop.url_at(between.port))
        await source.describe()
        between.hold.add("aggregate")
        with pytest.raises(QueryTimeout):
            await ask(source, "orders", limits=Limits(seconds=0.3))

        assert [command["killSessions"] for command in between.commands("killSessions")] == [
            [command["lsid"]] for command in between.commands("aggregate")
        ]


async def test_a_query_that_mongodb_refuses_is_told_in_its_words_and_nothing_is_killed(shop: MongoDatabase, opened):
    async with proxy(shop.port) as between:
        with pytest.raises(QueryFailed, match=r"MongoDB refused the query: .*divide by zero"):
            await ask(opened("shop", shop.url_at(between.port)), "orders", {"$set": {"x": {"$divide": ["$amount", 0]}}})

        assert not between.commands("killSessions")


async def test_a_connection_that_breaks_is_told_as_lost_and_the_next_query_works(shop: MongoDatabase, opened):
    async with proxy(shop.port) as between:
        source = opened("shop", shop.url_at(between.port))
        query = source.check('{"collection": "orders", "pipeline": []}', await source.describe(), 1_000)
        for cut in ("aggregate", "getMore"):
            between.cut = {cut}
            with pytest.raises(SourceLost, match="incomplete"):
                async with source.query(query, Limits(batch_rows=20)) as rows, aclosing(_batches(rows)) as batches:
                    _ = [batch async for batch in batches]
        between.cut.clear()

        assert await ask(source, "orders", {"$count": "n"}) == [{"n": 120}]


async def test_a_server_that_is_not_there_is_told_as_that(opened):
    source = opened("m", "mongodb://someone:s3cret@127.0.0.1:1/shop?serverSelectionTimeoutMS=200")
    for asking in (source.ping, source.describe, lambda: fetch(source, '{"collection": "t", "pipeline": []}')):
        with pytest.raises(SourceUnavailable, match="nothing answers") as refused:
            await asking()
        assert "s3cret" not in str(refused.value)


async def test_a_wrong_password_is_told_without_repeating_it(shop: MongoDatabase, opened):
    with pytest.raises(SourceUnavailable, match="user name or password") as refused:
        await opened("m", shop.url_at(shop.port, "someone:not-the-w0rd@")).describe()

    assert "w0rd" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mongodb://localhost", "name of a database"),
        ("mongodb://a:b:c@localhost/shop", "URL can't be read"),
    ],
)
async def test_a_url_that_can_not_be_used_is_told(url: str, said: str, opened):
    with pytest.raises(SourceUnavailable, match=said):
        await opened("m", url).ping()


@pytest.mark.parametrize(
    ("code", "kind"),
    [(50, QueryTimeout), (43, SourceLost), (13, SourceUnavailable), (292, QueryFailed), (9, QueryFailed)],
)
def test_what_the_server_says_becomes_a_kind_of_fault(code: int, kind: type[Exception]):
    assert type(translate(errors.OperationFailure("no", code), "m")) is kind
