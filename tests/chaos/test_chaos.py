"""Many servers, many runs, and an adversary: the short form of `make chaos`."""

import pytest

from tests.chaos.adversary import plan
from tests.chaos.play import play
from tests.chaos.world import world


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.timeout(600)
async def test_runs_survive_whatever_happens_to_servers_gateway_and_database():
    async with world() as here:
        report = await play(here, seed=3, seconds=20, runs=25)
        assert not report.faults, "\n".join([str(report), *report.faults, here.logs()])
        assert report.blows.total() >= 5
        assert report.ends.total() == 25


def test_a_seed_means_the_same_blows_every_time():
    assert plan(7, 120, 3) == plan(7, 120, 3) != plan(8, 120, 3)
