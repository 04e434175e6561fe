"""A SQLite file whose runs are forgotten gives its space back, or uses it again."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from core.store import Store, open_store, sqlite
from core.store.base import Forgotten
from tests.store.test_retention import EVERYTHING, ended, read_all


async def test_a_file_gives_its_space_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sqlite, "SLICE", 16)
    path = tmp_path / "levada.db"
    async with opened(path) as store:
        empty = path.stat().st_size + log_of(path).stat().st_size
        for number in range(20):
            await ended(store, count=50, size=2_000, at=1_000 + number)
        assert await store.expire(EVERYTHING) == Forgotten(20, 20, more=False)
        assert path.stat().st_size < empty
        assert log_of(path).stat().st_size == 0
        run_id, said = await ended(store)
        assert (await read_all(store, run_id))[0] == said


async def test_a_file_made_before_it_could_shrink_works_on_and_uses_its_space_again(tmp_path: Path):
    path = tmp_path / "levada.db"
    with closing(sqlite3.connect(path)) as c:
        c.execute("CREATE TABLE earlier (x)")
        c.commit()
    async with opened(path) as store:
        sizes = []
        for _ in range(4):
            for number in range(10):
                await ended(store, count=50, size=2_000, at=1_000 + number)
            assert await store.expire(EVERYTHING) == Forgotten(10, 10, more=False)
            sizes.append(path.stat().st_size)
        assert sizes[-1] < 1.2 * sizes[0]


@asynccontextmanager
async def opened(path: Path) -> AsyncIterator[Store]:
    store = open_store(f"sqlite:///{path}")
    await store.open()
    try:
        yield store
    finally:
        await store.close()


def log_of(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")
