"""An engine over a store of its own, which a test may stop and start again; on SQLite unless a module asks for both."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.engine.stage import Stage

EVERYWHERE = pytest.mark.parametrize(
    "stage", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)


@pytest.fixture
async def stage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stage]:
    url = f"sqlite:///{tmp_path}/runs/levada.db"
    if getattr(request, "param", "sqlite") == "postgres":
        url = request.getfixturevalue("postgres_store").admin_url
    async with Stage(url) as made:
        yield made
