"""A house over the harbour, in a folder of its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.pipelines.query import harbour
from tests.pipelines.query.house import House


@pytest.fixture
def harbour_url(tmp_path: Path) -> str:
    return str(harbour.write(tmp_path / "harbour.db"))


@pytest.fixture
async def house(tmp_path: Path, harbour_url: str) -> AsyncIterator[House]:
    async with House(tmp_path, harbour_url) as made:
        yield made
