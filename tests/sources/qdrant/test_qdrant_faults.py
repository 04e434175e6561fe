"""What a Qdrant server that fails, is slow, or is none, means for those who ask."""

import asyncio
import json

import pytest
from qdrant_client import QdrantClient, models

from core.errors import QueryFailed, QueryTimeout, SourceError, SourceLost, SourceUnavailable
from core.sources.base import Limits, Source
from tests.models.wire.server import JSON, Cut, Head, answer
from tests.pace import pace
from tests.qdrant_server import QdrantServer, qdrant_server
from tests.servers import until
from tests.sources.qdrant.conftest import Open
from tests.sources.qdrant.reviews import COUNT, DIMENSIONS, ask, reviews

ALL = {"collection": "reviews", "fields": ["id"]}
HALF = b'{"result": {"points": [{"id": 1'


@pytest.fixture
async def described(server: QdrantServer, opened: Open) -> Source:
    """A source that knows its collections already, so that the next thing it asks is the query."""
    source = opened(server.url)
    await source.describe()
    return source


async def begun(source: Source, query: dict, **limits) -> asyncio.Task:
    return asyncio.create_task(ask(source, query, **limits))


@pytest.mark.parametrize(
    ("script", "error", "words"),
    [
        ([Cut()], SourceLost, "broke before its answer was whole"),
        ([Cut(reset=True)], SourceLost, "broke"),
        ([Head(200, JSON), HALF, Cut()], SourceLost, "broke"),
        ([Head(200, JSON), HALF], SourceUnavailable, "does not speak as Qdrant"),
        ([Head(200, JSON), b'{"result": {"points": "none"}}'], SourceUnavailable, "does not speak as Qdrant"),
        ([Head(200, JSON), b"<html>hello</html>"], SourceUnavailable, "does not speak as Qdrant"),
        (answer(401, {"status": {"error": "no key"}}), SourceUnavailable, "refused the key"),
        (answer(403, {"status": {"error": "no access"}}), SourceUnavailable, "refused the key"),
        (answer(400, {"status": {"error": "Wrong input: no index"}}), QueryFailed, "Wrong input: no index"),
        (answer(400, ["strange"]), QueryFailed, "no reason"),
        (answer(404, {"status": {"error": "Collection reviews doesn't exist!"}}), QueryFailed, "doesn't exist"),
        (answer(408, {"status": {"error": "timed out"}}), QueryTimeout, "too long"),
        (answer(500, {"status": {"error": "disk is full"}}), SourceUnavailable, "disk is full"),
        (answer(503, "starting"), SourceUnavailable, "in trouble"),
        (answer(307, "", location="http://127.0.0.1:1/"), QueryFailed, "refused"),
    ],
)
async def test_what_goes_wrong_is_told_in_our_words(described: Source, server: QdrantServer, script, error, words):
    server.plays(script)
    with pytest.raises(error, match=words) as raised:
        await ask(described, ALL)

    assert type(raised.value) is error
    assert len(await ask(described, ALL)) == COUNT


async def test_a_server_with_too_much_to_do_says_when_to_come_again(described: Source, server: QdrantServer):
    server.plays(answer(429, {"status": {"error": "rate limit"}}, retry_after="7"))
    with pytest.raises(SourceUnavailable, match="too much to do") as raised:
        await ask(described, ALL)

    assert raised.value.retry_after == 7
    server.plays(answer(429, {"status": {"error": "rate limit"}}))
    with pytest.raises(SourceUnavailable, match="too much to do"):
        await ask(described, ALL)


async def test_a_connection_that_breaks_after_some_pages_loses_the_rest(described: Source, server: QdrantServer):
    checked = described.check(json.dumps(ALL), await described.describe(), 1_000)
    async with described.query(checked, Limits(batch_rows=50)) as rows:
        first = await anext(aiter(rows))
        server.plays([Head(200, JSON), HALF, Cut()])
        with pytest.raises(SourceLost):
            await anext(aiter(rows))

    assert first.row_count == 50


async def test_a_slow_answer_is_not_waited_for_longer_than_the_query_may_take(described, server: QdrantServer):
    server.plays([asyncio.Event()])
    with pytest.raises(QueryTimeout, match="too long"):
        await ask(described, ALL, seconds=1)

    await until(server.requests[-1].gone.is_set)
    assert "timeout=1" in server.requests[-1].path


async def test_cancelling_is_seen_by_the_server_at_once(described: Source, server: QdrantServer):
    server.plays([asyncio.Event()])
    asked = len(server.requests)
    task = await begun(described, {"collection": "reviews", "text": "late delivery"})
    await until(lambda: len(server.requests) > asked)
    task.cancel()
    with pace() as since:
        with pytest.raises(asyncio.CancelledError):
            await task
        await server.requests[-1].gone.wait()
        assert since.seconds < 1

    assert len(await ask(described, ALL)) == COUNT


