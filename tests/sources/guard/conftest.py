"""The shop in each engine that a wheel brings, as a function that runs a query there and returns its rows.

No wheel brings Trino: its SQL is run in DuckDB, by sqlglot's own reading of it.
"""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
import sqlglot

from tests.postgres import PostgresDatabase
from tests.sources.guard import shop

Run = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture(scope="session")
def postgres(postgres_server: str) -> str:
    PostgresDatabase("postgres", postgres_server, "postgres").run("CREATE DATABASE guard")
    return PostgresDatabase("guard", postgres_server, "postgres").admin_url


def _shops(postgres: str, more: int) -> Iterator[dict[str, Run]]:
    schema = "public" if more == 0 else "other"
    sqlite, duckdb = shop.sqlite_shop(more), shop.duckdb_shop(more)
    with psycopg.connect(postgres, autocommit=True) as server, sqlite, duckdb:
        server.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        server.execute(f"SET search_path = {schema}")
        for statement in shop.statements("postgres", more):
            server.execute(statement)
        yield {
            "sqlite": lambda sql: sqlite.execute(sql).fetchall(),
            "duckdb": lambda sql: duckdb.execute(sql).fetchall(),
            "postgres": lambda sql: server.execute(sql).fetchall(),
            "trino": lambda sql: duckdb.execute(*sqlglot.transpile(sql, read="trino", write="duckdb")).fetchall(),
        }
    sqlite.close()


@pytest.fixture(scope="session")
def engines(postgres: str) -> Iterator[dict[str, Run]]:
    yield from _shops(postgres, 0)


@pytest.fixture(scope="session")
def engines_with_other_totals(postgres: str) -> Iterator[dict[str, Run]]:
    yield from _shops(postgres, 1000)
