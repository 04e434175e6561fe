"""What one SELECT reads, itself and not the queries within it: its tables, how they are joined, its conditions."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlglot import exp

from core.models.offline.cross.joint import Joint

Named = tuple[str, str]
"""A table of the joint schema and a column of it."""


@dataclass
class Link:
    """How *table* is joined to what stands before it."""

    table: str
    condition: exp.Expr
    side: str = ""

    @property
    def tables(self) -> set[str]:
        return {column.table for column in self.condition.find_all(exp.Column)}

    @property
    def pairs(self) -> list[tuple[exp.Column, exp.Column]]:
        """The pairs of columns that are equal, when that is all."""
        parts = list(self.condition.flatten()) if isinstance(self.condition, exp.And) else [self.condition]
        found = [
            (one.this, one.expression)
            for one in parts
            if isinstance(one, exp.EQ) and isinstance(one.this, exp.Column) and isinstance(one.expression, exp.Column)
        ]
        return found if len(found) == len(parts) else []

    @property
    def ends(self) -> tuple[exp.Column, exp.Column] | None:
        """The two columns that are equal, when that is all."""
        pairs = self.pairs
        return pairs[0] if len(pairs) == 1 else None


@dataclass
class Scope:
    select: exp.Select
    tables: list[str] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    where: list[exp.Expr] = field(default_factory=list)

    def columns(self, node: exp.Expr | None = None) -> Iterator[exp.Column]:
        """Yield the columns in *node*, else in the whole, that are not those of a query within."""
        for column in (node or self.select).find_all(exp.Column):
            if column.parent_select is self.select:
                yield column

    def calls(self, node: exp.Expr) -> Iterator[exp.Anonymous]:
        """Yield what is called by name in *node*, that is not called in a query within."""
        return (found for found in node.find_all(exp.Anonymous) if found.parent_select is self.select)

    def aggregates(self) -> list[exp.AggFunc]:
        """Return the aggregates of the groups; those of windows go over results."""
        return [
            found
            for found in self.select.find_all(exp.AggFunc)
            if found.parent_select is self.select and not isinstance(found.parent, exp.Window)
        ]

    @property
    def nullable(self) -> set[str]:
        """The tables whose columns may be NULL because no row met."""
        return {link.table for link in self.links if link.side}


def scope_of(select: exp.Select) -> Scope:
    """Return the scope of *select*, whose columns are qualified."""
    scope = Scope(select, [select.args["from_"].this.name])
    for join in select.args.get("joins") or []:
        scope.tables.append(join.this.name)
        scope.links.append(Link(join.this.name, join.args["on"], join.side or ""))
    where = select.args.get("where")
    scope.where = (
        list(where.this.flatten()) if where and isinstance(where.this, exp.And) else [where.this] if where else []
    )
    return scope


def qualified(tree: exp.Expr, joint: Joint) -> exp.Expr:
    """Say in *tree* of every column which table it is of, and every column that a star stands for."""
    for select in tree.find_all(exp.Select):
        source = select.args.get("from_")
        if source is None or not isinstance(source.this, exp.Table):
            continue
        tables = [source.this.name, *(join.this.name for join in select.args.get("joins") or [])]
        select.set("expressions", [one for shown in select.expressions for one in _spread(shown, tables, joint)])
        for column in select.find_all(exp.Column):
            if column.parent_select is select and not column.table:
                owner = next((table for table in tables if joint.column(table, column.name)), tables[0])
                column.set("table", exp.to_identifier(owner))
    return tree


def _spread(shown: exp.Expr, tables: list[str], joint: Joint) -> list[exp.Expr]:
    if isinstance(shown, exp.Star):
        owners = tables
    elif isinstance(shown, exp.Column) and isinstance(shown.this, exp.Star):
        owners = [shown.table]
    else:
        return [shown]
    return [exp.column(c.name, owner, quoted=True) for owner in owners for c in joint.home(owner).table.columns]
