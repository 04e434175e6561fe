"""Small worlds, each over several real sources."""

import datetime
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, closing
from pathlib import Path

import duckdb
import pytest
from qdrant_client import models

from core.sources import open_source
from core.sources.embedding.hashing import hashed
from core.sources.qdrant.writing import write_collection
from core.sources.sample.slack_server import slack_server
from core.sources.sample.slack_workspace import Workspace, channel, message, person
from tests.models.offline.cross.asking import World, world
from tests.mongodb import MongoDatabase

EMBEDDER = "hashing:256"
NOON = 1_717_200_000.0
"""1 June 2024, 0:00 UTC."""

SHOP = """
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, country TEXT, email TEXT UNIQUE);
CREATE TABLE products (id INTEGER PRIMARY KEY, name TEXT, price DECIMAL(8,2));
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers, product_id INTEGER
  REFERENCES products, total DECIMAL(8,2), ordered_on DATE);
INSERT INTO customers VALUES (1,'Ana','Portugal','ana@acme.example'),(2,'Ben','Germany','ben@acme.example'),
  (3,'Cleo','Germany','cleo@acme.example'),(4,'Dan','Spain','dan@acme.example');
INSERT INTO products VALUES (1,'Lamp',20),(2,'Desk',150),(3,'Chair',60);
INSERT INTO orders VALUES (1,1,1,20,'2024-03-05'),(2,1,2,150,'2024-04-10'),(3,2,3,120,'2024-04-20'),
  (4,3,1,40,'2024-05-02'),(5,3,2,150,'2024-05-30');
"""
CLICKS = [
    (1, 1, "view", 1), (2, 1, "view", 1), (3, 1, "cart", 2), (4, 2, "view", 3), (5, 2, "view", 3),
    (6, 2, "view", 4), (7, 3, "cart", 2), (8, 4, "view", 1),
]  # fmt: skip
REVIEWS = [
    (1, 1, 1, 5, "Lovely lamp, bright and warm"), (2, 2, 3, 2, "The chair came with late delivery, two weeks"),
    (3, 3, 2, 1, "Late delivery again, the desk was scratched"), (4, 1, 2, 4, "Solid desk"),
]  # fmt: skip


@pytest.fixture
async def shop(tmp_path: Path, mongodb_database: MongoDatabase, monkeypatch) -> AsyncIterator[World]:
    """A shop in SQLite, its clicks in MongoDB, its reviews in Qdrant, its support in Slack."""
    with closing(sqlite3.connect(tmp_path / "shop.db")) as connection:
        connection.executescript(SHOP)
    mongodb_database.fill(
        clicks=[
            {"_id": n, "customer_id": who, "kind": kind, "page": {"product_id": 1 + n % 3},
             "clicked_at": datetime.datetime(2024, month, 10, tzinfo=datetime.UTC)}
            for n, who, kind, month in CLICKS
        ]
    )  # fmt: skip
    fields = ("customer_id", "product_id", "stars", "text")
    points = [
        models.PointStruct(id=row[0], vector=hashed(row[-1], 256), payload=dict(zip(fields, row[1:], strict=True)))
        for row in REVIEWS
    ]
    write_collection(tmp_path / "points", "reviews", 256, points)
    people = [person(f"U000000{n}", name) for n, name in enumerate(("Ana", "Ben"), 1)]
    said = [message(NOON + n * 60, f"U000000{who}", text) for n, (who, text) in enumerate(
        [(1, "Where is my desk?"), (2, "My chair is late"), (2, "Still late")])]  # fmt: skip
    talk = Workspace("acme", people, [channel("C0SUPPORT", "support", "U0000001", "U0000002")], {"C0SUPPORT": said},
                     tokens=Workspace().tokens)  # fmt: skip
    monkeypatch.setenv("SLACK_USER_TOKEN", "xoxp-test")
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(slack_server(talk))
        yield await stack.enter_async_context(
            world(
                open_source("shop", f"sqlite:///{tmp_path}/shop.db"),
                open_source("clicks", mongodb_database.url),
                open_source("reviews", f"qdrant:///{tmp_path}/points", embedder=EMBEDDER),
                open_source("support", f"slack://acme?base_url={server.url}"),
            )
        )


