"""What a question names takes part in its answer, or there is none."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from core.errors import NotUnderstood
from core.sources import open_source
from tests.models.offline.cross.asking import World, world

pytestmark = pytest.mark.asyncio(loop_scope="module")

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


async def test_namesakes_are_different_people(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "shop.db")) as connection:
        connection.executescript("""
            CREATE TABLE customers (customer_id INTEGER PRIMARY KEY, name TEXT, country TEXT);
            CREATE TABLE orders (order_id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers, placed DATE);
            INSERT INTO customers VALUES (1,'Ana Luz','Portugal'),(2,'Ana Luz','Portugal'),(3,'Ben Ode','Germany');
            INSERT INTO orders VALUES (1,1,'2024-01-02'),(2,1,'2024-01-03'),(3,2,'2024-02-02');
        """)
    async with world(open_source("shop", f"sqlite:///{tmp_path}/shop.db")) as shop:
        assert await shop.alone("Which customers in Portugal have orders?") == [("Ana Luz",), ("Ana Luz",)]


async def test_a_verb_is_no_group(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "notes.db")) as connection:
        connection.executescript("""
            CREATE TABLE feedback (id INTEGER PRIMARY KEY, customer_id INTEGER, written_on DATE, stars INTEGER);
            INSERT INTO feedback VALUES (1,7,'2024-01-02',5),(2,7,'2024-02-02',1),(3,8,'2024-02-03',3);
        """)
    async with world(open_source("notes", f"sqlite:///{tmp_path}/notes.db")) as notes:
        assert await notes.alone("How many customers wrote?") == [(2,)]
        with pytest.raises(NotUnderstood, match="“wrote feedback”"):
            await notes.alone("How many customers wrote feedback?")


async def test_rows_are_shown_by_the_text_that_their_table_is_called_for(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "calls.db")) as connection:
        connection.executescript("""
            CREATE TABLE call_notes (id INTEGER PRIMARY KEY, topic TEXT, note TEXT);
            INSERT INTO call_notes VALUES (1,'price','Wants a discount'),(2,'service','Very happy');
        """)
    async with world(open_source("calls", f"sqlite:///{tmp_path}/calls.db")) as calls:
        assert await calls.alone("call notes with topic price") == [("Wants a discount",)]


async def test_figures_go_by_the_date_of_their_own_rows(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "use.db")) as connection:
        connection.executescript("""
            CREATE TABLE companies (company_id INTEGER PRIMARY KEY, name TEXT, country TEXT, signed_on DATE);
            CREATE TABLE usage (usage_id INTEGER PRIMARY KEY, company_id INTEGER REFERENCES companies, day DATE,
              api_calls INTEGER);
            INSERT INTO companies VALUES (1,'Blue Forge','Chile','2022-03-01'),(2,'Iron Peak','Kenya','2022-04-01');
            INSERT INTO usage VALUES (1,1,'2025-01-02',7),(2,1,'2025-02-03',5),(3,2,'2025-02-04',3);
        """)
    async with world(open_source("use", f"sqlite:///{tmp_path}/use.db")) as use:
        assert await use.alone("Total api calls of companies in Chile by month") == [("2025-01", 7), ("2025-02", 5)]
        assert await use.alone("Top 2 companies by api calls") == [("Blue Forge",), ("Iron Peak",)]
