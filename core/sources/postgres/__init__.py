"""PostgreSQL, through asyncpg: server-side cursors in read-only transactions."""

from functools import partial
from typing import Unpack

import asyncpg

from core.errors import SourceError
from core.sources.base import CheckedQuery
from core.sources.described import Configuration
from core.sources.pace import Pace
from core.sources.postgres.connections import PostgresConnections
from core.sources.postgres.describe import describe
from core.sources.postgres.faults import translate
from core.sources.postgres.types import conversion, converted, kind_of_result
from core.sources.server import ServerRows, ServerSource
from levada.v1.catalog_pb2 import Schema
from levada.v1.event_pb2 import ResultColumn


class PostgresSource(ServerSource[asyncpg.Connection]):
    """One PostgreSQL database, as its user may read it."""

    kind = dialect = "postgres"

    def __init__(self, name: str, url: str, **configured: Unpack[Configuration]) -> None:
        super().__init__(name, PostgresConnections(name, url), **configured)

    def _translate(self, error: Exception) -> SourceError:
        return translate(error, self.name)

    async def _describe(self, connection: asyncpg.Connection) -> Schema:
        return await describe(connection, self.name)

    async def _execute(self, connection: asyncpg.Connection, query: CheckedQuery, pace: Pace) -> ServerRows:
        statement = await connection.prepare(query.text)
        cursor = await statement.cursor(*query.parameters)
        zone = connection.get_settings().TimeZone
        attributes = statement.get_attributes()
        columns = [ResultColumn(name=a.name, type=kind_of_result(a.type), nullable=True) for a in attributes]
        converters = [partial(converted, convert=conversion(a.type, zone)) for a in attributes]
        return ServerRows(self, cursor.fetch, columns, converters, pace)
