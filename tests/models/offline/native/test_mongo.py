"""What the planner says in SQL gives the same rows in MongoDB's own language."""

import datetime
import random
from collections.abc import AsyncIterator
from typing import Any

import duckdb
import pytest
import sqlglot

from core.models.offline.cross.joint import Joint
from core.models.offline.cross.scope import qualified
from core.models.offline.cross.writing import Writer, text_of
from core.models.offline.native import CannotSay
from core.sources import open_source
from core.sources.base import Source
from core.sources.mongodb.query import read
from levada.v1.catalog_pb2 import Schema
from tests.models.offline.cross.queries import select
from tests.models.offline.cross.standing_in import COLUMNS
from tests.mongodb import MongoDatabase

DAY = datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)


def documents() -> dict[str, list[dict[str, Any]]]:
    """Return a small shop's documents; what is not known is null in some and missing in others."""
    any_ = random.Random(7)

    def some(**known: Any) -> dict[str, Any]:
        return {key: value for key, value in known.items() if value is not None or any_.random() < 0.5}

    def day() -> datetime.datetime:
        return DAY + datetime.timedelta(any_.randrange(70))

    who = [None, *range(1, 9)]
    return {
        "customers": [
            some(id=n, name=f"c{n % 3}", country=any_.choice(["PT", "DE", None]), age=any_.choice([None, 25, 35, 50]))
            for n in range(1, 7)
        ],
        "orders": [
            some(id=n, customer_id=any_.choice(who), total=any_.choice([10.0, 40.0, 60.0, None]), placed=day())
            for n in range(12)
        ],
        "events": [
            some(event_id=n, customer_id=any_.choice(who), kind=any_.choice(["view", "buy", "Basket"]), at=day())
            for n in range(12)
        ],
        "reviews": [some(id=n, customer_id=any_.choice(who), stars=any_.randrange(1, 6)) for n in range(9)],
    }


class Twins:
    """The same rows in MongoDB and in DuckDB."""

    def __init__(self, source: Source, schema: Schema, database: MongoDatabase) -> None:
        self.source, self.schema, self.database = source, schema, database
        self.joint = Joint({"shop": schema}, {"shop": "mongodb"})
        self.sql = duckdb.connect()
        for name, rows in documents().items():
            columns = COLUMNS[name] | {"customer_id": "BIGINT"} if name == "reviews" else COLUMNS[name]
            shown = ", ".join(f'"{column}" {type_}' for column, type_ in columns.items())
            self.sql.execute(f"CREATE TABLE {name} ({shown})")
            values = [[row.get(column) for column in columns] for row in rows]
            self.sql.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(columns))})", values)

    def found(self, sql: str) -> tuple[list[tuple[Any, ...]], str]:
        """Return the rows that MongoDB gives for *sql*, and what it was asked. Raises CannotSay."""
        tree = qualified(sqlglot.parse_one(sql, read="duckdb"), self.joint)
        assert isinstance(tree, sqlglot.exp.Query)
        text = text_of(Writer(self.joint).params(tree))
        query = read(self.source.check(text, self.schema, 1_000).text)
        names = [name for name in query.pipeline[-2]["$project"] if name != "_id"]
        rows = self.database.client[self.database.name][query.collection].aggregate(query.pipeline)
        return [tuple(row.get(name) for name in names) for row in rows], text


@pytest.fixture
async def twins(mongodb_database: MongoDatabase) -> AsyncIterator[Twins]:
    mongodb_database.fill(**documents())
    source = open_source("shop", mongodb_database.url)
    yield Twins(source, await source.describe(), mongodb_database)
    await source.close()


def _alike(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted((tuple(map(_plain, row)) for row in rows), key=repr)


def _plain(value: Any) -> Any:
    """Return *value* as both write it; a total of nothing is 0 in MongoDB."""
    if isinstance(value, datetime.date):
        return value.isoformat()[:10]
    return value if isinstance(value, str) else round(float(value or 0), 6)


def test_a_pipeline_gives_the_rows_that_the_sql_gives(twins: Twins) -> None:
    said = 0
    for number in range(150):
        sql = select(random.Random(number))
        try:
            found, text = twins.found(sql)
        except CannotSay:
            continue
        said += 1
        assert _alike(found) == _alike(twins.sql.execute(sql).fetchall()), (number, sql, text)
    assert said > 50, "most queries have words in MongoDB's language"
