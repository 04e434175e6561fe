"""Mending a failed query in a run: each round is seen, corrections are checked, and giving up says what was tried."""

import sqlite3
from contextlib import closing

from core.models.base import Correction
from levada.v1 import event_pb2 as events
from levada.v1.error_reason_pb2 import ErrorReason
from tests.pipelines.query.house import House, draft


async def test_a_mended_query_runs_and_every_round_is_seen(house: House):
    house.plays(draft("SELECT flagg, count(*) AS n FROM ship GROUP BY flagg"))
    seen = await house.ask("Ships by flag?")
    assert seen.end.outcome == events.OUTCOME_ANSWERED
    assert seen.steps[2:] == [
        "generate_sql",
        "validate_sql",
        "analyze_error",
        "validate_sql#2",
        "analyze_error#2",
        "validate_sql#3",
        "execute_sql",
        "analyze_results",
        "generate_viz",
    ]
    assert [failed.will_retry for failed in seen.all("step_failed")] == [True, True]
    assert [proposed.author for proposed in seen.all("query_proposed")] == ["scripted", "repair", "repair"]
    assert [proposed.query_id for proposed in seen.all("query_proposed")] == ["q1", "q2", "q3"]
    progress = [event.progress for event in seen.events]
    assert progress == sorted(progress)


async def test_what_the_database_refuses_is_mended_like_what_the_guard_refuses(house: House):
    house.plays(draft("SELECT name FROM ships JOIN calls ON calls.ship_id = ships.ship_id"))
    seen = await house.ask()
    assert seen.end.outcome == events.OUTCOME_ANSWERED
    assert "execute_sql#2" in seen.steps
    assert "ships.name is taken" in " ".join(one.message for one in seen.all("step_progressed"))


async def test_after_three_rounds_it_fails_with_what_was_tried(house: House):
    wrong = [draft(f"SELECT zzq{number} FROM ships") for number in range(5)]
    house.plays(
        wrong[0],
        corrections=[Correction(can_fix=True, diagnosis=f"Try {n}.", draft=wrong[n]) for n in range(1, 5)],
    )
    seen = await house.ask()
    assert ErrorReason.Name(seen.end.reason) in ("ERROR_REASON_QUERY_REFUSED", "ERROR_REASON_QUERY_FAILED")
    assert list(seen.end.tried) == ["Try 1.", "Try 2.", "Try 3."]
    assert [step for step in seen.steps if step.startswith("analyze_error")] == [
        "analyze_error",
        "analyze_error#2",
        "analyze_error#3",
    ]
    assert [failed.will_retry for failed in seen.all("step_failed")] == [True, True, True, False]


async def test_when_nothing_helps_the_run_fails_at_once(house: House):
    house.plays(draft("SELECT zzqx FROM ships"))
    seen = await house.ask()
    assert seen.end.tried
    assert len(seen.all("query_proposed")) == 1


async def test_a_correction_that_would_change_data_is_refused_too(house: House):
    bad = Correction(can_fix=True, diagnosis="Delete them.", draft=draft("DELETE FROM ships"))
    house.plays(draft("SELECT zzqx FROM ships"), corrections=[bad])
    seen = await house.ask()
    assert ErrorReason.Name(seen.end.reason) == "ERROR_REASON_QUERY_REFUSED"
    assert "operation_started" not in [
        kind for kind, step in zip(seen.kinds, [e.step for e in seen.events], strict=True) if step == "execute_sql#2"
    ]


async def test_a_table_that_is_gone_since_the_schema_was_read_is_said_to_be(house: House, harbour_url: str):
    await house.source.describe()
    with closing(sqlite3.connect(harbour_url)) as database:
        database.execute("DROP TABLE calls")
    model = house.plays(draft("SELECT count(*) FROM calls"), *[draft("SELECT count(*) FROM ships")] * 3)
    seen = await house.ask("How many calls?")
    assert seen.kinds[-1] == "failed" and model.asked
    assert "“calls” was there when the schema was last read" in "".join(seen.end.tried)
