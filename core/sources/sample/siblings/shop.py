"""The sample shop as its siblings read it: from the file that was written, in a fixed order."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from random import Random
from typing import Any

from core.sources.sample.shop import SEED


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Yield a connection that can only read the shop at *path*; rows have their columns' names."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as shop:
        shop.row_factory = sqlite3.Row
        yield shop


def rows(path: Path, sql: str, *values: Any) -> list[sqlite3.Row]:
    with reading(path) as shop:
        return shop.execute(sql, values).fetchall()


def draw(part: int) -> Random:
    """Each sibling draws from a stream of its own, apart from those of the shop."""
    return Random(SEED + 100 + part)  # noqa: S311 - sample data, no secrets
