"""A schema as the planner sees it: names split into words, what kind each column is, which columns name a row."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from core.models.offline.abbreviations import MEASURES, expand
from core.models.offline.dialects import spoken
from core.models.offline.words import lemma, split_name
from levada.v1 import event_pb2 as events
from levada.v1.catalog_pb2 import Definition, Schema
from levada.v1.catalog_pb2 import Table as SchemaTable

NUMBERS = {events.COLUMN_TYPE_INTEGER, events.COLUMN_TYPE_DOUBLE, events.COLUMN_TYPE_DECIMAL}
TIMES = {events.COLUMN_TYPE_DATE, events.COLUMN_TYPE_TIMESTAMP, events.COLUMN_TYPE_TIMESTAMP_ZONED}
_NAMING = ("name", "title", "label")
_TELLING = ("detail", "description", "text", "content")


@dataclass(frozen=True)
class Column:
    """A column: *words* are its name's, *core* those without the words of its table.

    Of a field within others *words* are its own, and *within* those of what it lies in: of address.city they are city.
    """

    table: str
    name: str
    words: tuple[str, ...] = field(compare=False)
    core: tuple[str, ...] = field(compare=False)
    kind: str = field(compare=False)
    key: bool = field(compare=False, default=False)
    foreign: bool = field(compare=False, default=False)
    comment: str = field(compare=False, default="")
    samples: tuple[str, ...] = field(compare=False, default=())
    unit: str = field(compare=False, default="")
    nullable: bool = field(compare=False, default=False)
    textual: bool = field(compare=False, default=False)
    within: tuple[str, ...] = field(compare=False, default=())

    @property
    def numeric(self) -> bool:
        return self.kind == "number"

    @property
    def identifying(self) -> bool:
        return (
            self.key or self.foreign or (bool(self.words) and self.words[-1] in ("id", "code") and self.kind != "date")
        )

    @property
    def year(self) -> bool:
        """Whether it holds years as plain numbers or text."""
        return "year" in self.words and self.kind in ("number", "text") and not set(self.words) & {"old", "of", "num"}


@dataclass(frozen=True)
class Table:
    """A table: *id* is unique in the schema, *words* are its name's."""

    id: str
    name: str
    namespace: str
    words: tuple[str, ...]
    columns: tuple[Column, ...]
    primary: tuple[str, ...]
    rows: int | None
    comment: str = ""
    view: bool = False

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name.lower() == name.lower()), None)

    @cached_property
    def primary_columns(self) -> tuple[Column, ...]:
        return tuple(found for name in self.primary if (found := self.column(name)))

    @cached_property
    def linking(self) -> bool:
        """Whether it mostly ties other tables together."""
        foreign = sum(column.foreign for column in self.columns)
        return foreign >= 2 and not any(self.is_name(column) for column in self.columns)

    def is_name(self, column: Column) -> bool:
        # What lies within another field (port.name) names that, not the row.
        own = "." not in column.name
        return own and column.kind == "text" and bool(column.words) and column.words[-1] in _NAMING

    @cached_property
    def display(self) -> tuple[Column, ...]:
        """The columns that name a row for people: name or title, first and last name, else what tells most."""
        person = [c for ask in ("first", "last") for c in self.columns if (ask, "name") in (c.core, c.words)]
        names = [column for column in self.columns if self.is_name(column) and column not in person]
        bare = [column for column in names if column.core in (("name",), ("title",)) or column.core == ()]
        if bare or (names and not person and not names[0].foreign):
            return ((bare or names)[0],)
        if len(person) == 2:
            return tuple(person)
        own = (self.words, self.words[-1:])  # call_notes have a note
        same = [c for c in self.columns if c.kind == "text" and c.words and c.words in own and not c.foreign]
        telling = [c for c in self.columns if c.words and c.words[-1] in _TELLING and "other" not in c.words]
        if same or telling:
            return ((same or telling)[0],)
        keys = self.primary_columns
        return (
            keys
            if len(keys) == 1
            else tuple(c for c in self.columns if c.kind == "text" and not c.foreign)[:1] or keys[:1]
        )


