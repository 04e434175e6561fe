"""What stands behind the protocol: Trino's SQL run in DuckDB, with the tables that Trino tells of itself."""

import re
from typing import Any

import duckdb
import sqlglot

from tests.trino_server.types import native

CATALOG = "memory"
_OWN_TABLES = {
    "information_schema.columns": "told.columns",
    "information_schema.tables": "told.tables",
    "system.metadata.table_comments": "told.comments",
}
_IMMEDIATE = re.compile(r"EXECUTE IMMEDIATE '((?:[^']|'')*)' USING (.*)", re.DOTALL)
_TELL = """
CREATE OR REPLACE TABLE told.tables AS
    SELECT table_schema, table_name, table_type FROM information_schema.tables WHERE table_schema <> 'told';
CREATE OR REPLACE TABLE told.comments AS
    SELECT database_name AS catalog_name, schema_name, table_name, comment FROM duckdb_tables();
"""
_TELL_COLUMNS = """
CREATE OR REPLACE TABLE told.columns AS
    SELECT schema_name AS table_schema, table_name, column_name, native AS data_type, comment,
           CASE WHEN is_nullable THEN 'YES' ELSE 'NO' END AS is_nullable, column_index AS ordinal_position
    FROM duckdb_columns() JOIN told.types ON own = data_type
    WHERE NOT internal AND schema_name <> 'told';
"""


class Engine:
    """One catalogue, in memory. *database* is for tests to fill."""

    def __init__(self) -> None:
        self.database = duckdb.connect(":memory:")
        self.database.execute("SET TimeZone = 'UTC'; CREATE SCHEMA told")

    def run(self, *statements: str) -> None:
        for statement in statements:
            self.database.execute(statement)

    def execute(self, cursor: duckdb.DuckDBPyConnection, sql: str) -> None:
        """Run *sql*, Trino's, on *cursor*, which belongs to one query. Raises duckdb.Error, sqlglot's errors."""
        if sql.startswith("EXECUTE IMMEDIATE"):
            text, values = self._bound(cursor, sql)
        elif sql.startswith("SHOW STATS FOR "):
            text, values = self._stats(sql.removeprefix("SHOW STATS FOR ")), []
        else:
            text, values = sql, []
        for own, told in _OWN_TABLES.items():
            if own in text:
                self._tell(cursor)
            text = text.replace(own, told)
        (statement,) = sqlglot.transpile(text, read="trino", write="duckdb")
        cursor.execute(statement, values)

    @staticmethod
    def _bound(cursor: duckdb.DuckDBPyConnection, sql: str) -> tuple[str, list[Any]]:
        found = _IMMEDIATE.fullmatch(sql)
        if not found:
            raise ValueError("mismatched input after EXECUTE IMMEDIATE")
        (values,) = sqlglot.transpile(f"SELECT {found[2]}", read="trino", write="duckdb")
        return found[1].replace("''", "'"), list(cursor.execute(values).fetchone() or ())

    @staticmethod
    def _stats(table: str) -> str:
        empty = "CAST(NULL AS DOUBLE)"
        columns = f"CAST(NULL AS VARCHAR) AS column_name, {empty} AS data_size, {empty} AS distinct_values_count"
        bounds = "CAST(NULL AS VARCHAR) AS low_value, CAST(NULL AS VARCHAR) AS high_value"
        return (
            f"SELECT {columns}, {empty} AS nulls_fraction, CAST(count(*) AS DOUBLE) AS row_count, {bounds} FROM {table}"
        )

    def _tell(self, cursor: duckdb.DuckDBPyConnection) -> None:
        written = [row[0] for row in cursor.execute("SELECT DISTINCT data_type FROM duckdb_columns()").fetchall()]
        names = ", ".join(f"({_text(name)}, {_text(_native(name))})" for name in written)
        cursor.execute(
            f"{_TELL} CREATE OR REPLACE TABLE told.types AS SELECT * FROM (VALUES {names}) AS t(own, native)"
        )
        cursor.execute(_TELL_COLUMNS)


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _native(written: str) -> str:
    return native(duckdb.sqltype(re.sub(r"^NULL$", "VARCHAR", written)))
