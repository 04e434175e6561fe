"""MySQL and MariaDB, through asyncmy: unbuffered cursors in read-only transactions."""

from functools import partial
from typing import Unpack

import asyncmy

from core.errors import SourceError
from core.sources.base import CheckedQuery
from core.sources.described import Configuration
from core.sources.mysql.connections import MySQLConnections, result_fields
from core.sources.mysql.describe import describe
from core.sources.mysql.faults import translate
from core.sources.mysql.types import conversion, converted, kind_of_field
from core.sources.pace import Pace
from core.sources.server import ServerRows, ServerSource
from levada.v1.catalog_pb2 import Schema
from levada.v1.event_pb2 import ResultColumn


class MySQLSource(ServerSource[asyncmy.Connection]):
    """One MySQL or MariaDB database, as its user may read it."""

    kind = dialect = "mysql"

    def __init__(self, name: str, url: str, **configured: Unpack[Configuration]) -> None:
        connections = MySQLConnections(name, url)
        super().__init__(name, connections, **configured)
        self._database = connections.database

    def _translate(self, error: Exception) -> SourceError:
        return translate(error, self.name)

    async def _describe(self, connection: asyncmy.Connection) -> Schema:
        return await describe(connection, self.name, self._database)

    async def _execute(self, connection: asyncmy.Connection, query: CheckedQuery, pace: Pace) -> ServerRows:
        cursor = connection.cursor()
        await cursor.execute(query.text, query.parameters or None)
        fields = result_fields(connection)
        columns = [ResultColumn(name=field.name, type=kind_of_field(field), nullable=True) for field in fields]
        converters = [partial(converted, convert=conversion(field)) for field in fields]
        return ServerRows(self, cursor.fetchmany, columns, converters, pace)
