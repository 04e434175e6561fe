"""Every store there is, empty, one after the other for each test."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from core.store import Store, open_store


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/levada.db"
    found: str = request.getfixturevalue("postgres_store").admin_url
    return found


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    made = open_store(url)
    await made.open()
    yield made
    await made.close()


@pytest.fixture
async def other(store: Store, url: str) -> AsyncIterator[Store]:
    """Another server's view of the same store; on SQLite, where there can be none, the same one."""
    if not store.shared:
        yield store
        return
    made = open_store(url)
    await made.open()
    yield made
    await made.close()


@pytest.fixture
def reopened(url: str) -> Callable[[], Store]:
    return lambda: open_store(url)
