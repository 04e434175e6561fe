"""Databases of every kind for the tests of sources, behind one face."""

import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pytest

from core.sources import open_source
from core.sources.base import Batch, CheckedQuery, Limits, Source
from tests.trino_server import TrinoServer, serving

# Never ends by itself, and can be stopped only by stopping it.
_ENDLESS = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
    "duckdb": "SELECT count(*) FROM range(1000000000) AS a, range(1000000000) AS b WHERE a.range + b.range = -1",
    "postgres": "SELECT count(*) FROM generate_series(1, 1000000000) AS a, generate_series(1, 1000) AS b",
    "mysql": "SELECT sleep(600)",
    "trino": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
}


async def fetch(source: Source, sql: str, **limits) -> list[tuple]:
    """Return the rows of *sql*, past the guard."""
    async with source.query(CheckedQuery(sql, source.dialect, 10_000), Limits(**limits)) as rows:
        return [row async for batch in rows for row in zip(*batch.columns, strict=True)]


@dataclass
class Database:
    """A database that a test fills, and the source that reads it."""

    kind: str
    url: str
    run: Callable[..., object]
    keys: bool = True
    opened: list[Source] = field(default_factory=list)

    @property
    def dialect(self) -> str:
        return "duckdb" if self.kind == "files" else self.kind

    @property
    def endless(self) -> str:
        return _ENDLESS[self.dialect]

    def quoted(self, name: str) -> str:
        mark = "`" if self.kind == "mysql" else '"'
        return mark + name.replace(mark, mark * 2) + mark

    def open(self, **more) -> Source:
        source = open_source("data", self.url, **more)
        self.opened.append(source)
        return source

    def checked(self, sql: str) -> CheckedQuery:
        return CheckedQuery(sql, self.dialect, 10_000)

    async def batches(self, source: Source, sql: str, **limits) -> list[Batch]:
        async with source.query(self.checked(sql), Limits(**limits)) as rows:
            return [batch async for batch in rows]

    async def rows(self, sql: str, **limits) -> list[tuple]:
        return await fetch(self.open(), sql, **limits)


def _sqlite(folder: Path) -> Database:
    path = folder / "data.db"
    sqlite3.connect(path).close()

    def run(*statements: str) -> None:
        with closing(sqlite3.connect(path)) as connection, connection:
            for statement in statements:
                connection.execute(statement)

    run("CREATE TABLE x (i)", "DROP TABLE x")  # an empty file is no database yet
    return Database("sqlite", f"sqlite:///{path}", run)


def _duckdb(folder: Path) -> Database:
    path = folder / "data.duckdb"

    def run(*statements: str) -> None:
        with duckdb.connect(str(path)) as connection:
            for statement in statements:
                connection.execute(statement)

    run()
    return Database("duckdb", f"duckdb:///{path}", run)


def _files(folder: Path) -> Database:
    """Tables go to files: the first to CSV, the second to Parquet, and so on."""
    memory = duckdb.connect(":memory:")

    def run(*statements: str) -> None:
        for statement in statements:
            memory.execute(statement)
        names = memory.execute("SELECT table_name FROM duckdb_tables() ORDER BY table_oid").fetchall()
        for number, (name,) in enumerate(names):
            quoted = '"' + name.replace('"', '""') + '"'
            file = str(folder / f"{name}.{'parquet' if number % 2 else 'csv'}").replace("'", "''")
            memory.execute(f"COPY {quoted} TO '{file}'")

    return Database("files", str(folder), run, keys=False)


@pytest.fixture
def trino() -> Iterator[TrinoServer]:
    """A Trino-speaking server with nothing in it."""
    with serving() as server:
        yield server


@pytest.fixture(params=["sqlite", "duckdb", "files", "postgres", "mysql", "trino"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """One database of each kind, empty."""
    match request.param:
        case "postgres" | "mysql":
            server = request.getfixturevalue(f"{request.param}_database")
            found = Database(request.param, server.url, server.run)
        case "trino":
            server = request.getfixturevalue("trino")
            found = Database("trino", server.url, server.run, keys=False)
        case "sqlite":
            found = _sqlite(tmp_path)
        case "duckdb":
            found = _duckdb(tmp_path)
        case _:
            found = _files(tmp_path)
    yield found
    for source in found.opened:
        await source.close()


@pytest.fixture
async def opened() -> AsyncIterator[Callable[..., Source]]:
    """`open_source` whose sources are closed when the test ends."""
    sources: list[Source] = []

    def open_and_remember(*args, **more) -> Source:
        sources.append(open_source(*args, **more))
        return sources[-1]

    yield open_and_remember
    for source in sources:
        await source.close()


@pytest.fixture
def shop(database: Database) -> Iterator[Database]:
    """Customers and 1,000 of their orders."""
    numbers = "(SELECT a.d + 10 * b.d + 100 * c.d AS i FROM digits AS a, digits AS b, digits AS c) AS n"
    database.run(
        "CREATE TABLE digits (d INTEGER NOT NULL)",
        "INSERT INTO digits VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)",
        "CREATE TABLE customers (id INTEGER PRIMARY KEY, name VARCHAR(50) NOT NULL, born DATE)",
        "INSERT INTO customers VALUES (1, 'Ada', '1815-12-10'), (2, 'Žofie', NULL), (3, 'Émile', '1840-04-02')",
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, amount DECIMAL(10,2),"
        " note VARCHAR(50), FOREIGN KEY (customer_id) REFERENCES customers (id))",
        f"INSERT INTO orders SELECT n.i, n.i % 3 + 1, n.i * 0.25, CASE WHEN n.i % 2 = 0 THEN 'even' END FROM {numbers}",
    )
    yield database
