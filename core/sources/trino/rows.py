"""A query's rows out of Trino's pages. The client blocks, so this runs in a thread of the source's."""

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

from core.sources.blocking import Reader
from core.sources.threads import Threads
from core.sources.trino.faults import in_our_words
from core.sources.trino.statement import Statement
from core.sources.trino.types import Convert, conversion, converted, kind_of
from levada.v1.event_pb2 import ResultColumn


class TrinoReader(Reader):
    """The rows of *statement*. *cancelling* are threads that tell the coordinator when somebody leaves."""

    def __init__(self, name: str, statement: Statement, cancelling: Threads) -> None:
        super().__init__()
        self._name, self._statement, self._cancelling = name, statement, cancelling
        self._came: list[list[Any]] = []
        self._converts: list[Convert | None] = []
        self._stopped = False

    def interrupt(self) -> None:
        """Called from the event loop, and again and again; so the coordinator is told once and elsewhere."""
        if not self._stopped:
            self._stopped = True
            self._statement.stop()
            self._cancelling.start(self._statement.cancel)

    def _in_our_words(self) -> AbstractContextManager[None]:
        return in_our_words(self._name, self._statement)

    def _open(self) -> None:
        while self._statement.columns is None and not self._statement.finished:
            self._came += self._statement.advance()
        told = self._statement.columns or ()
        self._converts = [conversion(column["typeSignature"]) for column in told]
        self.columns = [ResultColumn(name=c["name"], type=kind_of(c["type"]), nullable=True) for c in told]

    def _read(self, most: int, seconds: float) -> list[Any]:
        until = time.monotonic() + seconds
        rows, self._came = self._came, []
        while not self._statement.finished and (not rows or (len(rows) < most and time.monotonic() < until)):
            rows += self._statement.advance()
        return rows

    def _in_columns(self, rows: Sequence[Sequence[Any]]) -> list[Sequence[Any]]:
        columns = zip(zip(*rows, strict=True), self._converts, strict=True)
        return [converted(values, convert) for values, convert in columns]

    def _close(self) -> None:
        self._statement.close()