@dataclass(frozen=True)
class Key:
    """A foreign key: *table.column* refers to *to_table.to_column*, and so do *more* pairs of columns with them."""

    table: str
    column: str
    to_table: str
    to_column: str
    inferred: bool = False
    more: tuple[tuple[str, str], ...] = ()

    @property
    def pairs(self) -> list[tuple[str, str]]:
        return [(self.column, self.to_column), *self.more]


class Catalog:
    """The schema, indexed."""

    def __init__(self, schema: Schema) -> None:
        self.dialect = spoken(schema.dialect)
        self.definitions: list[Definition] = list(schema.definitions)
        self.tables: dict[str, Table] = {}
        vocabulary = {word for table in schema.tables for word in split_name(table.name)}
        for table in schema.tables:
            built = _table(table, vocabulary)
            self.tables[built.id] = built
        self.keys = list(_declared(schema, self.tables))

    @property
    def columns(self) -> Iterable[Column]:
        return (column for table in self.tables.values() for column in table.columns)

    def column(self, table: str, name: str) -> Column | None:
        found = self.table(table)
        return found.column(name) if found else None

    def table(self, name: str) -> Table | None:
        if name in self.tables:
            return self.tables[name]
        low = name.lower()
        return next((t for t in self.tables.values() if low in (t.name.lower(), t.id.lower())), None)


def _table(table: SchemaTable, vocabulary: set[str]) -> Table:
    id_ = f"{table.namespace}.{table.name}" if table.namespace else table.name
    own = tuple(lemma(word) for word in expand(split_name(table.name), vocabulary))
    own = tuple(word for word in own if word not in ("tbl", "tb", "table", "ref", "reference")) or own
    foreign = {name for key in table.foreign_keys for name in key.columns}
    columns = []
    for column in table.columns:
        around, name = _parted(column.name, table)
        words = tuple(lemma(word) for word in expand(split_name(name), vocabulary | set(own)))
        core = tuple(word for word in words if word not in own)
        columns.append(
            Column(
                id_,
                column.name,
                words,
                core,
                _kind(column, words),
                list(table.primary_key) == [column.name],
                column.name in foreign,
                column.comment,
                tuple(column.samples),
                column.unit,
                column.nullable,
                column.type == events.COLUMN_TYPE_TEXT,
                tuple(lemma(word) for word in split_name(around)),
            )
        )
    rows = table.row_estimate if table.HasField("row_estimate") else None
    return Table(id_, table.name, table.namespace, own, tuple(columns), tuple(table.primary_key), rows,
                 table.comment, table.is_view)  # fmt: skip


def _parted(name: str, table: SchemaTable) -> tuple[str, str]:
    """Return what the field called *name* lies in, and its own name, when no other of *table* is called so."""
    around, _, own = name.rpartition(".")
    others = sum(column.name.rpartition(".")[2].lower() == own.lower() for column in table.columns)
    return (around, own) if around and others == 1 else ("", name)


def _figure(text: str) -> bool:
    return text.replace(".", "", 1).removeprefix("-").isdigit()


def _kind(column, words: tuple[str, ...]) -> str:
    if column.type in NUMBERS:
        return "number"
    if column.type in TIMES:
        return "date"
    if column.type == events.COLUMN_TYPE_BOOLEAN:
        return "boolean"
    if column.type == events.COLUMN_TYPE_TEXT:
        iso = [len(s) >= 8 and s[:4].isdigit() and s[4] in "-/" for s in column.samples]
        if column.samples and all(_figure(s) for s in column.samples) and MEASURES & set(words):
            return "number"
        return "date" if iso and all(iso) and {"date", "time", "at", "on", "day"} & set(words) else "text"
    return "time" if column.type == events.COLUMN_TYPE_TIME else "other"


def _declared(schema: Schema, tables: Mapping[str, Table]) -> Iterable[Key]:
    for table in schema.tables:
        id_ = f"{table.namespace}.{table.name}" if table.namespace else table.name
        for key in table.foreign_keys:
            target = (
                f"{key.referenced_namespace}.{key.referenced_table}"
                if key.referenced_namespace
                else key.referenced_table
            )
            target = next((name for name in tables if name.lower() == target.lower()), "")
            if target and len(key.columns) == len(key.referenced_columns):
                (column, to_column), *more = zip(key.columns, key.referenced_columns, strict=True)
                yield Key(id_, column, target, to_column, key.inferred, tuple(more))
