"""Whoever leaves a query takes it back: the coordinator is told with DELETE, whatever the query was doing."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack

import pytest

from core.sources.base import CheckedQuery, Limits, Source
from tests.pace import pace
from tests.servers import until
from tests.sources.conftest import fetch
from tests.trino_server import Fail, Held, TrinoServer

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
MANY = "SELECT a.x FROM UNNEST(sequence(1, 10000)) AS a(x), UNNEST(sequence(1, 1000)) AS b(y)"

Open = Callable[..., Source]


async def stopped(task: asyncio.Task) -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_query_without_rows_yet_is_stopped_in_the_coordinator(trino: TrinoServer, opened: Open):
    task = asyncio.create_task(fetch(opened("lake", trino.url), ENDLESS))
    await until(lambda: len(trino.requests) > 2)
    with pace() as since:
        await stopped(task)
        await until(lambda: trino.queries[0].cancelled_at)
        assert since.seconds < 1


async def test_a_query_in_the_middle_of_its_rows_is_stopped_in_the_coordinator(trino: TrinoServer, opened: Open):
    query = AsyncExitStack()
    rows = await query.enter_async_context(
        opened("lake", trino.url).query(CheckedQuery(MANY, "trino", 10**7), Limits())
    )
    assert (await anext(aiter(rows))).row_count == 50
    with pace() as since:
        await query.aclose()
        await until(lambda: trino.queries[0].cancelled_at)
        assert since.seconds < 1


async def test_a_query_that_was_just_sent_is_stopped_when_the_coordinator_has_named_it(
    trino: TrinoServer, opened: Open
):
    held = Held()
    trino.faults["POST"].append(held)
    task = asyncio.create_task(fetch(opened("lake", trino.url), ENDLESS))
    await until(lambda: trino.requests)
    task.cancel()
    await asyncio.sleep(0)
    held.until.set()
    with pytest.raises(asyncio.CancelledError):
        await task

    await until(lambda: trino.queries[0].cancelled_at)


async def test_a_pause_that_was_asked_for_ends_when_its_query_is_left(trino: TrinoServer, opened: Open):
    trino.faults["POST"].append(Fail(429, {"Retry-After": "600"}))
    told: list[str] = []
    task = asyncio.create_task(fetch(opened("lake", trino.url), ENDLESS, tell=told.append))
    await until(lambda: told)
    async with asyncio.timeout(60):
        await stopped(task)

    assert not trino.queries


async def test_a_query_that_ended_by_itself_is_not_taken_back(trino: TrinoServer, opened: Open):
    assert await fetch(opened("lake", trino.url), "SELECT 1") == [(1,)]

    assert not [request for request in trino.requests if request.startswith("DELETE")]


async def test_trino_is_told_the_time_limit_too(trino: TrinoServer, opened: Open):
    await fetch(opened("lake", trino.url), "SELECT 1", seconds=7.5)

    assert trino.queries[0].headers["X-Trino-Session"] == "query_max_run_time=8s"
