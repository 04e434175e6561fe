"""Loads the sample shop into an empty PostgreSQL or DuckDB database, and the clicks on its pages into MongoDB."""

import asyncio
import csv
import io
import re
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from core.errors import InvalidRequest
from core.sources.sample.shop import schema_sql
from core.sources.sample.vocabulary import comments
from core.sources.sample.writing import ensure, write

# An empty field and NULL must not look alike.
NULL = r"\N"


async def copy_to(url: str, shop: Path | None = None) -> None:
    """Create the shop's tables at *url* (postgresql://… or duckdb:///FILE) and fill them.

    At mongodb://… it is the clicks of the shop at *shop*, which is written first unless it is there.

    Raises InvalidRequest for another kind of URL; the database's own error when tables of these names exist.
    """
    kind = urlsplit(url).scheme.partition("+")[0]
    loaders = {"postgresql": _into_postgres, "postgres": _into_postgres, "duckdb": _into_duckdb}
    if kind == "mongodb" and shop is not None:
        await asyncio.to_thread(_into_mongodb, url, ensure(shop))
        return
    if kind not in loaders:
        known = "postgresql://, duckdb:///FILE or mongodb://"
        raise InvalidRequest({"to": f"Sample data goes to {known}, not to {kind}://."})
    with tempfile.TemporaryDirectory(prefix="levada-sample-") as folder:
        path = Path(folder) / "shop.sqlite"
        await asyncio.to_thread(write, path)
        await loaders[kind](url, path)


async def _into_postgres(url: str, path: Path) -> None:
    import asyncpg

    parts = urlsplit(url)
    connection = await asyncpg.connect(parts._replace(scheme="postgresql").geturl())
    try:
        async with connection.transaction():
            tables, indexes = _statements()
            await connection.execute(tables)
            for table, data in _tables(path):
                await connection.copy_to_table(table, source=io.BytesIO(data), format="csv", null=NULL)
            await connection.execute(indexes)
            await connection.execute(_comments())
        await connection.execute("ANALYZE")
    finally:
        await connection.close()


def _into_mongodb(url: str, shop: Path) -> None:
    import pymongo

    from core.sources.sample.siblings import clicks, searches

    client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(url)
    with closing(client):
        database: Any = client.get_default_database()
        database["clicks"].insert_many([one.document() for one in clicks(shop)])
        database["searches"].insert_many([one.document() for one in searches(shop)])


async def _into_duckdb(url: str, path: Path) -> None:
    await asyncio.to_thread(_load_duckdb, url.partition("://")[2].removeprefix("/"), path)


def _load_duckdb(target: str, path: Path) -> None:
    import duckdb

    with closing(duckdb.connect(target)) as connection:
        tables, indexes = _statements()
        connection.execute(tables)
        for table, data in _tables(path):
            file = path.with_name(f"{table}.csv")
            file.write_bytes(data)
            connection.execute(f"COPY {table} FROM '{file}' (FORMAT csv, HEADER false, NULLSTR '{NULL}')")
            file.unlink()
        connection.execute(indexes)
        connection.execute(_comments())


def _statements() -> tuple[str, str]:
    tables, indexes = schema_sql().split("CREATE INDEX", 1)
    return tables, f"CREATE INDEX{indexes}"


def _comments() -> str:
    return ";".join(
        f"COMMENT ON {'COLUMN' if '.' in name else 'TABLE'} {name} IS '{text.replace(chr(39), chr(39) * 2)}'"
        for name, text in comments().items()
    )


def _tables(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield each table as CSV, parents first."""
    with closing(sqlite3.connect(path)) as database:
        for table in re.findall(r"CREATE TABLE (\w+)", schema_sql()):
            text = io.StringIO()
            rows = database.execute(f"SELECT * FROM {table} ORDER BY 1")  # noqa: S608 - our own names
            csv.writer(text).writerows([NULL if value is None else value for value in row] for row in rows)
            yield table, text.getvalue().encode()
