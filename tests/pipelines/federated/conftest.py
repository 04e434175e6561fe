"""A house over the spread business: one for each module of tests, as it takes a second to build."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.pipelines.federated.house import SpreadHouse


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def standing(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SpreadHouse]:
    async with SpreadHouse(tmp_path_factory.mktemp("spread")) as made:
        yield made


@pytest.fixture
def house(standing: SpreadHouse) -> SpreadHouse:
    """The house with nothing before its sources, whatever the test before this one put there."""
    standing.unwatched()
    return standing
