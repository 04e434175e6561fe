"""A table with models at it, of each test's own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.pipelines.assessment.house import Table


@pytest.fixture
async def table(tmp_path: Path) -> AsyncIterator[Table]:
    async with Table(tmp_path) as made:
        made.seats()
        yield made
