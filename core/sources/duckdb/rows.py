"""A query's rows out of DuckDB. Everything here blocks and runs in a thread of the source's."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

import duckdb

from core.errors import QueryFailed
from core.sources.blocking import Reader
from core.sources.duckdb.databases import Open
from core.sources.duckdb.faults import in_our_words
from core.sources.duckdb.types import conversion, converted, kind_of
from core.sources.pace import sip
from levada.v1.event_pb2 import ResultColumn


class DuckDBReader(Reader):
    """One query on a connection of its own. DuckDB streams: columns are known before the first row is."""

    def __init__(self, name: str, connect: Open, sql: str, values: Sequence[Any] = ()) -> None:
        super().__init__()
        self._name, self._connect, self._sql, self._values = name, connect, sql, values
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._natives: list[str] = []

    def interrupt(self) -> None:
        if self._connection is not None:
            self._connection.interrupt()

    def _in_our_words(self) -> AbstractContextManager[None]:
        return in_our_words(self._name)

    def _open(self) -> None:
        with in_our_words(self._name, connecting=True):
            self._connection = self._connect()
        statements = self._connection.extract_statements(self._sql)
        if [statement.type for statement in statements] != [duckdb.StatementType.SELECT]:
            raise QueryFailed("DuckDB refused the query: only one query that reads is allowed here.")
        columns = self._start(self._connection, statements[0])
        self._natives = [native for _, native in columns]
        self.columns = [ResultColumn(name=name, type=kind_of(native), nullable=True) for name, native in columns]

    def _start(self, connection: duckdb.DuckDBPyConnection, query: duckdb.Statement) -> list[tuple[str, str]]:
        """Start *query*; return its columns' names and DuckDB's types."""
        self._cursor = connection.execute(query, self._values)
        return [(entry[0], str(entry[1])) for entry in self._cursor.description or []]

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def _read(self, most: int, seconds: float) -> list[tuple[Any, ...]]:
        return sip(self._cursor.fetchmany, most, seconds)

    def _in_columns(self, rows: list[tuple[Any, ...]]) -> list[Sequence[Any]]:
        columns = zip(zip(*rows, strict=True), self._natives, strict=True)
        return [converted(values, conversion(native)) for values, native in columns]
