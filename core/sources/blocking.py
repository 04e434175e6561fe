"""Queries through drivers that block: each has a connection of its own, used in threads, one at a time."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from threading import Lock
from typing import Any

from core.sources.base import Batch
from core.sources.pace import Pace
from core.sources.threads import Threads
from levada.v1.event_pb2 import ResultColumn

_AHEAD_BATCHES = 4
_AHEAD_SECONDS = 0.02


class Reader(ABC):
    """One query. What begins with an underscore is for siblings to fill in, and may raise their drivers' errors."""

    def __init__(self) -> None:
        self.columns: Sequence[ResultColumn] = ()
        self._ahead: list[tuple[Any, ...]] = []
        self._busy = Lock()  # closing a connection that still works can take the process down

    @property
    def holds_rows(self) -> bool:
        """Whether `take` gives rows without reading."""
        return bool(self._ahead)

    def open(self) -> None:
        """Connect and start the query; then `columns` are known. Raises SourceError."""
        with self._busy, self._in_our_words():
            self._open()

    def read(self, most: int) -> None:
        """Read the next rows, several batches of *most* when they come fast. Raises SourceError."""
        with self._busy, self._in_our_words():
            self._ahead = self._read(_AHEAD_BATCHES * most, _AHEAD_SECONDS)

    def take(self, most: int) -> tuple[Sequence[Sequence[Any]], int]:
        """Return up to *most* of the rows read, as columns, and how many. Raises SourceError."""
        rows, self._ahead = self._ahead[:most], self._ahead[most:]
        return self._in_columns(rows) if rows else (), len(rows)

    def close(self) -> None:
        """Close the connection as soon as nothing runs on it."""
        with self._busy:
            self._close()

    @abstractmethod
    def interrupt(self) -> None:
        """Stop what runs, from another thread."""

    @abstractmethod
    def _in_our_words(self) -> AbstractContextManager[None]:
        """Turn the driver's errors into ours."""

    @abstractmethod
    def _open(self) -> None: ...

    @abstractmethod
    def _read(self, most: int, seconds: float) -> list[tuple[Any, ...]]: ...

    @abstractmethod
    def _in_columns(self, rows: list[tuple[Any, ...]]) -> Sequence[Sequence[Any]]: ...

    @abstractmethod
    def _close(self) -> None: ...


class BlockingRows:
    """The rows of one query; see core.sources.base.Rows."""

    def __init__(self, reader: Reader, threads: Threads, pace: Pace) -> None:
        self._reader, self._threads, self._pace = reader, threads, pace
        self.columns = reader.columns

    def __aiter__(self) -> "BlockingRows":
        return self

    async def __anext__(self) -> Batch:
        pace, reader = self._pace, self._reader
        if not reader.holds_rows:
            async with pace.in_time():
                await self._threads.run(lambda: reader.read(pace.next_rows), reader.interrupt)
        columns, count = reader.take(pace.next_rows)
        if not count:
            raise StopAsyncIteration
        return pace.batch(columns, count)


@asynccontextmanager
async def running(reader: Reader, threads: Threads, pace: Pace) -> AsyncIterator[BlockingRows]:
    """Run *reader*'s query until the context is left; whatever ends it, the driver is stopped first."""
    try:
        async with pace.in_time():
            await threads.run(reader.open, reader.interrupt)
        yield BlockingRows(reader, threads, pace)
    finally:
        threads.start(reader.close)
