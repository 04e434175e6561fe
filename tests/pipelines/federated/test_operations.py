"""Operations: side by side, each when what it needs is there; what fails is said, and nothing more is lost by it."""

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from core.errors import QueryTimeout, SourceUnavailable
from core.identity import LOCAL
from core.sources.base import CheckedQuery
from levada.v1 import event_pb2 as events
from levada.v1.error_reason_pb2 import ErrorReason
from levada.v1.run_pb2 import ANALYSIS_NONE, RunOptions
from tests.pipelines.federated.faults import Breaking
from tests.pipelines.federated.house import SpreadHouse, rows
from tests.pipelines.federated.world import BY_COUNTRY, CUSTOMER_ROWS, ORDER_ROWS, TICKET_ROWS, asks, joins, plan
from tests.servers import until

pytestmark = pytest.mark.asyncio(loop_scope="module")
ROWS = RunOptions(analyze=ANALYSIS_NONE)
ONE = "SELECT {} AS n FROM customers WHERE id = 1"


def many(count: int, together: str) -> list:
    ids = [f"part{number}" for number in range(count)]
    operations = [asks(name, "crm", ONE.format(number)) for number, name in enumerate(ids)]
    return [*operations, joins(" UNION ALL ".join(f"SELECT n FROM {name}" for name in ids) + together)]


async def test_four_operations_run_at_once(house: SpreadHouse):
    four = asyncio.Barrier(4)

    async def meet(_: CheckedQuery) -> None:
        async with asyncio.timeout(60):
            await four.wait()

    house.watched("crm", meet)
    house.plans(plan(*many(4, " ORDER BY n")))
    seen = await house.ask(options=ROWS)
    assert rows(seen) == [(0,), (1,), (2,), (3,)], seen.end


async def test_never_more_than_four_operations_run_at_once(house: SpreadHouse):
    inside: list[int] = []
    running = 0

    async def count(_: CheckedQuery) -> None:
        nonlocal running
        running += 1
        inside.append(running)
        for _ in range(20):
            await asyncio.sleep(0)
        running -= 1

    house.watched("crm", count)
    house.plans(plan(*many(12, "")))
    seen = await house.ask(options=ROWS)
    assert len(rows(seen)) == 12
    assert max(inside) <= 4


async def test_an_operation_begins_once_what_it_needs_is_done(house: SpreadHouse):
    later = asks("orders", "sales", "SELECT customer, amount FROM orders", "customers")
    house.plans(plan(CUSTOMER_ROWS, later, joins("SELECT count(*) AS n FROM customers, orders WHERE id = customer")))
    seen = await house.ask(options=ROWS)
    told = [(event.WhichOneof("payload"), event.step.rpartition("/")[2]) for event in seen.events]
    assert ("operation_completed", "customers") in told, seen.end
    assert told.index(("operation_completed", "customers")) < told.index(("step_started", "orders"))


async def test_each_operation_shows_its_own_rows_and_how_many_there_were(house: SpreadHouse):
    house.plans(BY_COUNTRY)
    seen = await house.ask(options=ROWS)
    assert rows(seen, "t-orders")[0] == ("1", "100.50", "2026-01-05")
    done = {one.operation_id: one.rows for one in seen.all("operation_completed")}
    assert done == {"customers": 5, "orders": 5, "combine": 2}
    assert {one.source for one in seen.all("operation_started")} == {"crm", "sales", ""}


async def test_a_source_that_can_not_be_reached_is_asked_three_times(house: SpreadHouse):
    tried: Counter[str] = Counter()

    async def twice_down(query: CheckedQuery) -> None:
        tried["sales"] += 1
        if tried["sales"] < 3:
            raise SourceUnavailable("sales can't be reached.")

    house.watched("sales", twice_down)
    house.plans(BY_COUNTRY)
    seen = await house.ask(options=ROWS)
    assert rows(seen) == [("Norway", "125.75"), ("Japan", "70.00")]
    said = [one.message for one in seen.all("step_progressed") if "Trying again" in one.message]
    assert [message.rpartition("(")[2] for message in said] == ["2 of 3).", "3 of 3)."]


async def test_a_connection_that_breaks_in_the_middle_gives_no_row_twice_and_leaves_no_half_file(house: SpreadHouse):
    left: list[list[Path]] = []

    async def look(_: CheckedQuery) -> None:
        left.append([path for path in house.left if path.suffix == ".part"])

    sources = house.catalog._sources
    sources["sales"] = Breaking(sources["sales"], look)
    house.plans(plan(ORDER_ROWS, joins("SELECT count(*) AS n FROM orders")))
    seen = await house.ask(options=ROWS)
    assert rows(seen) == [(5,)], seen.end
    assert left == [[], []]
    broken, whole = (one for one in seen.all("table_completed") if one.table_id.startswith("t-orders"))
    assert "not whole" in broken.message
    assert (whole.table_id, whole.rows, whole.truncated) == ("t-orders-2", 5, False)


