"""Kill -9 at every step's beginning, first word, end and checkpoint of `query`: the run goes on elsewhere, unharmed."""

from collections.abc import Mapping

import pytest
import pytest_asyncio

from levada.v1.error_reason_pb2 import ERROR_REASON_WORKER_LOST
from tests.chaos import checks
from tests.chaos.deaths import ALWAYS, DEEPER, POINTS_OF_QUERY, Death, deaths
from tests.chaos.story import story

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.asyncio(loop_scope="module")]

Deaths = Mapping[tuple[str, ...], Death]


@pytest_asyncio.fixture(
    scope="module", loop_scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
)
async def died(request: pytest.FixtureRequest) -> Deaths:
    return await deaths(request.param)


@pytest.mark.parametrize("point", POINTS_OF_QUERY, ids="-".join)
async def test_another_server_goes_on_from_the_last_completed_step(died: Deaths, point: tuple[str, str]):
    death = died[point]
    assert not [*checks.faults(death.run), *checks.losses(death.run, [death.record])]
    events = death.run.events
    step, where = point
    resumed = [event.resumed for event in events if event.WhichOneof("payload") == "resumed"]
    # What died before it said anything begins anew, and nobody needs to be told.
    told = [] if point == ("classify_intent", "unsaid") else [("server", "worker lost")]
    assert [(one.by, one.cause) for one in resumed] == told
    # The step that was cut is marked as another attempt, none else was begun again.
    again = {event.step for event in events if event.attempt > 1}
    assert again == (set() if where in ("unsaid", "completed") else {step})
    assert death.run.attempts == 2


@pytest.mark.parametrize("point", POINTS_OF_QUERY, ids="-".join)
async def test_the_answer_is_that_of_a_run_that_nobody_disturbed(died: Deaths, point: tuple[str, str]):
    whole = died[("analyze_error",) if "analyze_error" in point else ("deep",) if point[0] in DEEPER else ()]
    assert story(died[point].run.events) == story(whole.run.events)


async def test_a_run_that_kills_every_worker_is_given_up_after_three(died: Deaths):
    death = died[ALWAYS]
    assert not [*checks.faults(death.run), *checks.losses(death.run, [death.record])]
    end = death.run.events[-1].failed
    assert end.reason == ERROR_REASON_WORKER_LOST
    assert "execute_sql" in end.message
    began = [event.attempt for event in death.run.events if event.WhichOneof("payload") == "step_started"]
    assert began[-3:] == [1, 2, 3]
