"""The tables that the guard's cases ask: a small shop in every engine, and what its reader may read."""

import json
import sqlite3

import duckdb

from core.sources.guard import Readable
from levada.v1 import catalog_pb2

COLUMNS = {
    "customers": ("id", "name", "country", "tags"),
    "orders": ("id", "customer_id", "placed_at", "status", "total", "meta"),
    "staff": ("id", "boss_id", "name"),
    "Order Lines": ("line no", "order", "Qty", 'weird "name', "select"),
}
_CUSTOMERS = [(1, "Anna", "DE", ["vip", "new"]), (2, "Ben", "FR", ["new"]), (3, "Cora", "DE", []), (4, None, None, [])]
_ORDERS = [
    (1, 1, "2024-01-05 10:00:00", "paid", 120.5, {"channel": "web", "vip": True, "score": "7", "items": ["a", "b"]}),
    (2, 1, "2024-01-07 11:30:00", "new", 20, {"channel": "app", "items": ["c"]}),
    (3, 2, "2024-02-07 09:00:00", "paid", 60, {"items": []}),
    (4, None, "2024-02-09 23:59:59", "new", 75.25, {"channel": "web"}),
]
_STAFF = [(1, None, "Root"), (2, 1, "Mid"), (3, 2, "Leaf"), (4, 1, "Other")]
_LINES = [(1, 1, 2, "x", 9), (2, 1, 1, "y", 8), (3, 3, 5, None, 7)]
_WORDS = {
    "sqlite": {"list": "TEXT", "json": "TEXT", "time": "TEXT", "quote": '"'},
    "postgres": {"list": "text[]", "json": "jsonb", "time": "timestamp", "quote": '"'},
    "duckdb": {"list": "VARCHAR[]", "json": "JSON", "time": "TIMESTAMP", "quote": '"'},
    "mysql": {"list": "TEXT", "json": "JSON", "time": "DATETIME", "quote": "`"},
}


def readable(dialect: str, without: tuple[str, ...] = ()) -> Readable:
    """Return what the reader may read: everything but the columns in *without*, which are hidden."""
    return Readable.of(schema(dialect, without), schema(dialect))


def schema(dialect: str, without: tuple[str, ...] = ()) -> catalog_pb2.Schema:
    tables = [
        catalog_pb2.Table(
            name=table,
            primary_key=[columns[0]],
            columns=[catalog_pb2.Column(name=name) for name in columns if name not in without],
        )
        for table, columns in COLUMNS.items()
    ]
    return catalog_pb2.Schema(dialect=dialect, tables=tables)


def statements(dialect: str, more: int = 0) -> list[str]:
    """Return the SQL that makes the shop, its orders' totals raised by *more*."""
    words = _WORDS[dialect]
    quote, inner = words["quote"], '"' if dialect == "mysql" else '""'
    names = f"{quote}line no{quote} INT PRIMARY KEY, {quote}order{quote} INT, {quote}Qty{quote} INT"
    made = [
        f"CREATE TABLE customers (id INT PRIMARY KEY, name VARCHAR(50), country VARCHAR(2), tags {words['list']})",
        (
            f"CREATE TABLE orders (id INT PRIMARY KEY, customer_id INT, placed_at {words['time']}, "
            f"status VARCHAR(10), total NUMERIC(10, 2), meta {words['json']})"
        ),
        "CREATE TABLE staff (id INT PRIMARY KEY, boss_id INT, name VARCHAR(20))",
        (
            f"CREATE TABLE {quote}Order Lines{quote} ({names}, "
            f"{quote}weird {inner}name{quote} VARCHAR(5), {quote}select{quote} INT)"
        ),
    ]
    for table, rows in (
        ("customers", _CUSTOMERS),
        ("orders", [(*o[:4], o[4] + more, o[5]) for o in _ORDERS]),
        ("staff", _STAFF),
        ("Order Lines", _LINES),
    ):
        values = ", ".join(f"({', '.join(_value(value, dialect) for value in row)})" for row in rows)
        made.append(f"INSERT INTO {quote}{table}{quote} VALUES {values}")
    return made


def _value(value: object, dialect: str) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, dict):
        items = {"items": [{"sku": sku, "n": 1} for sku in value["items"]]} if "items" in value else {}
        return f"'{json.dumps({**value, **items})}'"
    if isinstance(value, list):
        inside = ", ".join(f"'{item}'" for item in value)
        return {"duckdb": f"[{inside}]", "postgres": f"ARRAY[{inside}]::text[]"}.get(dialect, f"'{json.dumps(value)}'")
    return str(value) if isinstance(value, int | float) else f"'{value}'"


def sqlite_shop(more: int = 0) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    for statement in statements("sqlite", more):
        connection.execute(statement)
    return connection


def duckdb_shop(more: int = 0) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for statement in statements("duckdb", more):
        connection.execute(statement)
    return connection
