"""A query's rows out of SQLite. Everything here blocks and runs in a thread of the source's."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from core.errors import QueryFailed
from core.sources.base import CheckedQuery
from core.sources.blocking import Reader
from core.sources.pace import sips
from core.sources.sqlite.connection import connect, in_our_words, result_types
from core.sources.sqlite.parameters import plain, without_values
from core.sources.sqlite.types import Fit, fit
from levada.v1.event_pb2 import ColumnType, ResultColumn

_SEEN_ROWS = 12_000  # more than a result has by default, so that none of those is cut by surprise
_SEEN_SECONDS = 0.03
_PORTION_ROWS = 2_000
_HELPING_ROWS = 512  # so that the rows of one are still in the cache when they become columns
How = Callable[[Fit, Sequence[Any]], Any]
_lenient = partial(str, encoding="utf-8", errors="replace")


class SqliteReader(Reader):
    """One query on a connection of its own, which costs 50 µs and leaves nothing behind.

    Opening looks at the first rows, up to 12,000 or as many as come in 30 ms, to know the columns' types.
    """

    def __init__(self, name: str, path: Path, query: CheckedQuery, deadline: float) -> None:
        super().__init__()
        self._name, self._path, self._deadline = name, path, deadline
        self._sql, self._values = query.text, [plain(value) for value in query.parameters]
        self._connection: sqlite3.Connection | None = None
        self._fetched = 0
        self._fits: list[Fit] = []

    def interrupt(self) -> None:
        if self._connection is not None:
            self._connection.interrupt()

    def _in_our_words(self) -> AbstractContextManager[None]:
        return in_our_words(self._name)

    def _open(self) -> None:
        self._connection = connect(self._path, self._deadline)
        natives = result_types(self._connection, without_values(self._sql) if self._values else self._sql)
        self._cursor = self._connection.execute(self._sql, self._values)
        self._ahead = self._read(_SEEN_ROWS, _SEEN_SECONDS)
        names = [entry[0] for entry in self._cursor.description or ()]
        values = list(zip(*self._ahead, strict=True)) or [()] * len(names)
        natives = natives if len(natives) == len(names) else [""] * len(names)
        self._fits = [fit(native, column) for native, column in zip(natives, values, strict=True)]
        self.columns = [
            ResultColumn(name=name, type=form.kind, nullable=True) for name, form in zip(names, self._fits, strict=True)
        ]

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def _read(self, most: int, seconds: float) -> list[tuple[Any, ...]]:
        return list(chain.from_iterable(self._helpings(most, seconds, most)))

    def _helpings(self, most: int, seconds: float, largest: int) -> Iterator[Sequence[tuple[Any, ...]]]:
        try:
            for rows in sips(self._cursor.fetchmany, most, seconds, largest):
                self._fetched += len(rows)
                yield rows
        except sqlite3.OperationalError as error:
            if "decode to UTF-8" not in str(error):
                raise
            self._be_lenient()
            yield from self._helpings(most, seconds, largest)

    def _be_lenient(self) -> None:
        """Go on where the driver met text that is no UTF-8, with marks in its place."""
        connection = self._cursor.connection
        connection.text_factory = _lenient
        self._cursor = connection.execute(self._sql, self._values)
        for _ in range(self._fetched):
            self._cursor.fetchone()

    def _in_arrow(self, most: int, seconds: float) -> tuple[list[Sequence[Any]], int]:
        from core.sources.sqlite.columnar import array, joined

        ahead, self._ahead = self._ahead[:most], self._ahead[most:]
        portions = self._portions([ahead] if ahead else self._helpings(most, seconds, _HELPING_ROWS))
        return joined([self._fitted(array, values) for values in portions])

    def _portions(self, helpings: Iterable[Sequence[tuple[Any, ...]]]) -> Iterator[list[list[Any]]]:
        """Yield columns of some thousand values: for fewer Arrow is not worth its calls, more leave the cache."""
        values: list[list[Any]] = [[] for _ in self.columns]
        for rows in helpings:
            for column, more in zip(values, zip(*rows, strict=True), strict=True):
                column.extend(more)
            if len(values[0]) >= _PORTION_ROWS:
                yield values
                values = [[] for _ in self.columns]
        if values[0]:
            yield values

    def _in_columns(self, rows: list[tuple[Any, ...]]) -> list[Sequence[Any]]:
        return self._fitted(Fit.apply, zip(*rows, strict=True))

    def _fitted(self, how: How, values: Iterable[Sequence[Any]]) -> list[Any]:
        columns = zip(self.columns, self._fits, values, strict=True)
        return [self._converted(how, column, form, some) for column, form, some in columns]

    def _converted(self, how: How, column: ResultColumn, form: Fit, values: Sequence[Any]) -> Any:
        try:
            return how(form, values)
        except (ValueError, TypeError, AttributeError, ArithmeticError) as error:
            kind = ColumnType.Name(column.type).removeprefix("COLUMN_TYPE_").lower()
            raise QueryFailed(
                f'Column "{column.name}" began as {kind} and then holds something else ({error}); CAST it to one type.'
            ) from None
