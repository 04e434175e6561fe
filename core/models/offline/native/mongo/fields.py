"""Where a column of the planner's SQL is found in the documents that a pipeline has gathered."""

from dataclasses import dataclass, field

from sqlglot import exp

from core.models.offline.native.faults import CannotSay
from levada.v1.catalog_pb2 import Column, Schema


@dataclass
class Fields:
    """The documents of *root*, with those of *joined* tables each under a name of its own."""

    schema: Schema
    root: str
    joined: dict[str, str] = field(default_factory=dict)

    def join(self, table: str) -> str:
        """Return the name under which *table*'s documents are held from now on."""
        taken = {column.name.partition(".")[0].removesuffix("[]") for column in self._columns(self.root).values()}
        self.joined[table] = table if table not in taken else f"{table}_joined"
        return self.joined[table]

    def path(self, column: exp.Column) -> str:
        """Return the dotted path of *column*, through arrays as through objects."""
        if column.table in self.joined:
            return f"{self.joined[column.table]}.{within(column.name)}"
        return within(column.name)

    def column(self, column: exp.Column) -> Column:
        found = self._columns(column.table or self.root).get(column.name)
        if found is None:
            raise CannotSay(f"there is no field {column.name}")
        return found

    def _columns(self, table: str) -> dict[str, Column]:
        return {c.name: c for t in self.schema.tables if t.name == table for c in t.columns}


def within(name: str) -> str:
    """Return the path of the field called *name* in its own document: items[].sku is items.sku."""
    return name.replace("[]", "")


def array_of(name: str) -> str:
    """Return the outermost array that the field called *name* lies in, empty when in none."""
    before, bracket, _ = name.partition("[]")
    return before if bracket else ""
