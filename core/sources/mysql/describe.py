"""What a MySQL or MariaDB database holds, as far as this user may read it, from information_schema."""

import logging
import time
from collections import defaultdict
from functools import cache
from typing import Any

import asyncmy
from asyncmy import errors

from core.sources.catalog import SAMPLE_ROWS, UNSAMPLED, samples
from core.sources.mysql.connections import result_fields
from core.sources.mysql.types import conversion, converted, kind_of_native
from levada.v1 import event_pb2 as events
from levada.v1.catalog_pb2 import Column, ForeignKey, Schema, Table

_SAMPLING_SECONDS = 1.5
_TABLE_SECONDS = 0.25
_log = logging.getLogger(__name__)

_OURS = "{0} NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys') AND (%s = '' OR {0} = %s)"
_TABLES = f"""
SELECT table_schema, table_name, table_type, table_rows, table_comment
FROM information_schema.tables WHERE {_OURS.format("table_schema")}
ORDER BY table_schema, table_name
"""  # noqa: S608 - constant text
_COLUMNS = f"""
SELECT table_schema, table_name, column_name, column_type, is_nullable, column_comment
FROM information_schema.columns WHERE {_OURS.format("table_schema")}
ORDER BY table_schema, table_name, ordinal_position
"""  # noqa: S608
_KEYS = f"""
SELECT table_schema, table_name, constraint_name, column_name,
       referenced_table_schema, referenced_table_name, referenced_column_name
FROM information_schema.key_column_usage WHERE {_OURS.format("table_schema")}
ORDER BY table_schema, table_name, constraint_name, ordinal_position
"""  # noqa: S608
_UNIQUE = f"""
SELECT table_schema, table_name, min(column_name)
FROM information_schema.statistics WHERE non_unique = 0 AND {_OURS.format("table_schema")}
GROUP BY table_schema, table_name, index_name HAVING count(*) = 1 AND min(sub_part) IS NULL
"""  # noqa: S608

Place = tuple[str, str]


async def describe(connection: asyncmy.Connection, source: str, database: str) -> Schema:
    """Return the tables and views of *database*, or of all that the user sees. Raises asyncmy's errors."""
    return await _Description(connection, source, database).read()


class _Description:
    def __init__(self, connection: asyncmy.Connection, source: str, database: str) -> None:
        self._connection, self._source, self._database = connection, source, database
        self._schema = Schema()
        self._tables: dict[Place, Table] = {}

    async def read(self) -> Schema:
        await self._warn_of_rights()
        await self._read_tables()
        await self._read_keys()
        await self._sample()
        self._schema.tables.extend(self._tables.values())
        return self._schema

    async def _ask(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        async with self._connection.cursor() as cursor:
            await cursor.execute(sql, values or None)
            return await cursor.fetchall()

    async def _ours(self, sql: str) -> list[tuple[Any, ...]]:
        return await self._ask(sql, self._database, self._database)

    async def _warn_of_rights(self) -> None:
        grants = " ".join(str(row[0]) for row in await self._ask("SHOW GRANTS"))
        everywhere = grants.partition(" ON *.*")[0] if " ON *.*" in grants else ""
        if not any(right in everywhere for right in ("ALL PRIVILEGES", "FILE", "SUPER", "INSERT", "UPDATE", "DROP")):
            return
        problem = (
            f"The database user of source {self._source} may change data or use the server's files; give Levada a"
            " user that may only read tables."
        )
        self._schema.problems.append(problem)
        _warn_once(problem)

    def _namespace(self, database: str) -> str:
        return "" if self._database else database

    async def _read_tables(self) -> None:
        for schema, name, kind, rows, comment in await self._ours(_TABLES):
            is_view = "VIEW" in kind
            table = Table(name=name, namespace=self._namespace(schema), is_view=is_view)
            if not is_view:
                table.comment = comment or ""
            if rows is not None and not is_view:
                table.row_estimate = rows
            self._tables[schema, name] = table
        for schema, name, column, native, nullable, comment in await self._ours(_COLUMNS):
            if (schema, name) in self._tables:
                self._tables[schema, name].columns.add(
                    name=column,
                    type=kind_of_native(_as_text(native)),
                    native_type=_as_text(native),
                    nullable=nullable == "YES",
                    comment=comment or "",
                )

    async def _read_keys(self) -> None:
        foreign: dict[tuple[str, str, str, str, str], list[tuple[str, str]]] = defaultdict(list)
        for schema, name, constraint, column, other_schema, other, other_column in await self._ours(_KEYS):
            if constraint == "PRIMARY" and (schema, name) in self._tables:
                self._tables[schema, name].primary_key.append(column)
            if other and (schema, name) in self._tables:
                foreign[schema, name, constraint, other_schema, other].append((column, other_column))
        for (schema, name, _, other_schema, other), pairs in foreign.items():
            self._tables[schema, name].foreign_keys.append(
                ForeignKey(
                    columns=[pair[0] for pair in pairs],
                    referenced_namespace=self._namespace(other_schema),
                    referenced_table=other,
                    referenced_columns=[pair[1] for pair in pairs],
                )
            )
        for schema, name, unique in await self._ours(_UNIQUE):
            for column in self._tables[schema, name].columns if (schema, name) in self._tables else ():
                column.unique |= column.name == unique

    async def _sample(self) -> None:
        until = time.monotonic() + _SAMPLING_SECONDS
        await self._limit_statements()
        unsampled = 0
        for place, table in self._tables.items():
            if time.monotonic() > until:
                unsampled += 1
                continue
            try:
                await self._look(place, table)
            except errors.MySQLError as error:
                if not self._connection.connected:
                    raise
                self._schema.problems.append(f"{table.name} has no sample values: {error.args[-1]}")
        if unsampled:
            self._schema.problems.append(f"{unsampled} tables have no sample values: reading them took too long.")

    async def _limit_statements(self) -> None:
        maria = "MariaDB" in self._connection.get_server_info()
        most = (
            f"max_statement_time = {_TABLE_SECONDS}" if maria else f"max_execution_time = {_TABLE_SECONDS * 1000:.0f}"
        )
        await self._ask(f"SET SESSION {most}")

    async def _look(self, place: Place, table: Table) -> None:
        shown = [column for column in table.columns if column.type not in UNSAMPLED]
        if not shown:
            return
        names = ", ".join(map(_short, shown))
        where = ".".join(map(_quoted, place))
        async with self._connection.cursor() as cursor:
            await cursor.execute(f"SELECT {names} FROM {where} LIMIT {SAMPLE_ROWS}")  # noqa: S608 - names are quoted
            fields = result_fields(self._connection)
            rows = await cursor.fetchall()
        columns = zip(shown, fields, zip(*rows, strict=True), strict=True) if rows else ()
        for column, field, values in columns:
            found = converted(values, conversion(field))
            if column.type == events.COLUMN_TYPE_BOOLEAN:
                if not {0, 1}.issuperset(value for value in found if value is not None):
                    column.type = events.COLUMN_TYPE_INTEGER
                else:
                    found = [None if value is None else bool(value) for value in found]
            column.samples.extend(samples(found, column.type))


@cache
def _warn_once(problem: str) -> None:
    _log.warning(problem)


def _as_text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _short(column: Column) -> str:
    """Read no more of long texts than it takes to know them for long. A TIME may be no time of day: as text then."""
    name = _quoted(column.name)
    if column.type == events.COLUMN_TYPE_TIME:
        return f"CAST({name} AS CHAR)"
    return f"LEFT({name}, 100)" if column.type == events.COLUMN_TYPE_TEXT else name
