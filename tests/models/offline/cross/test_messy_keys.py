"""Keys that sources write each in their own way: in another case, within a document, as text."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from core.sources import open_source
from tests.models.offline.cross.asking import World, world
from tests.mongodb import MongoDatabase

COMPANIES = """
CREATE TABLE companies (company_id INTEGER PRIMARY KEY, company_code TEXT UNIQUE, name TEXT, country TEXT,
  segment TEXT);
INSERT INTO companies VALUES (1,'ACM-01','Blue Forge','Chile','Startup'),(2,'BRX-02','Iron Peak','Kenya','Startup'),
  (3,'KLO-03','Green Harbor','Kenya','Enterprise'),(4,'ZEN-04','Old Mill','Chile','Enterprise');
"""
TICKETS = [("acm-01", "1", "low"), ("brx-02", "2", "critical"), ("brx-02", "2", "low"), ("klo-03", "3", "critical")]


@pytest.fixture
async def desk(tmp_path: Path, mongodb_database: MongoDatabase) -> AsyncIterator[World]:
    """Companies in SQLite; in MongoDB their tickets, which call a document as that table is called."""
    with closing(sqlite3.connect(tmp_path / "crm.db")) as connection:
        connection.executescript(COMPANIES)
    mongodb_database.fill(
        tickets=[
            {"ticket_no": number, "company": {"code": code, "ref": ref}, "severity": severity}
            for number, (code, ref, severity) in enumerate(TICKETS, 1)
        ]
    )
    crm, support = open_source("crm", f"sqlite:///{tmp_path}/crm.db"), open_source("support", mongodb_database.url)
    async with world(crm, support) as opened:
        yield opened


@pytest.mark.parametrize(
    ("question", "rows"),
    [
        ("Number of tickets by country", [("Chile", 1), ("Kenya", 3)]),
        ("Number of critical tickets by segment", [("Enterprise", 1), ("Startup", 1)]),
        ("How many tickets are there by country of the company?", [("Chile", 1), ("Kenya", 3)]),
        ("Which companies in Kenya have tickets with severity low?", [("Iron Peak",)]),
        ("Which companies have no tickets?", [("Old Mill",)]),
    ],
)
async def test_keys_in_another_case_meet(desk: World, question: str, rows: list[tuple]) -> None:
    assert sorted(await desk.answer(question)) == rows


async def test_the_case_of_keys_is_left_alone_where_both_write_them_alike(desk: World, tmp_path: Path) -> None:
    assert "LOWER" in str(await desk.plan("Number of tickets by country"))
    with closing(sqlite3.connect(tmp_path / "crm.db")) as connection, connection:
        connection.execute("UPDATE companies SET company_code = lower(company_code)")
    desk.sources["crm"].forget()
    plan = await desk.plan("Number of tickets by country")
    assert "LOWER" not in str(plan)
    assert sorted(await desk.carried_out(plan)) == [("Chile", 1), ("Kenya", 3)]
