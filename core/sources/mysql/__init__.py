"""MySQL and MariaDB, through asyncmy: unbuffered cursors in read-only transactions."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from core.errors import SourceUnavailable
from core.sources.base import Batch, CheckedQuery, Limits
from core.sources.catalog import REMEMBER_SECONDS, add_configured
from core.sources.mysql.connections import Connections, result_fields
from core.sources.mysql.describe import describe
from core.sources.mysql.faults import FAULTS, translate
from core.sources.mysql.types import conversion, converted, kind_of_field
from core.sources.pace import Pace
from core.sources.remembered import Remembered
from levada.v1.catalog_pb2 import Definition, Schema
from levada.v1.event_pb2 import ResultColumn

_DESCRIBE_SECONDS = 30.0
_PING_SECONDS = 10.0


class MySQLRows:
    """The rows of one query; see core.sources.base.Rows."""

    def __init__(self, cursor: Any, fields: Sequence[Any], pace: Pace, name: str) -> None:
        self._cursor, self._pace, self._name = cursor, pace, name
        self._conversions = [conversion(field) for field in fields]
        self.columns = [ResultColumn(name=field.name, type=kind_of_field(field), nullable=True) for field in fields]

    def __aiter__(self) -> "MySQLRows":
        return self

    async def __anext__(self) -> Batch:
        async with self._pace.in_time():
            with _in_our_words(self._name):
                rows = await self._cursor.fetchmany(self._pace.next_rows)
        if not rows:
            raise StopAsyncIteration
        columns = zip(zip(*rows, strict=True), self._conversions, strict=True)
        return self._pace.batch([converted(values, convert) for values, convert in columns], len(rows))


class MySQLSource:
    """One MySQL or MariaDB database, as its user may read it."""

    kind = dialect = "mysql"

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
    async def query(self, query: CheckedQuery, limits: Limits) -> AsyncIterator[MySQLRows]:
        pace = Pace(limits)
        async with self._connections.reading(limits.seconds) as connection:
            cursor = connection.cursor()
            async with pace.in_time():
                with _in_our_words(self.name):
                    await cursor.execute(query.sql)
            yield MySQLRows(cursor, result_fields(connection), pace, self.name)

    async def ping(self) -> None:
        async with self._connections.reading(_PING_SECONDS):
            pass

    async def close(self) -> None:
        await self._schema.close()
        await self._connections.close()

    async def _describe(self) -> Schema:
        async with self._connections.reading(_DESCRIBE_SECONDS) as connection:
            try:
                schema = await describe(connection, self.name, self._connections.database)
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
