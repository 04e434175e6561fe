"""A run kills its server, and goes on unharmed: three servers on PostgreSQL, of which another has it."""

import pytest

from tests.chaos import mortality
from tests.chaos.deaths import Theatre
from tests.chaos.mortality import each
from tests.chaos.subjects import SUBJECTS, Subject

pytestmark = [
    pytest.mark.slow,
    pytest.mark.postgres,
    pytest.mark.timeout(900),
    pytest.mark.asyncio(loop_scope="module"),
]


@each("postgres", SUBJECTS)
async def test_another_server_goes_on_from_the_last_completed_steps(here: Theatre, subject: Subject) -> None:
    await mortality.goes_on_elsewhere(here, subject)


@each("postgres", SUBJECTS[:1])
async def test_a_run_that_kills_every_worker_is_given_up_after_three(here: Theatre, subject: Subject) -> None:
    await mortality.is_given_up_after_three(here, subject)
