"""What a PostgreSQL database holds, as far as this user may read it, from its catalogue and statistics."""

import json
import logging
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cache
from importlib.resources import files
from typing import Any

import asyncpg

from core.sources.catalog import SAMPLE_ROWS, SAMPLES, UNSAMPLED, samples
from core.sources.postgres.types import kind_of_category
from levada.v1 import event_pb2 as events
from levada.v1.catalog_pb2 import Column, ForeignKey, Schema, Table

_SAMPLING_SECONDS = 1.5
_TABLE_SECONDS = 0.25
_COUNTED_ROWS = 10_000
_log = logging.getLogger(__name__)


@cache
def _statements() -> dict[str, str]:
    text = files(__package__).joinpath("catalog.sql").read_text(encoding="utf-8")
    parts = (part.partition("\n") for part in text.split("-- name: ")[1:])
    return {name.strip(): body.strip() for name, _, body in parts}


async def describe(connection: asyncpg.Connection, source: str) -> Schema:
    """Return the tables and views. Raises asyncpg's errors."""
    return await _Description(connection, source).read()


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


class _Description:
    def __init__(self, connection: asyncpg.Connection, source: str) -> None:
        self._connection, self._source = connection, source
        self._schema = Schema()
        self._tables: dict[int, Table] = {}
        self._places: dict[int, str] = {}
        self._names: dict[tuple[int, int], str] = {}
        self._columns: dict[tuple[int, str], Column] = {}

    async def read(self) -> Schema:
        await self._warn_of_rights()
        estimates = await self._read_tables()
        await self._read_columns()
        await self._read_keys()
        known = await self._read_statistics()
        await self._look_at_the_rest(known, estimates)
        self._schema.tables.extend(self._tables.values())
        return self._schema

    async def _ask(self, name: str, *values: Any) -> list[Mapping[str, Any]]:
        return await self._connection.fetch(_statements()[name], *values)

    async def _warn_of_rights(self) -> None:
        rights = (await self._ask("rights"))[0]
        if not (rights["superuser"] or rights["server_files"]):
            return
        may = "is a superuser" if rights["superuser"] else "may use the server's files or programs"
        problem = f"The database user of source {self._source} {may}; give Levada a user that may only read tables."
        self._schema.problems.append(problem)
        _warn_once(problem)

    async def _read_tables(self) -> dict[int, int]:
        rows = await self._ask("tables")
        for row in rows:
            self._tables[row["oid"]] = Table(
                name=row["name"],
                namespace="" if row["visible"] else row["namespace"],
                comment=row["comment"] or "",
                is_view=row["is_view"],
            )
            self._places[row["oid"]] = f"{quoted(row['namespace'])}.{quoted(row['name'])}"
        self._namespaces = sorted({row["namespace"] for row in rows})
        return {row["oid"]: row["estimate"] for row in rows}

    async def _read_columns(self) -> None:
        for row in await self._ask("columns", list(self._tables)):
            column = self._tables[row["oid"]].columns.add(
                name=row["name"],
                type=kind_of_category(row["type_name"], row["category"]),
                native_type=row["native"],
                nullable=not row["not_null"],
                comment=row["comment"] or "",
            )
            self._names[row["oid"], row["number"]] = row["name"]
            self._columns[row["oid"], row["name"]] = column

    async def _read_keys(self) -> None:
        for row in await self._ask("keys", list(self._tables)):
            own = self._named(row["oid"], row["columns"])
            if not own:
                continue
            if row["kind"] == "p":
                self._tables[row["oid"]].primary_key.extend(own)
            elif theirs := self._named(row["other"], row["other_columns"]):
                self._add_foreign_key(self._tables[row["oid"]], own, self._tables[row["other"]], theirs)
        for row in await self._ask("unique", list(self._tables)):
            for name in self._named(row["oid"], [row["number"]]):
                self._columns[row["oid"], name].unique = True

    def _add_foreign_key(self, table: Table, own: list[str], other: Table, theirs: list[str]) -> None:
        table.foreign_keys.append(
            ForeignKey(
                columns=own,
                referenced_namespace=other.namespace,
                referenced_table=other.name,
                referenced_columns=theirs,
            )
        )

    def _named(self, oid: int, numbers: list[int]) -> list[str]:
        """Return the columns' names; none when one of them may not be read."""
        names = [self._names.get((oid, number)) for number in numbers]
        return [name for name in names if name is not None] if None not in names else []

    async def _read_statistics(self) -> set[int]:
        """Take samples from what ANALYZE has kept; return the tables that it has seen."""
        seen = set()
        for row in await self._ask("statistics", self._namespaces):
            column = self._columns.get((row["oid"], row["name"]))
            if column is None:
                continue
            seen.add(row["oid"])
            _add_samples(column, row["common"] or _spread(row["bounds"] or []))
        return seen

    async def _look_at_the_rest(self, known: set[int], estimates: dict[int, int]) -> None:
        """Read a few rows of what ANALYZE has not seen: views, new tables."""
        until = time.monotonic() + _SAMPLING_SECONDS
        await self._connection.execute(f"SET LOCAL statement_timeout = {round(_TABLE_SECONDS * 1000)}")
        unsampled = 0
        for oid, table in self._tables.items():
            if estimates[oid] >= 0 and not table.is_view:
                table.row_estimate = estimates[oid]
            if time.monotonic() > until:
                unsampled += oid not in known
            elif oid not in known and table.columns:
                await self._look(oid, table, counting=estimates[oid] < 0 and not table.is_view)
        if unsampled:
            self._schema.problems.append(
                f"{unsampled} tables have no sample values: reading them took too long; ANALYZE makes it unnecessary."
            )

    async def _look(self, oid: int, table: Table, counting: bool) -> None:
        """A view may take long: then it has no samples. Each look is a savepoint, so that the next one can go on."""
        shown = [column for column in table.columns if column.type not in UNSAMPLED]
        names = ", ".join(f"left({quoted(column.name)}::text, 100)" for column in shown) or "1"
        place = self._places[oid]
        try:
            async with self._savepoint():
                rows = await self._connection.fetch(f"SELECT {names} FROM {place} LIMIT {SAMPLE_ROWS}")  # noqa: S608
                if counting:
                    table.row_estimate = await self._count(place)
        except asyncpg.QueryCanceledError:
            return
        except asyncpg.PostgresError as error:
            self._schema.problems.append(f"{table.name} could not be read: {error}")
            return
        for column, values in zip(shown, zip(*rows, strict=True) if rows else [()] * len(shown), strict=False):
            _add_samples(column, samples(values, column.type))

    @asynccontextmanager
    async def _savepoint(self) -> AsyncIterator[None]:
        await self._connection.execute("SAVEPOINT look")
        try:
            yield
        finally:
            await self._connection.execute("ROLLBACK TO look")

    async def _count(self, place: str) -> int:
        some = f"SELECT 1 FROM {place} LIMIT {_COUNTED_ROWS}"  # noqa: S608 - names are quoted
        counted = await self._connection.fetchval(f"SELECT count(*) FROM ({some}) AS looked_at")  # noqa: S608
        if counted < _COUNTED_ROWS:
            return counted
        plan = await self._connection.fetchval(f"EXPLAIN (FORMAT JSON) SELECT 1 FROM {place}")  # noqa: S608
        return json.loads(plan)[0]["Plan"]["Plan Rows"]


@cache
def _warn_once(problem: str) -> None:
    _log.warning(problem)


def _spread(bounds: list[str]) -> list[str]:
    return bounds[:: max(1, len(bounds) // SAMPLES)]


def _add_samples(column: Column, texts: list[str]) -> None:
    if column.type in UNSAMPLED:
        return
    column.samples.extend(_spelled(text, column.type) for text in samples(texts, events.COLUMN_TYPE_TEXT))


def _spelled(text: str, kind: int) -> str:
    """Return PostgreSQL's own text as a result's rows would show it."""
    match kind:
        case events.COLUMN_TYPE_BOOLEAN:
            return "true" if text.startswith("t") else "false"
        case events.COLUMN_TYPE_TIMESTAMP:
            return text.replace(" ", "T", 1)
        case events.COLUMN_TYPE_TIMESTAMP_ZONED:
            moment = text.replace(" ", "T", 1)
            return f"{moment}:00" if moment[-3] in "+-" else moment
        case _:
            return text
