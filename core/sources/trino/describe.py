"""What a Trino catalogue holds, from its information schema, its statistics and a few rows of each table."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from core.errors import QueryFailed, QueryTimeout, SourceError, SourceUnavailable
from core.sources.catalog import SAMPLE_ROWS, UNSAMPLED, samples
from core.sources.looking import Looked, count
from core.sources.trino.address import Address
from core.sources.trino.literals import literal
from core.sources.trino.types import kind_of
from levada.v1.catalog_pb2 import Column, Schema, Table

_SECONDS = 30.0
_SAMPLING_SECONDS = 3.0
_TABLE_SECONDS = 2.0
_AT_ONCE = 4

_OURS = "table_schema <> 'information_schema'"
_TABLES = "SELECT table_schema, table_name, table_type FROM information_schema.tables WHERE {} ORDER BY 1, 2"
_COLUMNS = """
SELECT table_schema, table_name, column_name, data_type, is_nullable, comment
FROM information_schema.columns WHERE {} ORDER BY table_schema, table_name, ordinal_position
"""
_COMMENTS = """
SELECT schema_name, table_name, comment FROM system.metadata.table_comments
WHERE catalog_name = {} AND schema_name IN ({}) AND comment IS NOT NULL
"""

Ask = Callable[[str, float], Awaitable[Sequence[Sequence[Any]]]]
Place = tuple[str, str]


async def describe(ask: Ask, address: Address, looked: Looked) -> Schema:
    """Return the tables and views of the schema that *address* names, or of all; *looked* hears of each.

    Raises SourceUnavailable.
    """
    description = _Description(ask, address, looked)
    try:
        await description.read()
    except SourceUnavailable:
        raise
    except SourceError as error:
        raise SourceUnavailable(error.message) from error
    return description.schema


class _Description:
    def __init__(self, ask: Ask, address: Address, looked: Looked) -> None:
        self._ask, self._address, self._looked = ask, address, looked
        self._tables: dict[Place, Table] = {}
        self._until = 0.0
        self._unsampled = 0
        self.schema = Schema()

    async def read(self) -> None:
        await self._read_tables()
        await self._read_comments()
        self._until = time.monotonic() + _SAMPLING_SECONDS
        places = asyncio.Semaphore(_AT_ONCE)
        async with asyncio.TaskGroup() as group:
            looks = [group.create_task(self._look(places, place, table)) for place, table in self._tables.items()]
            count(looks, self._looked)
        if self._unsampled:
            self.schema.problems.append(f"{self._unsampled} tables have no sample values: reading them took too long.")
        self.schema.tables.extend(self._tables.values())

    async def _rows(self, sql: str, seconds: float = _SECONDS) -> list[tuple[Any, ...]]:
        return list(zip(*await self._ask(sql, seconds), strict=True))

    async def _read_tables(self) -> None:
        wanted = self._address.schema
        ours = f"table_schema = {literal(wanted.lower())}" if wanted else _OURS
        for schema, name, kind in await self._rows(_TABLES.format(ours)):
            namespace = "" if wanted else schema
            self._tables[schema, name] = Table(name=name, namespace=namespace, is_view="VIEW" in kind)
        for schema, name, column, native, nullable, comment in await self._rows(_COLUMNS.format(ours)):
            if (schema, name) in self._tables:
                self._tables[schema, name].columns.add(
                    name=column,
                    type=kind_of(native),
                    native_type=native,
                    nullable=nullable == "YES",
                    comment=comment or "",
                )

    async def _read_comments(self) -> None:
        """Who may not read Trino's own tables has no comments, and no harm."""
        schemas = ", ".join(sorted({literal(schema) for schema, _ in self._tables}))
        if not schemas:
            return
        try:
            found = await self._rows(_COMMENTS.format(literal(self._address.catalog), schemas))
        except (QueryFailed, QueryTimeout) as error:
            self.schema.problems.append(f"The tables' comments could not be read: {error.message}")
            return
        for schema, name, comment in found:
            if (schema, name) in self._tables:
                self._tables[schema, name].comment = comment

    async def _look(self, places: asyncio.Semaphore, place: Place, table: Table) -> None:
        async with places:
            if time.monotonic() > self._until:
                self._unsampled += 1
                return
            try:
                if not table.is_view:
                    await self._estimate(place, table)
                await self._sample(place, table)
            except SourceError as error:
                self.schema.problems.append(f"{table.name} has no sample values: {error.message}")

    async def _estimate(self, place: Place, table: Table) -> None:
        """The statistics' last row is about the whole table; catalogues without statistics leave it empty."""
        for column, *_, rows, _low, _high in await self._rows(f"SHOW STATS FOR {_named(place)}", _TABLE_SECONDS):
            if column is None and rows is not None and math.isfinite(rows):
                table.row_estimate = int(rows)

    async def _sample(self, place: Place, table: Table) -> None:
        shown: list[Column] = [column for column in table.columns if column.type not in UNSAMPLED]
        if not shown:
            return
        names = ", ".join(_quoted(column.name) for column in shown)
        sql = f"SELECT {names} FROM {_named(place)} LIMIT {SAMPLE_ROWS}"  # noqa: S608 - names are quoted
        for column, values in zip(shown, await self._ask(sql, _TABLE_SECONDS), strict=True):
            column.samples.extend(samples(values, column.type))


def _named(place: Place) -> str:
    return ".".join(map(_quoted, place))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
