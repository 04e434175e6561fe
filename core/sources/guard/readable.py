"""What one caller may read of a source: its tables, their columns, and the names that must not be reached."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from levada.v1 import catalog_pb2
from levada.v1.event_pb2 import COLUMN_TYPE_TEXT

# Where a table with an empty namespace lives, for those who spell it out.
_DEFAULT_NAMESPACE = {"sqlite": "main", "postgres": "public", "duckdb": "main", "mysql": "", "trino": ""}
# Types that are compared with any text, each in its own way: with or without blanks at the end, capitals and small.
_POSTGRES_TEXTS = ("text", "char", '"char"', "bpchar", "varchar", "name", "citext")


def fold(identifier: exp.Expr | None, dialect: str) -> str:
    """Return the name as the engine compares it."""
    if not isinstance(identifier, exp.Identifier):
        return identifier.name if identifier else ""
    name: str = identifier.this
    if dialect == "postgres":
        return name if identifier.args.get("quoted") else _lower_ascii(name)
    return name.lower()


def _lower_ascii(name: str) -> str:
    return "".join(c.lower() if c.isascii() else c for c in name)


@dataclass(frozen=True)
class ReadableTable:
    """A table as the caller may see it. *columns* maps folded names to the names as they are spelled, *kinds* to types.

    *hidden* holds the names the caller must not reach, or None when other columns may exist that nobody named.
    *spelled* are the folded names of columns whose values are shown as texts and are none: PostgreSQL's enumerations.
    """

    name: str
    namespace: str
    columns: dict[str, str]
    hidden: frozenset[str] | None
    rowid: bool
    rows: int | None
    kinds: Mapping[str, int] = field(default_factory=dict)
    spelled: frozenset[str] = frozenset()

    @property
    def open(self) -> bool:
        """Whether nothing is known of its columns, so that none can be checked."""
        return not self.columns

    @property
    def narrowed(self) -> bool:
        """Whether there may be columns that the caller must not reach."""
        return bool(self.columns) and self.hidden != frozenset()


@dataclass(frozen=True)
class Readable:
    """The tables and columns that one caller may read."""

    dialect: str
    tables: dict[tuple[str, str], ReadableTable] = field(default_factory=dict)
    types: frozenset[str] = frozenset()

    @classmethod
    def of(cls, schema: catalog_pb2.Schema, whole: catalog_pb2.Schema | None = None) -> "Readable":
        """Return what *schema* names: nothing else can be read.

        *whole* is the source's full schema, when it is known; its columns that *schema* leaves out are hidden. Without
        it any column that *schema* does not name counts as hidden: `*` is then always spelled out.
        """
        rest = {(table.namespace, table.name): table for table in whole.tables} if whole else {}
        tables = {}
        for table in schema.tables:
            full = rest.get((table.namespace, table.name))
            readable = _readable(table, full, schema.dialect)
            tables[_key(table.namespace, schema.dialect), _key(table.name, schema.dialect)] = readable
        types = {column.native_type.lower() for table in schema.tables for column in table.columns}
        return cls(schema.dialect, tables, frozenset(types))

    def find(self, table: exp.Table) -> ReadableTable | None:
        """Return the table that *table* names, or None when the caller may not read it."""
        namespace, name = fold(table.args.get("db"), self.dialect), fold(table.this, self.dialect)
        if table.args.get("catalog"):
            return None
        if namespace and namespace == _DEFAULT_NAMESPACE[self.dialect] and ("", name) in self.tables:
            namespace = ""
        return self.tables.get((namespace, name))

    def names(self) -> list[str]:
        return [f"{t.namespace}.{t.name}" if t.namespace else t.name for t in self.tables.values()]


def _spelled(column: catalog_pb2.Column, dialect: str) -> bool:
    shown = dialect == "postgres" and column.type == COLUMN_TYPE_TEXT
    return shown and not column.native_type.rpartition(".")[2].startswith(_POSTGRES_TEXTS)


def _key(name: str, dialect: str) -> str:
    return name if dialect == "postgres" else name.lower()


def _readable(table: catalog_pb2.Table, full: catalog_pb2.Table | None, dialect: str) -> ReadableTable:
    columns = {_key(column.name, dialect): column.name for column in table.columns}
    hidden = None
    if full is not None:
        hidden = frozenset(_key(column.name, dialect) for column in full.columns) - set(columns)
    seen_key = bool(table.primary_key) and all(_key(name, dialect) in columns for name in table.primary_key)
    return ReadableTable(
        name=table.name,
        namespace=table.namespace,
        columns=columns,
        hidden=hidden,
        # SQLite's rowid is often the primary key by another name.
        rowid=dialect in ("sqlite", "duckdb") and (seen_key or hidden == frozenset()),
        rows=table.row_estimate if table.HasField("row_estimate") else None,
        kinds={_key(column.name, dialect): column.type for column in table.columns},
        spelled=frozenset(_key(column.name, dialect) for column in table.columns if _spelled(column, dialect)),
    )
