"""Small worlds, each over several real sources."""

import datetime
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, closing
from pathlib import Path

import pytest
from qdrant_client import models

from core.sources import open_source
from core.sources.embedding.hashing import hashed
from core.sources.qdrant.writing import write_collection
from tests.mongodb import MongoDatabase
from tests.models.offline.cross.asking import World, world
from tests.slack_server import slack_server
from tests.slack_workspace import Workspace, channel, message, person

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