@pytest.fixture
async def library(tmp_path: Path, mongodb_database: MongoDatabase) -> AsyncIterator[World]:
    """Authors and books in DuckDB, readers and what they borrowed in MongoDB, with fields within fields."""
    with duckdb.connect(tmp_path / "books.duckdb") as connection:
        connection.execute("""
            CREATE TABLE authors (author_id INTEGER PRIMARY KEY, name VARCHAR, country VARCHAR);
            CREATE TABLE books (book_id INTEGER PRIMARY KEY, title VARCHAR, author_id INTEGER REFERENCES authors,
              genre VARCHAR, pages INTEGER);
            INSERT INTO authors VALUES (1,'Ana Luz','Portugal'),(2,'Ben Ode','Germany'),(3,'Cleo Park','Germany');
            INSERT INTO books VALUES (1,'River',1,'novel',300),(2,'Delta',1,'novel',420),(3,'Atlas',2,'reference',900),
              (4,'Spring',3,'poetry',80);
        """)
    mongodb_database.fill(
        readers=[
            {"_id": 1, "name": "Ida", "address": {"city": "Berlin"}, "age": 34},
            {"_id": 2, "name": "Jon", "address": {"city": "Lisbon"}, "age": 51},
            {"_id": 3, "name": "Kim", "address": {"city": "Berlin"}},
        ],
        loans=[
            {"_id": n, "book_id": book, "reader_id": reader, "fee": fee}
            for n, book, reader, fee in [(1, 1, 1, 1.5), (2, 2, 1, 2.0), (3, 3, 2, 4.0), (4, 1, 2, 1.0), (5, 1, 1, 3.0)]
        ],
    )
    async with world(
        open_source("books", f"duckdb:///{tmp_path}/books.duckdb"), open_source("desk", mongodb_database.url)
    ) as found:
        yield found


@pytest.fixture
async def hospital(tmp_path: Path) -> AsyncIterator[World]:
    """Patients in SQLite; their visits in a CSV file, where the patients' numbers are text."""
    with closing(sqlite3.connect(tmp_path / "patients.db")) as connection:
        connection.executescript("""
            CREATE TABLE patients (patient_id INTEGER PRIMARY KEY, name TEXT, city TEXT, born DATE);
            INSERT INTO patients VALUES (1,'Ida','Berlin','1980-02-03'),(2,'Jon','Lisbon','1990-05-06'),
              (3,'Kim','Berlin','2001-07-08');
        """)
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "visits.csv").write_text(
        "visit_id,patient_id,ward,cost,visited_on\n1,P-1,heart,100.5,2024-01-03\n2,1,heart,50,2024-01-20\n"
        "3,2,eyes,80,2024-02-11\n4,2,heart,20,2024-03-02\n5,2,eyes,10,2024-03-09\n"
    )
    async with world(
        open_source("patients", f"sqlite:///{tmp_path}/patients.db"), open_source("files", str(folder))
    ) as found:
        yield found


@pytest.fixture
async def money(tmp_path: Path) -> AsyncIterator[World]:
    """Payments in several currencies in SQLite; in DuckDB what these were worth on each day."""
    with closing(sqlite3.connect(tmp_path / "payments.db")) as connection:
        connection.executescript("""
            CREATE TABLE payments (payment_id INTEGER PRIMARY KEY, payer TEXT, currency TEXT, amount INTEGER,
              paid_on DATE);
            INSERT INTO payments VALUES (1,'Ida','USD',10,'2024-01-01'),(2,'Ida','USD',20,'2024-01-02'),
              (3,'Jon','GBP',30,'2024-01-02'),(4,'Jon','CHF',40,'2024-01-03');
        """)
    with duckdb.connect(tmp_path / "rates.duckdb") as connection:
        connection.execute("""
            CREATE TABLE exchange (day DATE, currency VARCHAR, rate DOUBLE, PRIMARY KEY (day, currency));
            INSERT INTO exchange VALUES ('2024-01-01','USD',2.0),('2024-01-02','USD',4.0),('2024-01-01','GBP',7.0),
              ('2024-01-02','GBP',8.0);
        """)
    async with world(
        open_source("payments", f"sqlite:///{tmp_path}/payments.db"),
        open_source("rates", f"duckdb:///{tmp_path}/rates.duckdb"),
    ) as found:
        yield found


@pytest.fixture
async def fleet(tmp_path: Path) -> AsyncIterator[World]:
    """Three databases: drivers, their trips, and the stations where they filled up, each in one of its own."""
    tables = {
        "people": """
            CREATE TABLE drivers (driver_id INTEGER PRIMARY KEY, name TEXT, depot TEXT);
            INSERT INTO drivers VALUES (1,'Ida','North'),(2,'Jon','South'),(3,'Kim','North');
        """,
        "road": """
            CREATE TABLE trips (trip_id INTEGER PRIMARY KEY, driver_id INTEGER, distance INTEGER, started DATE);
            INSERT INTO trips VALUES (1,1,120,'2024-01-05'),(2,1,80,'2024-02-07'),(3,2,300,'2024-02-20');
        """,
        "fuel": """
            CREATE TABLE refuels (refuel_id INTEGER PRIMARY KEY, driver_id INTEGER, litres DECIMAL(8,2), station TEXT);
            INSERT INTO refuels VALUES (1,1,40,'Oslo'),(2,2,90,'Rome'),(3,2,30,'Oslo'),(4,3,20,'Rome');
        """,
    }
    for name, statements in tables.items():
        with closing(sqlite3.connect(tmp_path / f"{name}.db")) as connection:
            connection.executescript(statements)
    async with world(*(open_source(name, f"sqlite:///{tmp_path}/{name}.db") for name in tables)) as found:
        yield found
