"""What a question names takes part in its answer, or there is none."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from core.errors import NotUnderstood
from core.sources import open_source
from tests.models.offline.cross.asking import World, world

DESK = """
CREATE TABLE tickets (ticket_no INTEGER PRIMARY KEY, severity TEXT, status TEXT, opened_at DATE, agent TEXT);
INSERT INTO tickets VALUES (1,'low','closed','2024-05-02','Lena'),(2,'critical','escalated','2024-05-03','Lena'),
  (3,'critical','closed','2024-06-01','Marco');
"""


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[World]:
    """Tickets, whose number has a column of its own."""
    with closing(sqlite3.connect(tmp_path / "desk.db")) as connection:
        connection.executescript(DESK)
    async with world(open_source("desk", f"sqlite:///{tmp_path}/desk.db")) as opened:
        yield opened


@pytest.mark.parametrize(
    ("question", "rows"),
    [
        ("Number of tickets by severity", [("critical", 2), ("low", 1)]),
        ("Tickets by status", [("closed", 2), ("escalated", 1)]),
        ("Number of critical tickets by agent", [("Lena", 1), ("Marco", 1)]),
        ("Which agents have the largest number of tickets?", [("Lena",)]),
    ],
)
async def test_a_number_of_rows_is_a_count_though_each_row_has_a_number(desk: World, question: str, rows) -> None:
    assert sorted(await desk.alone(question)) == rows


async def test_a_column_that_the_query_would_leave_out_is_named_and_nothing_answered(desk: World) -> None:
    with pytest.raises(NotUnderstood, match="“open tickets”"):
        await desk.alone("Which agents have open tickets?")
