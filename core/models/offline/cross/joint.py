"""Several sources seen as one: a joint schema in which every table has a name of its own, and the way back home."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from core.models.offline.cross.keys import shared_keys
from core.models.offline.dialects import spoken
from levada.v1.catalog_pb2 import Column, Definition, Schema, Table

SQL = "sql"
NEARNESS = "score"
DIALECT = "duckdb"
"""What is written over the joint schema: it is where the results are joined."""


@dataclass(frozen=True)
class Home:
    """Where a joint table lives: *table* of the source named *source*, whose *schema* is as the source tells it."""

    source: str
    table: Table
    schema: Schema
    language: str

    @property
    def id(self) -> str:
        return f"{self.table.namespace}.{self.table.name}" if self.table.namespace else self.table.name


class Joint:
    """The joint schema of *schemas*; *languages* says what each source's queries are written in."""

    def __init__(self, schemas: Mapping[str, Schema], languages: Mapping[str, str]) -> None:
        self.homes: dict[str, Home] = {}
        self.languages = dict(languages)
        self.schema = Schema(source=" and ".join(schemas), dialect=DIALECT)
        for source, schema in schemas.items():
            for table in schema.tables:
                name = self._free(table.name, source)
                self.homes[name] = Home(source, table, schema, languages.get(source, SQL))
        names = {(home.source, home.id): name for name, home in self.homes.items()}
        for name, home in self.homes.items():
            self.schema.tables.append(_renamed(name, home, names))
        for source, schema in schemas.items():
            self.schema.definitions.extend(_definitions(schema, partial(self.name, source)))
        shared_keys(self.schema, {name: home.source for name, home in self.homes.items()})
        self._columns = {
            name.casefold(): {column.name.casefold(): column for column in home.table.columns}
            for name, home in self.homes.items()
        }

    def _free(self, name: str, source: str) -> str:
        """Return a name for a table that no other has, whatever the case."""
        taken = {other.casefold() for other in self.homes}
        plain, told = (re.sub(r"\W+", "_", text) for text in (name, f"{source}_{name}"))
        tries = [plain, told]
        tries += [f"{told}_{number}" for number in range(2, len(taken) + 3)]
        return next(one for one in tries if one.casefold() not in taken)

    def name(self, source: str, table: str) -> str | None:
        """Return the joint name of *source*'s *table*, which may stand with or without its namespace."""
        low = table.casefold()
        for name, home in self.homes.items():
            if home.source == source and low in (home.id.casefold(), home.table.name.casefold()):
                return name
        return None

    def home(self, table: str) -> Home:
        return self.homes[table]

    def column(self, table: str, column: str) -> Column | None:
        return self._columns.get(table.casefold(), {}).get(column.casefold())

    def unique(self, column: exp.Column) -> bool:
        """Say whether *column* tells the rows of its table apart."""
        found = self.column(column.table, column.name)
        return found is not None and (found.unique or list(self.home(column.table).table.primary_key) == [found.name])

    def sources(self, tree: exp.Expr) -> set[str]:
        """Return the sources whose tables *tree* reads."""
        return {self.homes[table.name].source for table in tree.find_all(exp.Table) if table.name in self.homes}


def _renamed(name: str, home: Home, names: Mapping[tuple[str, str], str]) -> Table:
    table = Table()
    table.CopyFrom(home.table)
    table.name, table.namespace = name, ""
    if home.language == "vector":
        # How near a row comes to what is looked for is nothing that the data say.
        kept = [column for column in table.columns if column.name != NEARNESS]
        del table.columns[:]
        table.columns.extend(kept)
    for key in table.foreign_keys:
        whole = f"{key.referenced_namespace}.{key.referenced_table}"
        target = whole if key.referenced_namespace else key.referenced_table
        key.referenced_table, key.referenced_namespace = names.get((home.source, target), key.referenced_table), ""
    return table


def _definitions(schema: Schema, joint_name: Callable[[str], str | None]) -> Iterator[Definition]:
    """Yield *schema*'s figures and words, said over the joint schema; what can't be is left out."""
    for definition in schema.definitions:
        said = Definition()
        said.CopyFrom(definition)
        try:
            said.expression = _over(definition.expression, schema.dialect, joint_name)
            said.condition = _over(definition.condition, schema.dialect, joint_name)
        except SqlglotError:
            continue
        table, dot, column = definition.target.partition(".")
        if table:
            said.target = f"{joint_name(table) or table}{dot}{column}"
        yield said


def _over(sql: str, dialect: str, joint_name: Callable[[str], str | None]) -> str:
    if not sql:
        return ""
    tree = sqlglot.parse_one(sql, read=spoken(dialect))
    for column in tree.find_all(exp.Column):
        if column.table and (name := joint_name(column.table)):
            column.set("table", exp.to_identifier(name))
            column.set("db", None)
    return tree.sql(dialect=DIALECT)
