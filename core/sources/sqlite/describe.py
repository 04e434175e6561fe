"""What a SQLite file holds, read from its catalogue and a few rows of each table."""

import sqlite3
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from core.sources.catalog import SAMPLE_ROWS, UNSAMPLED, samples
from core.sources.sqlite.connection import connect, reads_only
from core.sources.sqlite.types import declared, fit
from levada.v1 import event_pb2 as events
from levada.v1.catalog_pb2 import Column, ForeignKey, Schema, Table

_SECONDS = 30.0
_SAMPLING_SECONDS = 2.0
_VIEW_SECONDS = 0.1
_COUNTED_ROWS = 10_000

_COLUMNS = """
SELECT t.name, t.type, t.wr, c.name, c.type, c."notnull", c.pk
FROM pragma_table_list AS t, pragma_table_xinfo(t.name) AS c
WHERE t.schema = 'main' AND t.type IN ('table', 'view', 'virtual') AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
  AND c.hidden <> 1
ORDER BY t.name, c.cid
"""
_FOREIGN_KEYS = """
SELECT t.name, f.id, f."table", f."from", f."to"
FROM pragma_table_list AS t, pragma_foreign_key_list(t.name) AS f
WHERE t.schema = 'main' AND t.type = 'table'
ORDER BY t.name, f.id DESC, f.seq
"""
_UNIQUE = """
SELECT t.name, min(c.name)
FROM pragma_table_list AS t, pragma_index_list(t.name) AS i, pragma_index_info(i.name) AS c
WHERE t.schema = 'main' AND t.type = 'table' AND i."unique" AND NOT i.partial
GROUP BY t.name, i.name HAVING count(*) = 1
"""


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def describe(path: Path) -> Schema:
    """Return the tables and views of *path*. Blocks. Raises sqlite3.Error when the file can't be read."""
    connection = connect(path, time.monotonic() + _SECONDS)
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    try:
        return _Description(connection).read()
    finally:
        connection.close()


