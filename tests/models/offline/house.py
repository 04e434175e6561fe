"""A small database that the tests of the planner ask: a library, in SQLite, described by hand."""

import datetime
import sqlite3
from collections.abc import Sequence
from typing import Any

from core.models.base import Ask, Draft, Probe, Turn
from core.models.offline import Offline
from core.sources.values import ValueIndex
from levada.v1 import event_pb2 as events
from levada.v1.catalog_pb2 import Definition, Schema

TODAY = datetime.date(2026, 7, 15)
SQL = """
CREATE TABLE authors (author_id INTEGER PRIMARY KEY, name TEXT, country TEXT, birth_year INTEGER);
CREATE TABLE books (book_id INTEGER PRIMARY KEY, title TEXT, author_id INTEGER REFERENCES authors, genre TEXT,
  price DECIMAL(8,2), pages INTEGER, published DATE);
CREATE TABLE readers (reader_id INTEGER PRIMARY KEY, firstName TEXT, lastName TEXT, city TEXT, age INTEGER, email TEXT,
  active BOOLEAN);
CREATE TABLE loans (loan_id INTEGER PRIMARY KEY, book_id INTEGER REFERENCES books, reader_id INTEGER REFERENCES readers,
  loaned_on DATE, fee DECIMAL(6,2));
INSERT INTO authors VALUES (1,'Ana Luz','Portugal',1960),(2,'Ben Ode','Germany',1971),(3,'Cleo Park','Germany',1985);
INSERT INTO books VALUES (1,'River','1','novel',12.5,300,'2019-03-01'),(2,'Delta','1','novel',20,420,'2022-05-10'),
  (3,'Atlas','2','reference',55,900,'2024-01-15'),(4,'Spring','3','poetry',9,80,'2025-04-01');
INSERT INTO readers VALUES (1,'Ida','Berg','Berlin',34,'ida@example.org',1),(2,'Jon','Cruz','Lisbon',51,NULL,1),
  (3,'Kim','Dahl','Berlin',19,'kim@example.org',0);
INSERT INTO loans VALUES (1,1,1,'2026-05-03',1.5),(2,2,1,'2026-06-10',2),(3,3,2,'2026-06-12',4),(4,1,2,'2025-06-01',1),
  (5,1,1,'2026-06-30',3);
"""
_TYPES = {
    "INTEGER": events.COLUMN_TYPE_INTEGER,
    "TEXT": events.COLUMN_TYPE_TEXT,
    "DATE": events.COLUMN_TYPE_DATE,
    "BOOLEAN": events.COLUMN_TYPE_BOOLEAN,
}
INCOME = Definition(name="income", synonyms=["earnings"], expression="sum(loans.fee)", unit="EUR")


def database(more: str = "") -> sqlite3.Connection:
    """Return the library, open and filled, with *more* made by SQL."""
    connection = sqlite3.connect(":memory:")
    connection.executescript(SQL + more)
    return connection


def described(connection: sqlite3.Connection, definitions: Sequence[Definition] = (), keys: bool = True) -> Schema:
    """Return the schema of *connection*; without *keys* as if none were declared."""
    schema = Schema(source="library", dialect="sqlite", definitions=definitions)
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
    for (name,) in names:
        table = schema.tables.add(name=name)
        for _, column, native, _, _, primary in connection.execute(f'PRAGMA table_info("{name}")'):
            kind = _TYPES.get(native, events.COLUMN_TYPE_DECIMAL)
            samples = connection.execute(
                f'SELECT DISTINCT "{column}" FROM "{name}" WHERE "{column}" IS NOT NULL LIMIT 5'
            )
            table.columns.add(
                name=column, type=kind, native_type=native, nullable=not primary, samples=[str(v) for (v,) in samples]
            )
            if primary:
                table.primary_key.append(column)
        for row in connection.execute(f'PRAGMA foreign_key_list("{name}")') if keys else ():
            table.foreign_keys.add(columns=[row[3]], referenced_table=row[2], referenced_columns=[row[4] or row[3]])
    return schema


class Lookup:
    """Looks things up in the library itself."""

    def __init__(self, connection: sqlite3.Connection, index: ValueIndex) -> None:
        self._connection, self.find, self.bounds = connection, index.find, index.bounds

    async def probe(self, sql: str) -> Probe:
        try:
            return Probe(rows=self._connection.execute(sql).fetchmany(5))
        except sqlite3.Error as error:
            return Probe(error=str(error))


class Library:
    """The library with the planner in front of it."""

    def __init__(self, definitions: Sequence[Definition] = (), keys: bool = True, more: str = "") -> None:
        self.connection = database(more)
        self.schema = described(self.connection, definitions, keys)
        self.model = Offline()
        self._lookup: Lookup | None = None

    async def asked(self, question: str, turns: Sequence[Turn] = ()) -> Ask:
        if self._lookup is None:
            index = ValueIndex()
            await index.read(self._fetch, self.schema)
            self._lookup = Lookup(self.connection, index)
        return Ask(question=question, schema=self.schema, lookup=self._lookup, today=TODAY, turns=turns)

    async def _fetch(self, sql: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql).fetchall()

    async def draft(self, question: str) -> Draft:
        """Return the draft for *question*. Raises NotUnderstood."""
        pieces = [piece async for piece in self.model.draft(await self.asked(question))]
        assert isinstance(pieces[-1], Draft)
        assert "".join(piece for piece in pieces[:-1] if isinstance(piece, str)) == pieces[-1].sql
        return pieces[-1]

    async def answer(self, question: str) -> list[tuple[Any, ...]]:
        """Return the rows that the query for *question* gives."""
        return self.connection.execute((await self.draft(question)).sql).fetchall()
