"""Queries through drivers that block: each has a connection of its own, used in threads, one at a time."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from threading import Lock
from typing import Any, TypeVar

from core.sources.base import Batch
from core.sources.pace import Pace
from core.sources.threads import Threads
from levada.v1.event_pb2 import ResultColumn

T = TypeVar("T")

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

    def in_arrow(self, most: int) -> tuple[Sequence[Any], int]:
        """Read the next rows as `read` does and return them all, as Arrow arrays where that is sooner done.

        Raises SourceError.
        """
        with self._busy, self._in_our_words():
            return self._in_arrow(_AHEAD_BATCHES * most, _AHEAD_SECONDS)

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

    def _in_arrow(self, most: int, seconds: float) -> tuple[Sequence[Any], int]:
        rows, self._ahead = self._ahead or self._read(most, seconds), []
        return self._in_columns(rows) if rows else (), len(rows)

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
        if pace.in_arrow:
            columns, count = await self._working(lambda: reader.in_arrow(pace.next_rows))
        else:
            if not reader.holds_rows:
                await self._working(lambda: reader.read(pace.next_rows))
            columns, count = reader.take(pace.next_rows)
        if not count:
            raise StopAsyncIteration
        return pace.batch(columns, count)

    async def _working(self, call: Callable[[], T]) -> T:
        async with self._pace.in_time():
            return await self._threads.run(call, self._reader.interrupt)


@asynccontextmanager
async def running(reader: Reader, threads: Threads, pace: Pace) -> AsyncIterator[BlockingRows]:
    """Run *reader*'s query until the context is left; whatever ends it, the driver is stopped first."""
    try:
        async with pace.in_time():
            await threads.run(reader.open, reader.interrupt)
        yield BlockingRows(reader, threads, pace)
    finally:
        threads.start(reader.close)
