"""An engine over a store of its own, which a test may stop and start again."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.engine.stage import Stage


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with Stage(f"sqlite:///{tmp_path}/runs/levada.db") as made:
        yield made
