"""A small database for tests: a harbour, its ships and their calls over two years, with one month that stands out."""

import datetime
import sqlite3
from contextlib import closing
from pathlib import Path

TABLES = """
CREATE TABLE ships (
    ship_id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    flag TEXT NOT NULL,
    length REAL,
    code TEXT
);
CREATE TABLE calls (
    call_id INTEGER PRIMARY KEY,
    ship_id INTEGER NOT NULL REFERENCES ships (ship_id),
    name TEXT,
    arrived DATE NOT NULL,
    tonnes REAL NOT NULL,
    fee DECIMAL(10,2) NOT NULL
);
"""
SHIPS = [
    (1, "Aurora", "Norway", 120.5, "10"),
    (2, "Borealis", "Norway", 98.0, "20"),
    (3, "Calypso", "Greece", 210.0, "30"),
    (4, "Dorado", "Panama", 180.2, None),
]
OUTLIER = datetime.date(2024, 6, 1)


def calls() -> list[tuple]:
    """Return one call a month and ship; June 2024 brings ten times the cargo."""
    rows = []
    for month in range(24):
        arrived = datetime.date(2023 + month // 12, month % 12 + 1, 1)
        for ship, *_ in SHIPS:
            tonnes = 100.0 + 10 * ship + month
            times = 10 if arrived == OUTLIER else 1
            rows.append((len(rows) + 1, ship, f"call {len(rows) + 1}", arrived.isoformat(), tonnes * times, ship * 100))
    return rows


def write(path: Path) -> Path:
    """Write the harbour into a new SQLite file at *path*."""
    with closing(sqlite3.connect(path)) as database:
        database.executescript(TABLES)
        database.executemany("INSERT INTO ships VALUES (?, ?, ?, ?, ?)", SHIPS)
        database.executemany("INSERT INTO calls VALUES (?, ?, ?, ?, ?, ?)", calls())
        database.commit()
    return path
