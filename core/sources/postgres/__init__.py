"""PostgreSQL, through asyncpg: server-side cursors in read-only transactions."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from core.errors import SourceUnavailable
from core.sources.base import Batch, CheckedQuery, Limits
from core.sources.catalog import REMEMBER_SECONDS, add_configured
from core.sources.pace import Pace
from core.sources.postgres.connections import Connections
from core.sources.postgres.describe import describe
from core.sources.postgres.faults import FAULTS, translate
from core.sources.postgres.types import conversion, converted, kind_of_result
from core.sources.remembered import Remembered
from levada.v1.catalog_pb2 import Definition, Schema
from levada.v1.event_pb2 import ResultColumn

_DESCRIBE_SECONDS = 30.0
_PING_SECONDS = 10.0


class PostgresRows:
    """The rows of one query; see core.sources.base.Rows."""

    def __init__(self, cursor: Any, attributes: Sequence[Any], zone: str, pace: Pace, name: str) -> None:
        self._cursor, self._pace, self._name = cursor, pace, name
        self._conversions = [conversion(attribute.type, zone) for attribute in attributes]
        self.columns = [
            ResultColumn(name=attribute.name, type=kind_of_result(attribute.type), nullable=True)
            for attribute in attributes
        ]

    def __aiter__(self) -> "PostgresRows":
        return self

    async def __anext__(self) -> Batch:
        async with self._pace.in_time():
            with _in_our_words(self._name):
                rows = await self._cursor.fetch(self._pace.next_rows)
        if not rows:
            raise StopAsyncIteration
        columns = zip(zip(*rows, strict=True), self._conversions, strict=True)
        return self._pace.batch([converted(values, convert) for values, convert in columns], len(rows))


class PostgresSource:
    """One PostgreSQL database, as its user may read it."""

    kind = dialect = "postgres"

    def __init__(
        self,
        name: str,
        url: str,
        description: str = "",
        definitions: Sequence[Definition] = (),
        comments: Mapping[str, str] | None = None,
    ) -> None:
        self.name, self.description = name, description
        self._definitions, self._comments = definitions, comments or {}
        self._connections = Connections(name, url)
        self._schema = Remembered(self._describe, REMEMBER_SECONDS)

    async def describe(self) -> Schema:
        return await self._schema.get()

    @asynccontextmanager
    async def query(self, query: CheckedQuery, limits: Limits) -> AsyncIterator[PostgresRows]:
        pace = Pace(limits)
        async with self._connections.reading(limits.seconds) as connection:
            async with pace.in_time():
                with _in_our_words(self.name):
                    statement = await connection.prepare(query.sql)
                    cursor = await statement.cursor()
            zone = connection.get_settings().TimeZone
            yield PostgresRows(cursor, statement.get_attributes(), zone, pace, self.name)

    async def ping(self) -> None:
        async with self._connections.reading(_PING_SECONDS):
            pass

    async def close(self) -> None:
        await self._schema.close()
        await self._connections.close()

    async def _describe(self) -> Schema:
        async with self._connections.reading(_DESCRIBE_SECONDS) as connection:
            try:
                schema = await describe(connection, self.name)
            except FAULTS as error:
                raise SourceUnavailable(translate(error, self.name).message) from error
        schema.source, schema.dialect = self.name, self.dialect
        return add_configured(schema, self._definitions, self._comments)


@contextmanager
def _in_our_words(name: str) -> Iterator[None]:
    try:
        yield
    except FAULTS as error:
        raise translate(error, name) from error
