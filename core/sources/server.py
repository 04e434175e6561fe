"""What sources that are database servers have in common: pooled connections that can only read, and a kept schema."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any, ClassVar, Generic, Self, TypeVar, Unpack

from core.errors import SourceError, SourceUnavailable
from core.sources.base import Batch, CheckedQuery, Limits
from core.sources.described import Configuration, Described
from core.sources.pace import Pace
from core.sources.relational import Relational
from levada.v1.catalog_pb2 import Schema
from levada.v1.event_pb2 import ResultColumn

MOST_CONNECTIONS = 16
CONNECT_SECONDS = 5.0
CLEAN_SECONDS = 0.8
LOCK_SECONDS = 5.0
_DESCRIBE_SECONDS = 30.0
_PING_SECONDS = 10.0

C = TypeVar("C")


class Connections(ABC, Generic[C]):
    """A pool that opens connections when they are needed, so that a database may be down when we start.

    *faults* are what the driver raises.
    """

    faults: ClassVar[tuple[type[Exception], ...]]

    def __init__(self, name: str) -> None:
        self.name = name

    @abstractmethod
    def _unreachable(self, error: Exception) -> SourceError:
        """Say what one of the *faults* means when there is no connection."""

    @abstractmethod
    async def _take(self) -> C:
        """Take a connection out of the pool."""

    @abstractmethod
    async def _begin(self, connection: C, seconds: float) -> None:
        """Begin a read-only transaction whose statements may each take *seconds*."""

    @abstractmethod
    async def _give_back(self, connection: C) -> None:
        """Roll back and put the connection back; stop and throw away one on which that fails or something runs."""

    @abstractmethod
    async def _throw_away(self, connection: C) -> None:
        """Take a connection that could not begin out of the pool for good, or clean it."""

    @abstractmethod
    async def close(self) -> None:
        """Close all connections."""

    @asynccontextmanager
    async def reading(self, seconds: float) -> AsyncIterator[C]:
        """Give a connection inside a read-only transaction; waiting for it, and each statement, may take *seconds*.

        Raises SourceUnavailable.
        """
        try:
            async with asyncio.timeout(seconds):
                connection = await self._acquire(seconds)
        except TimeoutError:
            why = "it gave no connection in time: it is slow, down, or all its connections are in use"
            raise SourceUnavailable(f"Source {self.name} can't be reached: {why}.") from None
        try:
            yield connection
        finally:
            await asyncio.shield(self._give_back(connection))

    async def _acquire(self, seconds: float) -> C:
        """A connection that died in the pool is found out here, and the next one tried."""
        for _ in range(MOST_CONNECTIONS + 1):
            try:
                connection = await self._take()
            except self.faults as error:
                raise self._unreachable(error) from error
            try:
                await self._begin(connection, seconds)
                return connection
            except self.faults as error:
                fault = self._unreachable(error)
            except asyncio.CancelledError:
                await asyncio.shield(self._throw_away(connection))
                raise
            await self._throw_away(connection)
        raise fault


class ServerRows:
    """The rows of one query (core.sources.base.Rows). *fetch* gets so many more of them; a converter takes a column."""

    def __init__(
        self,
        source: "ServerSource[Any]",
        fetch: Callable[[int], Awaitable[Sequence[Sequence[Any]]]],
        columns: Sequence[ResultColumn],
        converters: Sequence[Callable[[Sequence[Any]], Sequence[Any]]],
        pace: Pace,
    ) -> None:
        self._source, self._fetch, self._converters, self._pace = source, fetch, converters, pace
        self.columns = columns

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Batch:
        async with self._pace.in_time():
            with self._source.in_our_words():
                rows = await self._fetch(self._pace.next_rows)
        if not rows:
            raise StopAsyncIteration
        columns = zip(zip(*rows, strict=True), self._converters, strict=True)
        return self._pace.batch([convert(values) for values, convert in columns], len(rows))


class ServerSource(Relational, Described, Generic[C]):
    """One database of a server, as its user may read it (core.sources.base.Source)."""

    kind: ClassVar[str]

    def __init__(self, name: str, connections: Connections[C], **configured: Unpack[Configuration]) -> None:
        super().__init__(name, **configured)
        self._connections = connections

    @abstractmethod
    def _translate(self, error: Exception) -> SourceError:
        """Say what one of the connections' faults means while a query runs."""

    @abstractmethod
    async def _describe(self, connection: C) -> Schema:
        """Read what the user may read."""

    @abstractmethod
    async def _execute(self, connection: C, query: CheckedQuery, pace: Pace) -> ServerRows:
        """Run *query* as far as its first row."""

    @asynccontextmanager
    async def query(self, query: CheckedQuery, limits: Limits) -> AsyncIterator[ServerRows]:
        pace = Pace(limits)
        async with self._connections.reading(limits.seconds) as connection:
            async with pace.in_time():
                with self.in_our_words():
                    rows = await self._execute(connection, query, pace)
            yield rows

    async def ping(self) -> None:
        async with self._connections.reading(_PING_SECONDS):
            pass

    async def close(self) -> None:
        await self._schema.close()
        await self._connections.close()

    async def _look(self) -> Schema:
        async with self._connections.reading(_DESCRIBE_SECONDS) as connection:
            try:
                with self.in_our_words():
                    return await self._describe(connection)
            except SourceError as error:
                raise SourceUnavailable(error.message) from error

    @contextmanager
    def in_our_words(self) -> Iterator[None]:
        """Turn the driver's errors into ours."""
        try:
            yield
        except self._connections.faults as error:
            raise self._translate(error) from error