async def test_what_stays_down_fails_the_run_in_its_words_and_may_be_tried_again_later(house: SpreadHouse):
    async def down(_: CheckedQuery) -> None:
        raise SourceUnavailable("sales can't be reached.")

    asked = house.watched("sales", down)
    house.plans(BY_COUNTRY)
    seen = await house.ask(options=ROWS)
    assert seen.end.reason == ErrorReason.ERROR_REASON_SOURCE_UNAVAILABLE
    assert seen.end.retryable
    assert "sales can't be reached" in seen.end.message
    assert not asked.asked
    await until(lambda: not house.left)


async def test_what_another_try_can_not_mend_is_asked_once(house: SpreadHouse):
    tried: Counter[str] = Counter()
    no_token = SourceUnavailable("sales has no token.")
    no_token.retryable = False
    busy = SourceUnavailable("sales asks for an hour's rest.", retry_after=3_600)
    causes = {"first": no_token, "second": busy}

    async def refuse(query: CheckedQuery) -> None:
        name = "second" if "amount > 1" in query.text.replace('"', "") else "first"
        tried[name] += 1
        raise causes[name]

    house.watched("sales", refuse)
    two = [
        asks("first", "sales", "SELECT id FROM orders"),
        asks("second", "sales", "SELECT id FROM orders WHERE amount > 1"),
    ]
    house.plans(plan(*two, joins("SELECT count(*) AS n FROM first JOIN second ON first.id = second.id")))
    seen = await house.ask(options=ROWS)
    assert tried == {"first": 1, "second": 1}
    assert "has no token" in seen.end.message


async def test_a_query_that_takes_too_long_is_not_tried_again(house: SpreadHouse):
    tried: Counter[str] = Counter()

    async def slow(_: CheckedQuery) -> None:
        tried["sales"] += 1
        raise QueryTimeout

    house.watched("sales", slow)
    house.plans(BY_COUNTRY)
    seen = await house.ask(options=ROWS)
    assert seen.end.reason == ErrorReason.ERROR_REASON_QUERY_TIMEOUT
    assert tried["sales"] == 1


async def test_what_needs_a_failed_operation_is_skipped_and_says_why(house: SpreadHouse):
    async def slow(_: CheckedQuery) -> None:
        raise QueryTimeout

    house.watched("sales", slow)
    later = asks("tickets", "support", "SELECT topic FROM tickets WHERE customer_id IN (:c)", c="orders.customer")
    last = asks("again", "crm", "SELECT name FROM customers", "tickets")
    house.plans(plan(ORDER_ROWS, later, last, joins("SELECT * FROM again")))
    seen = await house.ask(options=ROWS)
    skipped = {event.step.rpartition("/")[2]: event.step_skipped.cause for event in seen.events}
    assert "tickets" in skipped, seen.end
    assert skipped["tickets"] == "It needs what orders would have given."
    assert skipped["again"] == "It needs what tickets would have given."
    assert seen.end.reason == ErrorReason.ERROR_REASON_QUERY_TIMEOUT


WITH_TICKETS = joins(
    "SELECT c.name, t.topic FROM customers AS c LEFT JOIN tickets AS t ON t.customer_id = c.id ORDER BY c.name"
)


async def test_a_join_that_can_do_without_an_operation_goes_on_and_says_what_is_missing(house: SpreadHouse):
    async def down(_: CheckedQuery) -> None:
        raise QueryTimeout

    house.watched("support", down)
    house.plans(plan(CUSTOMER_ROWS, TICKET_ROWS, WITH_TICKETS))
    seen = await house.ask()
    assert seen.end.outcome == events.OUTCOME_ANSWERED
    assert rows(seen) == [(name, None) for name in ("Ada", "Bo", "Cleo", "Dai", "Eve")]
    assert "tickets gave nothing, so its columns are empty" in seen.text(events.CHANNEL_ANSWER)


async def test_a_count_of_what_could_not_be_asked_is_not_shown_as_zero(house: SpreadHouse):
    async def down(_: CheckedQuery) -> None:
        raise QueryTimeout

    house.watched("support", down)
    counts = (
        "SELECT c.name, count(t.topic) AS n FROM customers c LEFT JOIN tickets t ON t.customer_id = c.id GROUP BY 1"
    )
    house.plans(plan(CUSTOMER_ROWS, TICKET_ROWS, joins(counts)))
    seen = await house.ask()
    assert seen.end.reason == ErrorReason.ERROR_REASON_QUERY_TIMEOUT
    assert not rows(seen)


async def test_a_cancelled_run_stops_the_operations_that_run(house: SpreadHouse):
    began, left = asyncio.Event(), asyncio.Event()

    async def wait(_: CheckedQuery) -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            left.set()

    house.watched("sales", wait)
    house.plans(BY_COUNTRY)
    run = await house.create(sources=["crm", "sales"])
    async with asyncio.timeout(60):
        await began.wait()
        await house.engine.cancel(LOCAL, run, "")
        await left.wait()
    seen = await house.watch(run)
    assert seen.kinds[-1] == "cancelled"
