"""Steering runs of `query`: cancelled from another server down to the database, paused and forked at every step."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Self

import pytest

from core.boundary import Boundary
from core.catalog import Catalog
from core.engine import Engine
from core.identity import LOCAL
from core.pipelines import PIPELINES
from core.settings import Limits, Settings
from core.store import open_store
from levada.v1 import event_pb2 as events
from levada.v1.run_pb2 import Analysis, InputAnswer, QueryParameters, RunOptions
from levada.v1.run_service_pb2 import ForkRunRequest
from tests.limits import LIFTED
from tests.pace import pace
from tests.pipelines.query.house import STEPS, House, Seen, draft, kind
from tests.pipelines.query.test_sources import ENDLESS, WORKING
from tests.postgres import PostgresDatabase
from tests.servers import until

QUESTION = "Revenue by month in 2025"


class Shop(House):
    """The sample shop and the offline planner, as they are out of the box."""

    def __init__(self, folder: Path, shop_file: Path) -> None:
        super().__init__(folder, "")
        self._shop_file = shop_file
        self.settings = Settings(store=f"sqlite:///{folder}/runs.db", limits=Limits(**LIFTED), config="")

    async def __aenter__(self) -> Self:
        store = open_store(self.settings.store)
        catalog = await self._stack.enter_async_context(Catalog(self.settings, store, self._shop_file))
        self.engine = await self._stack.enter_async_context(Engine(self.settings, PIPELINES, catalog, store))
        return self

    async def fork(self, run_id: str, step: str, **edits: Any) -> Seen:
        made, _ = await self.engine.fork(LOCAL, ForkRunRequest(run_id=run_id, step=step, **edits))
        return await self.watch(made.run_id)


@pytest.fixture
async def shop(tmp_path: Path, shop_file: Path) -> AsyncIterator[Shop]:
    async with Shop(tmp_path, shop_file) as made:
        yield made


def results(seen: Seen) -> list[Any]:
    """Return what a run amounts to: its steps, queries, rows, findings, chart and words."""
    wanted = ("query_validated", "table_started", "table_completed", "finding", "chart", "follow_ups")
    found = [getattr(event, kind(event)) for event in seen.events if kind(event) in wanted]
    steps = [event.step for event in seen.events if kind(event) == "step_completed"]
    return [steps, *found, seen.text(events.CHANNEL_ANSWER), seen.end.summary, seen.end.totals.rows]


def kept(seen: Seen) -> list[str]:
    return list(seen.one("started").kept_steps)


async def test_forked_after_any_step_a_run_comes_to_the_same(shop: Shop):
    origin_id = await shop.create(QUESTION)
    origin = await shop.watch(origin_id)
    for count, step in enumerate(STEPS, 1):
        seen = await shop.fork(origin_id, step)
        assert kept(seen) == STEPS[:count]
        assert results(seen) == results(origin)


async def test_an_edited_question_is_asked_from_the_beginning(shop: Shop):
    origin_id = await shop.create(QUESTION)
    await shop.watch(origin_id)
    for step in STEPS:
        seen = await shop.fork(origin_id, step, question="Revenue by month in 2024")
        assert kept(seen) == []
        assert "2024" in seen.one("query_validated").text
        assert seen.one("table_completed").rows == 12
        assert seen.kinds[-1] == "completed"


async def test_an_edited_query_is_run_with_what_was_understood(shop: Shop):
    origin_id = await shop.create(QUESTION)
    await shop.watch(origin_id)
    for count, step in enumerate(STEPS, 1):
        seen = await shop.fork(origin_id, step, query="SELECT count(*) AS n FROM orders")
        assert kept(seen) == STEPS[: min(2, count)]
        assert seen.one("query_proposed").author == "person"
        assert seen.one("table_completed").rows == 1
        assert (seen.steps, seen.kinds[-1]) == (STEPS, "completed")


@pytest.mark.parametrize(
    ("options", "voided"),
    [
        (RunOptions(row_limit=5), "validate_sql"),
        (RunOptions(analyze=Analysis.ANALYSIS_NONE), "execute_sql"),
        (RunOptions(row_encoding=events.ROW_ENCODING_ARROW), "execute_sql"),
        (RunOptions(max_attempts=2), ""),
    ],
)
async def test_edited_options_hold_from_the_step_that_reads_them(shop: Shop, options: RunOptions, voided: str):
    origin_id = await shop.create(QUESTION)
    await shop.watch(origin_id)
    most = STEPS.index(voided) if voided else len(STEPS)
    for count, step in enumerate(STEPS, 1):
        seen = await shop.fork(origin_id, step, options=options)
        assert kept(seen) == STEPS[: min(most, count)]
        assert seen.kinds[-1] == "completed"
        assert seen.one("table_completed").rows == (options.row_limit or 12)
        assert bool(seen.all("finding")) == (not options.analyze)
        assert bool(seen.all("table_rows")[0].arrow) == bool(options.row_encoding)


async def test_a_greeting_can_be_forked_with_a_query(shop: Shop):
    origin_id = await shop.create("Hello")
    assert (await shop.watch(origin_id)).end.outcome == events.OUTCOME_REPLIED
    seen = await shop.fork(origin_id, "classify_intent", query="SELECT count(*) AS n FROM orders")
    assert seen.end.outcome == events.OUTCOME_ANSWERED


async def test_a_query_that_was_given_goes_when_another_question_is_asked(shop: Shop):
    origin_id = await shop.create(QUESTION, query=QueryParameters(query="SELECT count(*) AS n FROM orders"))
    await shop.watch(origin_id)
    same = await shop.fork(origin_id, "generate_sql")
    assert same.one("table_completed").rows == 1
    other = await shop.fork(origin_id, "generate_sql", question="Revenue by month in 2024")
    assert other.one("table_completed").rows == 12


async def test_an_approval_is_kept_with_the_rows_and_asked_for_anew_with_another_query(shop: Shop):
    origin_id = await shop.create(QUESTION, options=RunOptions(require_approval=True))
    asked = (await shop.watch(origin_id, "input_requested")).one("input_requested")
    await shop.engine.respond(LOCAL, origin_id, InputAnswer(input_id=asked.input_id, decision=events.DECISION_APPROVE))
    origin = await shop.watch(origin_id)
    seen = await shop.fork(origin_id, "execute_sql")
    assert results(seen) == results(origin)
    assert [seen.kinds.count(name) for name in ("input_requested", "input_received")] == [1, 1]
    request = ForkRunRequest(run_id=origin_id, step="execute_sql", query="SELECT count(*) AS n FROM orders")
    other, _ = await shop.engine.fork(LOCAL, request)
    assert "count" in (await shop.watch(other.run_id, "input_requested")).one("input_requested").query.lower()


@pytest.mark.parametrize("boundary", range(1, len(STEPS) + 1))
async def test_paused_at_any_boundary_a_run_comes_to_the_same(
    shop: Shop, boundary: int, monkeypatch: pytest.MonkeyPatch
):
    undisturbed = await shop.ask(QUESTION)
    crossed = 0
    before = Boundary.cross

    async def cross(self: Boundary) -> None:
        nonlocal crossed
        crossed += 1
        if crossed == boundary:
            await shop.engine.pause(LOCAL, run_id)
        await before(self)

    monkeypatch.setattr(Boundary, "cross", cross)
    shop.engine._runner._claims = False
    run_id = await shop.create(QUESTION)
    shop.engine._runner._claims = True
    shop.engine._runner.wake()
    paused = await shop.watch(run_id, "paused")
    assert paused.kinds.count("step_completed") == boundary - 1
    await shop.engine.resume(LOCAL, run_id)
    seen = await shop.watch(run_id)
    assert results(seen) == results(undisturbed)
    assert seen.kinds.count("step_started") == len(STEPS)


@pytest.mark.postgres
async def test_a_cancel_asked_of_another_server_stops_the_query_in_the_database_at_once(
    tmp_path: Path, postgres_store: PostgresDatabase
):
    postgres_store.run("CREATE TABLE t AS SELECT generate_series(1, 1000) AS n", "ANALYZE t")
    houses = [House(tmp_path, postgres_store.url, store=postgres_store.admin_url) for _ in range(2)]
    async with houses[0] as house, houses[1] as other:
        other.engine._runner._claims = False
        house.plays(draft(ENDLESS))
        run_id = await house.create()
        await other.watch(run_id, "operation_started")
        await until(lambda: postgres_store.run(f"SELECT pid {WORKING}"))
        with pace() as since:
            await other.engine.cancel(LOCAL, run_id)
            await until(lambda: not postgres_store.run(f"SELECT pid {WORKING}"))
            seen = await other.watch(run_id)
            assert since.seconds < 5
    assert seen.kinds[-1] == "cancelled"
