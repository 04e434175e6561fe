"""What a DuckDB database holds, from its own catalogue and a few rows of each table."""

import time
from collections.abc import Sequence
from typing import Any

import duckdb

from core.sources.catalog import SAMPLE_ROWS, UNSAMPLED, samples
from core.sources.duckdb.databases import Files
from core.sources.duckdb.faults import words
from core.sources.duckdb.types import kind_of
from levada.v1.catalog_pb2 import Column, ForeignKey, Schema, Table

_SAMPLING_SECONDS = 2.0

_COLUMNS = """
SELECT c.schema_name, c.table_name, t.table_name IS NULL, coalesce(t.comment, v.comment), t.estimated_size,
       c.column_name, c.data_type, c.is_nullable, c.comment
FROM duckdb_columns() AS c
LEFT JOIN duckdb_tables() AS t ON t.table_oid = c.table_oid AND t.database_oid = c.database_oid
LEFT JOIN duckdb_views() AS v ON v.view_oid = c.table_oid AND v.database_oid = c.database_oid
WHERE NOT c.internal AND c.database_name = current_database()
ORDER BY c.schema_name, c.table_name, c.column_index
"""
_CONSTRAINTS = """
SELECT schema_name, table_name, constraint_type, constraint_column_names, referenced_table, referenced_column_names
FROM duckdb_constraints()
WHERE database_name = current_database() AND constraint_type IN ('PRIMARY KEY', 'UNIQUE', 'FOREIGN KEY')
ORDER BY schema_name, table_name, constraint_index
"""

Place = tuple[str, str]


def describe(connection: duckdb.DuckDBPyConnection, files: Files | None = None) -> Schema:
    """Return the tables and views; the views that *files* became count as tables. Blocks. Raises duckdb.Error."""
    tables = _read_columns(connection)
    _read_keys(connection, tables)
    schema = Schema()
    _sample(connection, tables, schema)
    for file in files.tables if files else ():
        table = tables["main", file.name]
        table.is_view = False
        if file.rows is not None:
            table.row_estimate = file.rows
    schema.problems.extend(files.problems if files else ())
    schema.tables.extend(tables.values())
    return schema


def _namespace(schema: str) -> str:
    return "" if schema == "main" else schema


def _read_columns(connection: duckdb.DuckDBPyConnection) -> dict[Place, Table]:
    tables: dict[Place, Table] = {}
    rows = connection.execute(_COLUMNS).fetchall()
    for schema, name, is_view, comment, estimate, column, native, nullable, about in rows:
        place = schema, name
        if place not in tables:
            tables[place] = Table(name=name, namespace=_namespace(schema), comment=comment or "", is_view=is_view)
            if estimate is not None:
                tables[place].row_estimate = estimate
        tables[place].columns.append(
            Column(name=column, type=kind_of(native), native_type=native, nullable=bool(nullable), comment=about or "")
        )
    return tables


def _read_keys(connection: duckdb.DuckDBPyConnection, tables: dict[Place, Table]) -> None:
    for schema, name, kind, columns, other, theirs in connection.execute(_CONSTRAINTS).fetchall():
        table = tables[schema, name]
        if kind == "FOREIGN KEY":
            table.foreign_keys.append(
                ForeignKey(
                    columns=columns,
                    referenced_namespace=_namespace(schema),
                    referenced_table=other,
                    referenced_columns=theirs,
                )
            )
            continue
        if kind == "PRIMARY KEY":
            table.primary_key.extend(columns)
        for column in table.columns:
            column.unique |= columns == [column.name]


def _sample(connection: duckdb.DuckDBPyConnection, tables: dict[Place, Table], schema: Schema) -> None:
    until = time.monotonic() + _SAMPLING_SECONDS
    unsampled = 0
    for place, table in tables.items():
        shown = [column for column in table.columns if column.type not in UNSAMPLED]
        if time.monotonic() > until:
            unsampled += 1
        elif shown:
            try:
                _add_samples(shown, _look(connection, place, shown))
            except duckdb.Error as error:
                schema.problems.append(f"{table.name} has no sample values: {words(error)}")
    if unsampled:
        schema.problems.append(f"{unsampled} tables have no sample values: reading them took too long.")


def _look(connection: duckdb.DuckDBPyConnection, place: Place, shown: Sequence[Column]) -> list[tuple[Any, ...]]:
    names = ", ".join(map(_quoted, (column.name for column in shown)))
    table = ".".join(map(_quoted, place))
    return connection.execute(f"SELECT {names} FROM {table} LIMIT {SAMPLE_ROWS}").fetchall()  # noqa: S608


def _add_samples(shown: Sequence[Column], rows: list[tuple[Any, ...]]) -> None:
    for column, values in zip(shown, zip(*rows, strict=True), strict=False):
        column.samples.extend(samples(values, column.type))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
