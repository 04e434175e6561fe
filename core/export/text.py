"""Rows as text: CSV and JSON lines. Values take the forms that ColumnType's comments promise."""

import base64
import math
import re
from collections.abc import Callable, Sequence
from typing import Any

import orjson

from core.export.base import names
from core.export.log import Columns, Table
from levada.v1 import event_pb2 as events

_QUOTED = re.compile(r'[",\r\n]|^\s|\s$')
_FORMULA = re.compile(r"[=+\-@\t\r]")
_MARK = "\ufeff"


class Csv:
    """RFC 4180 in UTF-8 with a header. NULL is an empty field, empty text is "" in quotes, as PostgreSQL's COPY does.

    Values are what they are, unless it is *for_spreadsheet*: one would take a text that begins with = for a formula.
    """

    content_type = "text/csv; charset=utf-8; header=present"
    suffix = "csv"
    fits = False

    def __init__(self, table: Table, *, for_spreadsheet: bool) -> None:
        self._names = names(table)
        self._marked = for_spreadsheet
        text = _guarded if for_spreadsheet else _quoted
        self._text = text
        self._forms = [_csv_form(column.type, text) for column in table.columns]

    def fit(self, batches: Sequence[Columns]) -> None:
        """Text holds everything."""

    def begin(self) -> bytes:
        return ((_MARK if self._marked else "") + ",".join(map(self._text, self._names)) + "\r\n").encode()

    def add(self, batches: Sequence[Columns]) -> bytes:
        return "".join(map(self._lines, batches)).encode()

    def end(self) -> bytes:
        return b""

    def _lines(self, batch: Columns) -> str:
        cells = [
            ["" if value is None else form(value) for value in values]
            for form, values in zip(self._forms, batch.values, strict=True)
        ]
        return "".join([f"{','.join(row)}\r\n" for row in zip(*cells, strict=True)])


class JsonLines:
    """One object a line, by column; values as the events' JSON has them: 64-bit integers are text, bytes base64."""

    content_type = "application/jsonl; charset=utf-8"
    suffix = "jsonl"
    fits = False

    def __init__(self, table: Table) -> None:
        self._names = names(table)
        self._forms = [_JSON_FORMS.get(column.type) for column in table.columns]

    def fit(self, batches: Sequence[Columns]) -> None:
        """JSON holds everything."""

    def begin(self) -> bytes:
        return b""

    def add(self, batches: Sequence[Columns]) -> bytes:
        return b"".join(map(self._lines, batches))

    def end(self) -> bytes:
        return b""

    def _lines(self, batch: Columns) -> bytes:
        columns = [
            values if form is None else [None if value is None else form(value) for value in values]
            for form, values in zip(self._forms, batch.values, strict=True)
        ]
        keys = self._names
        rows = zip(*columns, strict=True)
        return b"".join([orjson.dumps(dict(zip(keys, row, strict=True)), option=_LINE) for row in rows])


_LINE = orjson.OPT_APPEND_NEWLINE


def _quoted(text: str) -> str:
    if text and not _QUOTED.search(text):
        return text
    return '"' + text.replace('"', '""') + '"'


def _guarded(text: str) -> str:
    return _quoted(f"'{text}" if _FORMULA.match(text) else text)


def _word(value: float) -> str:
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _double(value: float) -> str:
    return repr(value) if math.isfinite(value) else _word(value)


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


# Types whose text is no formula, whatever it begins with, and never needs quotes.
_PLAIN: set[int] = {
    events.COLUMN_TYPE_DECIMAL,
    events.COLUMN_TYPE_DATE,
    events.COLUMN_TYPE_TIME,
    events.COLUMN_TYPE_TIMESTAMP,
    events.COLUMN_TYPE_TIMESTAMP_ZONED,
    events.COLUMN_TYPE_UUID,
}


def _csv_form(kind: int, text: Callable[[str], str]) -> Callable[[Any], str]:
    match kind:
        case events.COLUMN_TYPE_BOOLEAN:
            return lambda value: "true" if value else "false"
        case events.COLUMN_TYPE_INTEGER:
            return str
        case events.COLUMN_TYPE_DOUBLE:
            return _double
        case events.COLUMN_TYPE_BINARY:
            return lambda value: text(_base64(value))
    return _quoted if kind in _PLAIN else text


_JSON_FORMS: dict[int, Callable[[Any], Any]] = {
    events.COLUMN_TYPE_INTEGER: str,
    events.COLUMN_TYPE_DOUBLE: lambda value: value if math.isfinite(value) else _word(value),
    events.COLUMN_TYPE_BINARY: _base64,
}
