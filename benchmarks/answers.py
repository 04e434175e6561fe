"""When two queries give the same answer: the same rows, in any order of columns, and of rows where none is asked."""

import sqlite3
import time
from collections import Counter
from collections.abc import Sequence
from itertools import islice, permutations
from pathlib import Path
from typing import Any

SECONDS = 5.0
ROWS = 20_000
Row = tuple[Any, ...]


def answer(file: Path, sql: str) -> list[Row] | None:
    """Return the rows of *sql*, read-only and within a time limit; None when it fails."""
    connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    deadline = time.monotonic() + SECONDS
    connection.set_progress_handler(lambda: time.monotonic() > deadline, 10_000)
    try:
        return [tuple(map(_plain, row)) for row in connection.execute(sql).fetchmany(ROWS)]
    except sqlite3.Error:
        return None
    finally:
        connection.close()


def _plain(value: Any) -> Any:
    if isinstance(value, bool | int | float):
        return round(float(value), 4)
    if isinstance(value, str):
        try:
            return round(float(value), 4)
        except ValueError:
            return value.strip()
    return value


def same_answer(expected: Sequence[Row], given: Sequence[Row], ordered: bool, as_sets: bool = False) -> bool:
    """Say whether *given* has the rows of *expected*; their order counts when *ordered*."""
    if not expected or not given:
        return not expected and not given
    if len(expected[0]) != len(given[0]):
        return False
    if as_sets:
        expected, given = list(dict.fromkeys(expected)), list(dict.fromkeys(given))
    if len(expected) != len(given):
        return False
    width = len(expected[0])
    columns = [Counter(row[n] for row in expected) for n in range(width)]
    others = [Counter(row[n] for row in given) for n in range(width)]
    for order in islice(permutations(range(width)), 5_000):
        if any(others[source] != columns[place] for place, source in enumerate(order)):
            continue
        moved = [tuple(row[source] for source in order) for row in given]
        if (list(expected) == moved) if ordered else (Counter(expected) == Counter(moved)):
            return True
    return False