class _Description:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._schema = Schema()
        self._tables: dict[str, Table] = {}
        self._without_rowid: set[str] = set()

    def read(self) -> Schema:
        self._read_columns()
        self._read_keys()
        self._count_and_sample()
        self._schema.tables.extend(self._tables.values())
        return self._schema

    def _ask(self, sql: str) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql).fetchall()

    def _read_columns(self) -> None:
        for table, kind, without_rowid, name, native, not_null, key in self._catalog():
            entry = self._tables.setdefault(table, Table(name=table, is_view=kind == "view"))
            nullable = not (not_null or (key and native.upper() == "INTEGER"))
            entry.columns.append(Column(name=name, native_type=native, nullable=nullable))
            if key:
                entry.primary_key.append(f"{key:05d}{name}")
            if without_rowid or kind != "table":
                self._without_rowid.add(table)
        for entry in self._tables.values():
            entry.primary_key[:] = [numbered[5:] for numbered in sorted(entry.primary_key)]

    def _catalog(self) -> list[tuple[Any, ...]]:
        """Read all at once; when a view is broken that fails, then table by table, to say which."""
        try:
            return self._ask(_COLUMNS)
        except sqlite3.OperationalError:
            rows = []
        for (name,) in self._ask("SELECT name FROM pragma_table_list WHERE schema = 'main' ORDER BY name"):
            one = _COLUMNS.replace("WHERE", "WHERE t.name = " + "'" + name.replace("'", "''") + "' AND", 1)
            try:
                rows += self._ask(one)
            except sqlite3.OperationalError as error:
                self._schema.problems.append(f"{name} could not be read: {error}")
        return rows

    def _read_keys(self) -> None:
        keys: dict[tuple[str, int], list[tuple[str, str, str | None]]] = defaultdict(list)
        for table, number, *pair in self._ask(_FOREIGN_KEYS):
            keys[table, number].append(tuple(pair))
        for (table, _), pairs in keys.items():
            self._add_foreign_key(table, pairs)
        unique = set(self._ask(_UNIQUE))
        for table, entry in self._tables.items():
            for column in entry.columns:
                column.unique = (table, column.name) in unique or list(entry.primary_key) == [column.name]

    def _add_foreign_key(self, table: str, pairs: list[tuple[str, str, str | None]]) -> None:
        """Names may be written in another case than where they are defined, and the target column left out."""
        other = _as_spelled(pairs[0][0], self._tables)
        if table not in self._tables or other is None:
            return
        target = self._tables[other]
        own = [_as_spelled(pair[1], [c.name for c in self._tables[table].columns]) for pair in pairs]
        named = [pair[2] for pair in pairs if pair[2]] or list(target.primary_key)
        theirs = [_as_spelled(name, [c.name for c in target.columns]) for name in named]
        found = [*filter(None, own)], [*filter(None, theirs)]
        if len(found[0]) != len(pairs) or len(found[1]) != len(pairs):
            self._schema.problems.append(f"A foreign key of {table} names columns that {other} does not have.")
            return
        key = ForeignKey(columns=found[0], referenced_table=other, referenced_columns=found[1])
        self._tables[table].foreign_keys.append(key)

    def _count_and_sample(self) -> None:
        until = time.monotonic() + _SAMPLING_SECONDS
        self._connection.set_authorizer(reads_only)  # views bring queries that are not ours
        statistics = self._statistics()
        unsampled = 0
        for name, entry in self._tables.items():
            rows: list[tuple[Any, ...]] = []
            if time.monotonic() > until:
                unsampled += 1
            else:
                rows = self._look(entry)
            self._add_samples(entry, rows)
            if not entry.is_view:
                self._estimate(entry, statistics.get(name))
        if unsampled:
            self._schema.problems.append(f"{unsampled} tables have no sample values: reading them took too long.")

    def _statistics(self) -> dict[str, int]:
        try:
            rows = self._ask("SELECT tbl, stat FROM sqlite_stat1 WHERE stat IS NOT NULL")
        except sqlite3.OperationalError:
            return {}
        return {table: int(stat.split(" ", 1)[0]) for table, stat in rows if stat[:1].isdigit()}

    def _look(self, entry: Table) -> list[tuple[Any, ...]]:
        """Return the first rows, and some from the middle; of a view what comes at once."""
        deadline = time.monotonic() + (_VIEW_SECONDS if entry.is_view else _SAMPLING_SECONDS)
        self._connection.set_progress_handler(lambda: time.monotonic() > deadline, 10_000)
        table = quoted(entry.name)
        some = f"SELECT {', '.join(map(_short, entry.columns))} FROM {table}"  # noqa: S608 - names are quoted
        try:
            rows = self._ask(f"{some} LIMIT {SAMPLE_ROWS}")
            if len(rows) == SAMPLE_ROWS and entry.name not in self._without_rowid:
                middle = f"(SELECT max(rowid) / 2 FROM {table})"  # noqa: S608
                rows += self._ask(f"{some} WHERE rowid > {middle} LIMIT {SAMPLE_ROWS}")
        except sqlite3.Error as error:
            if not entry.is_view or "interrupted" not in str(error):
                self._schema.problems.append(f"{entry.name} has no sample values: {error}")
            return []
        return rows

    def _add_samples(self, entry: Table, rows: list[tuple[Any, ...]]) -> None:
        values = list(zip(*rows, strict=True)) or [()] * len(entry.columns)
        for column, seen in zip(entry.columns, values, strict=True):
            form = fit(column.native_type, seen)
            column.type = form.kind
            if form.kind not in UNSAMPLED:
                column.samples.extend(samples(form.apply(seen), form.kind))

    def _estimate(self, entry: Table, statistic: int | None) -> None:
        table = quoted(entry.name)
        try:
            some = f"SELECT 1 FROM {table} LIMIT {_COUNTED_ROWS}"  # noqa: S608 - names are quoted
            counted = self._ask(f"SELECT count(*) FROM ({some})")[0][0]  # noqa: S608
            if counted < _COUNTED_ROWS:
                entry.row_estimate = counted
            elif statistic:
                entry.row_estimate = statistic
            elif entry.name not in self._without_rowid:
                span = f"SELECT max(rowid) - min(rowid) + 1 FROM {table}"  # noqa: S608
                entry.row_estimate = self._ask(span)[0][0]
        except sqlite3.Error:
            return  # absent: unknown


def _short(column: Column) -> str:
    """Read no more of long values than it takes to know their kind."""
    name = quoted(column.name)
    if declared(column.native_type) == events.COLUMN_TYPE_JSON:
        return name
    return f"CASE typeof({name}) WHEN 'blob' THEN x'' WHEN 'text' THEN substr({name}, 1, 100) ELSE {name} END"


def _as_spelled(name: str, names: Any) -> str | None:
    folded = name.casefold()
    return name if name in names else next((other for other in names if other.casefold() == folded), None)
