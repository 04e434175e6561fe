"""A stage on a store of its own, for workflows that are played."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.engine.stage import Stage


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with Stage(f"sqlite:///{tmp_path}/levada.db") as made:
        yield made
