"""What a busy, broken or hanging coordinator does to a query: all rows once, or an error that says what to do."""

import asyncio
from collections.abc import Callable

import pytest

from core.errors import QueryFailed, QueryTimeout, SourceLost, SourceUnavailable
from core.sources.base import CheckedQuery, Limits, Source
from tests.servers import until
from tests.sources.conftest import fetch
from tests.trino_server import Drop, Fail, Fault, Half, Held, TrinoServer

NUMBERS = "SELECT x FROM UNNEST(sequence(1, 500)) AS t(x) ORDER BY x"
ALL = [(number,) for number in range(1, 501)]

Open = Callable[..., Source]


@pytest.mark.parametrize(
    "faults",
    [[Fail(503)], [Fail(502), Fail(504)], [Half()], [Drop()], [Fail(200, body=b"")], [Fail(429), Half(), Drop()]],
    ids=["busy", "gateways", "half", "drop", "empty", "all"],
)
async def test_a_page_that_did_not_come_whole_is_asked_for_again(trino: TrinoServer, opened: Open, faults: list[Fault]):
    trino.page_rows = 50
    async with opened("lake", trino.url).query(CheckedQuery(NUMBERS, "trino", 1000), Limits()) as rows:
        first = await anext(aiter(rows))
        trino.faults["GET"].extend(faults)
        rest = [batch async for batch in rows]

    assert [number for batch in (first, *rest) for number in batch.columns[0]] == list(range(1, 501))
    assert len(trino.queries) == 1


async def test_a_query_that_was_not_taken_is_sent_again_after_the_time_asked_for(trino: TrinoServer, opened: Open):
    trino.faults["POST"].extend([Fail(429, {"Retry-After": "1"}), Fail(503)])
    told: list[str] = []

    assert await fetch(opened("lake", trino.url), NUMBERS, tell=told.append) == ALL
    assert told == ["The coordinator is busy and asked to wait 1 s."]


async def test_a_query_that_may_have_been_taken_is_not_sent_twice(trino: TrinoServer, opened: Open):
    trino.faults["POST"].append(Drop())
    with pytest.raises(SourceUnavailable, match="nothing answers at its address"):
        await fetch(opened("lake", trino.url), NUMBERS)

    assert trino.requests == ["POST /v1/statement"]


async def test_a_connection_that_stays_broken_is_told_as_lost(trino: TrinoServer, opened: Open):
    trino.page_rows = 50
    with pytest.raises(SourceLost, match="rows sent so far are incomplete"):
        async with opened("lake", trino.url).query(CheckedQuery(NUMBERS, "trino", 1000), Limits()) as rows:
            trino.faults["GET"].extend([Drop()] * 30)
            async for _ in rows:
                pass


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fail(401), "refused the user name, password or token"),
        (Fail(404), "is not Trino"),
        (Fail(200, body=b"<html>hello</html>"), "is not Trino"),
        (Fail(200, body=b"[]"), "is not Trino"),
    ],
)
async def test_what_is_no_trino_or_lets_nobody_in_is_told(trino: TrinoServer, opened: Open, fault: Fail, said: str):
    trino.faults["POST"].append(fault)
    with pytest.raises(SourceUnavailable, match=said):
        await opened("lake", trino.url).ping()


async def test_a_coordinator_that_stays_busy_is_told(trino: TrinoServer, opened: Open):
    trino.faults["POST"].extend([Fail(503)] * 4)
    with pytest.raises(SourceUnavailable, match="busy, starting or stopping"):
        await opened("lake", trino.url).ping()


async def test_a_stranger_is_refused(trino: TrinoServer, opened: Open):
    trino.users = {"ada"}
    with pytest.raises(SourceUnavailable, match="refused the user name"):
        await opened("lake", trino.url).ping()
    await opened("lake", trino.url.replace("tester", "ada")).ping()


@pytest.mark.parametrize(
    ("name", "kind", "error"),
    [
        ("EXCEEDED_TIME_LIMIT", "INSUFFICIENT_RESOURCES", QueryTimeout),
        ("EXCEEDED_GLOBAL_MEMORY_LIMIT", "INSUFFICIENT_RESOURCES", QueryFailed),
        ("ADMINISTRATIVELY_KILLED", "USER_ERROR", QueryFailed),
        ("QUERY_QUEUE_FULL", "INSUFFICIENT_RESOURCES", SourceUnavailable),
        ("HIVE_METASTORE_ERROR", "EXTERNAL", SourceUnavailable),
        ("PAGE_TRANSPORT_TIMEOUT", "INTERNAL_ERROR", SourceLost),
        ("COLUMN_NOT_FOUND", "USER_ERROR", QueryFailed),
    ],
)
async def test_trinos_own_errors_have_their_meaning(
    trino: TrinoServer, opened: Open, name: str, kind: str, error: type[Exception]
):
    trino.fails({"message": "secret.internal:9083 said no", "errorCode": 1, "errorName": name, "errorType": kind})
    with pytest.raises(error) as raised:
        await opened("lake", trino.url).ping()
    assert type(raised.value) is error
    assert ("secret" in str(raised.value)) == (name == "COLUMN_NOT_FOUND")


async def test_a_coordinator_that_is_down_is_told_at_once(opened: Open, trino: TrinoServer):
    trino.close()
    with pytest.raises(SourceUnavailable, match="nothing answers at its address"):
        await opened("lake", trino.url).describe()


async def test_whoever_leaves_a_hanging_coordinator_is_free(trino: TrinoServer, opened: Open):
    held = Held()
    trino.faults["GET"].append(held)
    task = asyncio.create_task(fetch(opened("lake", trino.url), NUMBERS))
    await until(lambda: any(request.startswith("GET") for request in trino.requests))
    task.cancel()
    done, _ = await asyncio.wait([task], timeout=40)  # the coordinator holds its answer for a minute
    held.until.set()

    assert done
    assert task.cancelled()