async def test_leaving_in_the_middle_asks_for_no_further_page(described: Source, server: QdrantServer):
    checked = described.check(json.dumps(ALL), await described.describe(), 1_000)
    async with described.query(checked, Limits(batch_rows=50)) as rows:
        await anext(aiter(rows))
        asked = len(server.requests)

    assert len(server.requests) == asked
    assert len(await ask(described, ALL)) == COUNT


async def test_slow_questions_do_not_hold_up_quick_ones(described: Source, server: QdrantServer):
    held = asyncio.Event()
    asked = len(server.requests)
    server.plays(*([held, *answer(503, "late")] for _ in range(4)))
    slow = [await begun(described, ALL) for _ in range(4)]
    await until(lambda: len(server.requests) == asked + 4)
    assert [len(rows) for rows in await asyncio.gather(*(ask(described, ALL) for _ in range(4)))] == [COUNT] * 4

    held.set()
    ends = await asyncio.gather(*slow, return_exceptions=True)
    assert {type(end) for end in ends} == {SourceUnavailable}


async def test_the_key_in_the_url_is_sent_and_told_nobody(points: QdrantClient, opened: Open):
    async with qdrant_server(points, key="s3cret/key") as server:
        source = opened(server.url.replace("://", "://:s3cret%2Fkey@"))
        assert len(await ask(source, ALL)) == COUNT

        wrong = opened(server.url.replace("://", "://:n0tit@"))
        with pytest.raises(SourceUnavailable, match="refused the key") as raised:
            await wrong.ping()
        assert "n0tit" not in raised.value.message


async def test_a_server_that_is_not_there_is_told_so(opened: Open):
    source = opened("qdrant://:hidden@127.0.0.1:1")
    for question in (source.ping, source.describe):
        with pytest.raises(SourceUnavailable, match=r"127\.0\.0\.1:1: nothing answers there") as raised:
            await question()
        assert "hidden" not in raised.value.message


async def test_a_description_that_fails_is_asked_for_again(server: QdrantServer, opened: Open):
    source = opened(server.url)
    server.plays(answer(408, {"status": {"error": "timed out"}}))
    with pytest.raises(SourceUnavailable):
        await source.describe()

    assert [table.name for table in (await source.describe()).tables] == ["reviews"]


async def test_a_collection_that_can_not_be_read_does_not_hide_the_others(server: QdrantServer, opened: Open):
    both = {"collections": [{"name": "reviews"}, {"name": "secrets"}]}
    server.plays(answer(200, {"result": both, "status": "ok", "time": 0.0}))
    schema = await opened(server.url).describe()

    assert [table.name for table in schema.tables] == ["reviews"]
    assert "secrets" in schema.problems[0]


async def test_a_field_that_turns_out_mixed_is_told_and_then_read_as_text(opened: Open):
    client = QdrantClient(":memory:")
    client.create_collection(
        "reviews", vectors_config=models.VectorParams(size=DIMENSIONS, distance=models.Distance.COSINE)
    )
    found = reviews(400)
    found[399].payload["rating"] = "none"
    client.upsert("reviews", found)
    async with qdrant_server(client) as server:
        source = opened(server.url)
        with pytest.raises(QueryFailed, match='"rating" began as integer, and then it also holds keyword'):
            await ask(source, {"collection": "reviews", "fields": ["rating"]}, batch_rows=100)
        rows = await ask(source, {"collection": "reviews", "fields": ["rating"]}, batch_rows=100)
        assert (rows[0]["rating"], rows[399]["rating"]) == ("1", "none")
    client.close()


async def test_vectors_with_names_are_compared_by_the_one_asked_for(opened: Open):
    client = QdrantClient(":memory:")
    sizes = {"title": 2, "body": 3}
    client.create_collection(
        "notes",
        vectors_config={
            name: models.VectorParams(size=size, distance=models.Distance.DOT) for name, size in sizes.items()
        },
    )
    client.upsert("notes", [models.PointStruct(id=1, vector={"title": [1, 0], "body": [0, 1, 0]}, payload={})])
    async with qdrant_server(client) as server:
        source = opened(server.url)
        (row,) = await ask(source, {"collection": "notes", "vector": [0, 2, 0], "using": "body"})
        assert row == {"id": 1, "score": 2.0}
        for using in ({}, {"using": "abstract"}):
            with pytest.raises(QueryFailed, match="title, body; say in `using`"):
                await ask(source, {"collection": "notes", "vector": [0, 2, 0], **using})
    client.close()


@pytest.mark.parametrize("url", ["qdrant://", "qdrant:///", "qdrants:///points", "qdrant://h:x", "qdrant://h?key=1"])
def test_a_url_that_can_not_be_meant_is_refused_at_once(opened: Open, url: str):
    with pytest.raises(SourceError, match=r"path|URL"):
        opened(url)
