"""A small world over three sources, and DuckDB standing in for each of them and for where their results are joined."""

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import sqlglot
from sqlglot import exp

from core.models.offline.cross.joint import Joint
from core.models.offline.cross.split import split
from core.models.plans import Operation
from levada.v1 import event_pb2 as events
from levada.v1.catalog_pb2 import ForeignKey, Schema, Table

COLUMNS: Mapping[str, Mapping[str, str]] = {
    "customers": {"id": "BIGINT", "name": "VARCHAR", "country": "VARCHAR", "age": "BIGINT"},
    "orders": {"id": "BIGINT", "customer_id": "BIGINT", "total": "DOUBLE", "placed": "DATE"},
    "events": {"event_id": "BIGINT", "customer_id": "BIGINT", "kind": "VARCHAR", "at": "TIMESTAMP"},
    "reviews": {"id": "BIGINT", "customer_id": "VARCHAR", "stars": "BIGINT"},
}
HOMES = {"customers": "shop", "orders": "shop", "events": "clicks", "reviews": "opinions"}
_TYPES = {
    "BIGINT": events.COLUMN_TYPE_INTEGER,
    "VARCHAR": events.COLUMN_TYPE_TEXT,
    "DOUBLE": events.COLUMN_TYPE_DOUBLE,
    "DATE": events.COLUMN_TYPE_DATE,
    "TIMESTAMP": events.COLUMN_TYPE_TIMESTAMP,
}
Rows = Mapping[str, Sequence[tuple[Any, ...]]]


def joint(homes: Mapping[str, str] = HOMES, rows: Rows | None = None) -> Joint:
    """Return the world's joint schema, its tables where *homes* says."""
    schemas = {source: Schema(source=source, dialect="duckdb") for source in dict.fromkeys(homes.values())}
    for name, columns in COLUMNS.items():
        key = next(iter(columns))
        table = Table(name=name, primary_key=[key])
        if rows:
            table.row_estimate = len(rows[name])
        for column, type_ in columns.items():
            table.columns.add(name=column, type=_TYPES[type_], unique=column == key, nullable=column != key)
        if name == "orders" and homes["orders"] == homes["customers"]:
            table.foreign_keys.append(
                ForeignKey(columns=["customer_id"], referenced_table="customers", referenced_columns=["id"])
            )
        schemas[homes[name]].tables.append(table)
    return Joint(schemas, dict.fromkeys(schemas, "sql"))


class StandingIn:
    """The world in one database, of which each source may only be asked for what is its own."""

    def __init__(self) -> None:
        self.database, self.meeting = duckdb.connect(), duckdb.connect()
        for name, columns in COLUMNS.items():
            shown = ", ".join(f'"{column}" {type_}' for column, type_ in columns.items())
            self.database.execute(f"CREATE TABLE {name} ({shown})")

    def fill(self, rows: Rows) -> None:
        for name, columns in COLUMNS.items():
            self.database.execute(f"DELETE FROM {name}")
            if rows[name]:
                places = ", ".join(f"({', '.join('?' * len(columns))})" for _ in rows[name])
                self.database.execute(f"INSERT INTO {name} VALUES {places}", [v for row in rows[name] for v in row])

    def unsplit(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows that *sql* gives where all tables are in one place."""
        return self.database.execute(sql).fetchall()

    def splitted(self, sql: str, joint: Joint, *, wide: bool = False) -> tuple[list[tuple[Any, ...]], list[Operation]]:
        """Return the rows that the operations for *sql* give when they are joined, and the operations.

        With *wide*, values of others are always too many to be looked for.
        """
        operations, combined = split(sql, joint)
        results: dict[str, Any] = {}
        for operation in operations:
            assert set(operation.depends_on) <= set(results), "an operation comes after what it waits for"
            asked = operation.params.get("otherwise") if wide else None
            query = (asked or operation.params)["query"]
            for table in sqlglot.parse_one(query, read="duckdb").find_all(exp.Table):
                assert joint.home(table.name).source == operation.source, "a source is asked for what is its own"
            for name, place in operation.params.get("values", {}).items():
                of, column = place.split(".")
                found = {value for value in results[of].column(column).to_pylist() if value is not None}
                query = query.replace(f":{name}", ", ".join(map(repr, found)) or "NULL")
            results[operation.id] = self.database.sql(query).to_arrow_table()
            self.meeting.register(operation.id, results[operation.id])
        found = self.meeting.execute(combined.sql(dialect="duckdb")).fetchall()
        for id_ in results:
            self.meeting.unregister(id_)
        return found, operations
