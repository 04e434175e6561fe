"""A house over the spread business, in a folder of its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.pipelines.federated.house import SpreadHouse


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[SpreadHouse]:
    async with SpreadHouse(tmp_path) as made:
        yield made
