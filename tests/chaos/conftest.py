"""The stage on which runs die."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.chaos.deaths import Theatre, theatre
from tests.chaos.subjects import SCRIPT

pytest.register_assert_rewrite("tests.chaos.mortality")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(request: pytest.FixtureRequest) -> AsyncIterator[Theatre]:
    store, world = request.param
    async with theatre(store, world, SCRIPT) as made:
        yield made
