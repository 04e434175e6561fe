"""One query of the Trino-speaking server: run in a thread, given out page by page, taken back."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import duckdb
from sqlglot.errors import SqlglotError

from tests.trino_server.engine import Engine
from tests.trino_server.types import carried, native, signature

Answer = dict[str, Any]
_WAIT = 0.2


@dataclass
class Query:
    """*cancelled_at* is when DELETE came. A page may be asked for again until the next one is; then it is gone."""

    id: str
    sql: str
    headers: Mapping[str, str]
    page_rows: int
    cancelled_at: float | None = None
    pages: int = 0
    token: int = 0
    error: Answer | None = None
    over: bool = False
    _last: Answer = field(default_factory=dict)
    _ready: threading.Event = field(default_factory=threading.Event)

    def start(self, engine: Engine) -> None:
        self._cursor = engine.database.cursor()
        threading.Thread(target=self._run, args=(engine,), daemon=True).start()

    def cancel(self) -> None:
        if not self.over and self.cancelled_at is None:
            self.cancelled_at = time.monotonic()
            self._cursor.interrupt()

    def page(self, token: int) -> Answer | None:
        """Return the page with that number, None when it is gone."""
        if token == self.token and self._last:
            return self._last
        if token != self.token + bool(self._last):
            return None
        if not self._ready.wait(_WAIT):
            return {"next": token, "state": "RUNNING"}
        self.token, self._last = token, self._made(token)
        return self._last

    def _run(self, engine: Engine) -> None:
        try:
            engine.execute(self._cursor, self.sql)
        except duckdb.InterruptException:
            pass
        except (duckdb.Error, SqlglotError, ValueError) as error:
            name = type(error).__name__.upper()
            self.error = {"message": str(error), "errorCode": 1, "errorName": name, "errorType": "USER_ERROR"}
        self._ready.set()

    def _made(self, token: int) -> Answer:
        if self.cancelled_at is not None:
            told = {"message": "Query was canceled", "errorCode": 0x0003, "errorName": "USER_CANCELED"}
            self.error = {**told, "errorType": "USER_ERROR"}
        if self.error:
            self.over = True
            return {"error": self.error, "state": "FAILED"}
        rows = self._cursor.fetchmany(self.page_rows)
        kinds = [column[1] for column in self._cursor.description]
        columns = [
            {"name": column[0], "type": native(column[1]), "typeSignature": signature(column[1])}
            for column in self._cursor.description
        ]
        if not rows:
            self.over = True
            return {"columns": columns, "state": "FINISHED"}
        self.pages += 1
        data = [[carried(value, kind) for value, kind in zip(row, kinds, strict=True)] for row in rows]
        return {"columns": columns, "data": data, "next": token + 1, "state": "RUNNING"}
