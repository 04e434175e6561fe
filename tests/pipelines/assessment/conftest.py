"""A table with models at it: one for each module of tests, with the cast of a first try that each test may change."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.pipelines.assessment.house import Table


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def standing(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Table]:
    async with Table(tmp_path_factory.mktemp("table")) as made:
        yield made


@pytest.fixture
def table(standing: Table) -> Table:
    standing.seats()
    return standing
