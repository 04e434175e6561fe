"""Which names a query may use where: the tables and subqueries of each SELECT, its aliases, and the WITH in force."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlglot import exp

from core.errors import QueryRefused
from core.sources.guard.readable import Readable, ReadableTable, fold

Names = frozenset[str] | None
"""Column names, or None where only the engine knows them."""


@dataclass(eq=False)
class Source:
    """One thing in FROM. *doubtful* is set when it may reach more columns than the caller may read."""

    node: exp.Expr
    alias: str
    columns: Names
    table: ReadableTable | None = None
    doubtful: bool = False


@dataclass(eq=False)
class Level:
    """One SELECT: its sources and output names; *columns* are the column nodes that belong to it.

    *wide* are the nodes that stand for columns without naming them: `*`, COLUMNS(...), #1.
    """

    parent: "Level | None"
    select: exp.Expr | None = None
    sources: list[Source] = field(default_factory=list)
    outputs: set[str] = field(default_factory=set)
    columns: list[exp.Column] = field(default_factory=list)
    wide: list[exp.Expr] = field(default_factory=list)

    def outward(self) -> Iterator["Level"]:
        level: Level | None = self
        while level is not None:
            yield level
            level = level.parent


class Scopes:
    """Walks a query once, allows only readable tables and WITH names in scope, and keeps what it saw.

    Raises QueryRefused for any other table.
    """

    def __init__(self, root: exp.Expr, readable: Readable) -> None:
        self.readable = readable
        self.dialect = readable.dialect
        self.levels: list[Level] = []
        self.tables: dict[str, None] = {}
        self._query(root, None, {})

    def _fold(self, identifier: exp.Expr | None) -> str:
        return fold(identifier, self.dialect)

    def _query(self, query: exp.Expr, parent: Level | None, named: dict[str, Names]) -> Names:
        named = self._with(query, parent, named)
        level = Level(parent, query)
        self.levels.append(level)
        if isinstance(query, exp.Select):
            return self._select(query, level, named)
        if isinstance(query, exp.SetOperation):
            return self._set_operation(query, level, named)
        if isinstance(query, exp.Subquery) and isinstance(query.this, exp.Query | exp.Values | exp.Pivot):
            names = self._query(query.this, parent, named)
            level.outputs |= names or set()
            self._rest(query, level, named, "this", "with_", "alias")
            return None if query.args.get("pivots") else names
        if isinstance(query, exp.Pivot):
            self._source(query.this, level, named)
            self._pivoted(level)
        self._rest(query, level, named, "this" if isinstance(query, exp.Pivot) else "", "with_", "alias")
        return None

    def _with(self, query: exp.Expr, parent: Level | None, named: dict[str, Names]) -> dict[str, Names]:
        clause = query.args.get("with_")
        if clause is None:
            return named
        named = dict(named)
        recursive = bool(clause.args.get("recursive"))
        if self.dialect == "sqlite":  # its WITH names see each other, and themselves, without RECURSIVE
            named |= {self._fold(cte.args["alias"].this): None for cte in clause.expressions}
        for cte in clause.expressions:
            name = self._fold(cte.args["alias"].this)
            if recursive:
                named[name] = None
            names = self._query(cte.this, parent, named)
            named[name] = self._renamed(cte.args["alias"], names)
        return named

    def _select(self, select: exp.Select, level: Level, named: dict[str, Names]) -> Names:
        if source := select.args.get("from_"):
            self._source(source.this, level, named)
        for clause in [*(select.args.get("joins") or ()), *(select.args.get("laterals") or ())]:
            self._source(clause.this if isinstance(clause, exp.Join) else clause, level, named)
        level.outputs |= {self._fold(item.args["alias"]) for item in select.expressions if isinstance(item, exp.Alias)}
        for join in select.args.get("joins") or ():
            self._rest(join, level, named, "this")
        self._rest(select, level, named, "from_", "joins", "laterals", "with_")
        return self._outputs(select, level)

    def _outputs(self, select: exp.Select, level: Level) -> Names:
        names: set[str] = set()
        for item in select.expressions:
            if isinstance(item, exp.Star | exp.Column) and item.is_star:
                sources = [
                    s for s in level.sources if not item.args.get("table") or s.alias == self._fold(item.args["table"])
                ]
                if any(source.columns is None for source in sources) or not sources:
                    return None
                names.update(*(source.columns or () for source in sources))
            elif isinstance(item, exp.Alias | exp.Column):
                names.add(self._fold(item.args["alias"] if isinstance(item, exp.Alias) else item.this))
            else:
                return None
        return frozenset(names)

    def _set_operation(self, query: exp.SetOperation, level: Level, named: dict[str, Names]) -> Names:
        sides = [query]
        names: Names = None
        while sides:  # a long UNION leans to the left; a loop takes any length
            side = sides.pop()
            if isinstance(side, exp.SetOperation) and (side is query or not side.args.get("with_")):
                sides += [side.expression, side.this]
                if side is not query:
                    self._rest(side, level, named, "this", "expression", "with_")
            else:
                found = self._query(side, level.parent, named)
                names = found if names is None else names
                level.outputs |= found or set()
        self._rest(query, level, named, "this", "expression", "with_")
        return names

    def _source(self, node: exp.Expr, level: Level, named: dict[str, Names]) -> None:
        alias = node.args.get("alias")
        name = self._fold(alias.this) if isinstance(alias, exp.TableAlias) and alias.this else ""
        before = len(level.sources)
        if isinstance(node, exp.Table) and isinstance(node.this, exp.Identifier):
            level.sources.append(self._table(node, name, named))
        elif isinstance(node, exp.Subquery) and isinstance(node.this, exp.Table | exp.Subquery) and not name:
            self._source(node.this, level, named)
        elif isinstance(node, exp.Subquery) or (isinstance(node, exp.Lateral) and isinstance(node.this, exp.Subquery)):
            names = self._query(node if isinstance(node, exp.Subquery) else node.this, level, named)
            level.sources.append(Source(node, name, self._renamed(alias, names)))
        else:
            self._rest(node, level, named, "alias", "joins", "pivots")
            level.sources.append(Source(node, name or self._function_name(node), None))
        for join in node.args.get("joins") or ():
            self._source(join.this, level, named)
            self._rest(join, level, named, "this")
        if node.args.get("pivots"):
            for pivot in node.args["pivots"]:
                self._rest(pivot, level, named, "alias")
                if pivot.args.get("alias"):
                    level.sources.append(Source(pivot, self._fold(pivot.args["alias"].this), None))
            self._pivoted(level, before)

    def _table(self, node: exp.Table, alias: str, named: dict[str, Names]) -> Source:
        name = self._fold(node.this)
        qualified = node.args.get("db") or node.args.get("catalog")
        if not qualified and name in named:
            return Source(node, alias or name, self._renamed(node.args.get("alias"), named[name]))
        table = self.readable.find(node)
        if table is None:
            raise self._unreadable(node)
        self.tables[f"{table.namespace}.{table.name}" if table.namespace else table.name] = None
        renamed = node.args.get("alias") is not None and bool(node.args["alias"].args.get("columns"))
        columns = None if table.open or renamed else frozenset(table.columns)
        return Source(node, alias or name, columns, table, doubtful=renamed)

    def _unreadable(self, node: exp.Table) -> QueryRefused:
        asked = ".".join(part.name for part in node.parts)
        near = [name for name in self.readable.names() if name.lower().endswith(node.name.lower())]
        hint = f"Did you mean {near[0]}?" if near else "Ask only for tables of this source's schema."
        return QueryRefused("unreadable-table", f"There is no table {asked} that you may read. {hint}")

    def _function_name(self, node: exp.Expr) -> str:
        call = node.this
        if isinstance(call, exp.Anonymous):
            return self._fold(call.this) if isinstance(call.this, exp.Identifier) else str(call.this).lower()
        return "unnest" if isinstance(node, exp.Unnest) else ""

    def _renamed(self, alias: exp.Expr | None, names: Names) -> Names:
        columns = alias.args.get("columns") if alias is not None else None
        if not columns:
            return names
        return frozenset(self._fold(c.this if isinstance(c, exp.ColumnDef) else c) for c in columns) | (names or set())

    @staticmethod
    def _pivoted(level: Level, start: int = 0) -> None:
        """A pivot groups by whatever columns it does not name, so it sees them all."""
        for source in level.sources[start:]:
            source.columns, source.doubtful = None, True

    def _rest(self, node: exp.Expr, level: Level, named: dict[str, Names], *done: str) -> None:
        """Look at everything under *node* that is not yet seen, without entering a query's own level."""
        pending = [child for key, value in node.args.items() if key not in done for child in _nodes(value)]
        while pending:
            child = pending.pop()
            if isinstance(child, exp.Query):
                self._query(child, level, named)
            elif isinstance(child, exp.Table):
                self._source(child, level, named)
            else:
                if isinstance(child, exp.Column):
                    level.columns.append(child)
                elif _is_wide(child):
                    level.wide.append(child)
                elif isinstance(child, exp.Comprehension):
                    level.outputs |= {self._fold(n) for n in child.find_all(exp.Identifier)}
                pending += [deeper for value in child.args.values() for deeper in _nodes(value)]


def _is_wide(node: exp.Expr) -> bool:
    if isinstance(node, exp.Star):
        call = node.parent
        counted = isinstance(call, exp.Anonymous) and str(call.this).lower() == "count"
        return not counted or any(node.args.values())
    if isinstance(node, exp.Anonymous):
        return node.name.lower() == "columns"
    return isinstance(node, exp.Columns | exp.PositionalColumn)


def _nodes(value: object) -> Iterator[exp.Expr]:
    for item in value if isinstance(value, list) else (value,):
        if isinstance(item, exp.Expr):
            yield item
