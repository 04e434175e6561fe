import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from core.sources import sample


@pytest.fixture
def database(shop_file: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"file:{shop_file}?mode=ro", uri=True)) as connection:
        yield connection


@pytest.fixture(scope="session")
def facts() -> sample.Facts:
    return sample.facts()
