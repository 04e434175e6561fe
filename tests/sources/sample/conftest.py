import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from core.sources import sample


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample.ensure(tmp_path_factory.mktemp("sample") / "deeper" / "shop.sqlite")


@pytest.fixture
def database(shop: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"file:{shop}?mode=ro", uri=True)) as connection:
        yield connection


@pytest.fixture(scope="session")
def facts() -> sample.Facts:
    return sample.facts()
