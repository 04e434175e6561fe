"""From the intermediate form to SQL: finds the joins, writes each clause, and lets sqlglot lay it out."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

import sqlglot

from core.models.offline import ir
from core.models.offline.catalog import Catalog, Column, Table
from core.models.offline.joins import Join, Joins, Unjoinable
from core.models.offline.tables import condition_tables, expressions, query_tables, tables_of
from core.models.offline.writing import Writer


class Renderer:
    """Writes queries over one catalog. *said* are the lemmas of the question, to tell keys apart."""

    def __init__(self, catalog: Catalog, joins: Joins, said: AbstractSet[str] = frozenset()) -> None:
        self.catalog, self.joins, self.said = catalog, joins, said
        self.dialect = catalog.dialect

    def sql(self, query: ir.Query) -> str:
        """Return *query* as SQL, laid out over lines. Raises Unjoinable."""
        return sqlglot.parse_one(self.text(query), read=self.dialect).sql(dialect=self.dialect, pretty=True)

    def text(self, query: ir.Query) -> str:
        """Return *query* as SQL in one line."""
        if query.combined:
            operator, other = query.combined
            first = ir.Query(query.select, False, query.where, query.group, query.having, needs=query.needs)
            both = f"{self.text(first)} {operator} {self.text(other)}"
            return _counted(both) if query.counted else both
        if query.counted:
            return _counted(self.text(replace(query, counted=False)))
        tables, joins = self._joined(query)
        alone = len(joins) == 0
        writer = Writer(self.catalog, self.text, alone)
        clauses = [
            f"SELECT {'DISTINCT ' if self._distinct(query, joins, tables) else ''}{self._select(query, writer, joins)}"
        ]
        clauses.append("FROM " + self._from(tables[0], joins, writer, query))
        conditions = [*query.where, *_metric_conditions(query)]
        if conditions:
            clauses.append("WHERE " + " AND ".join(dict.fromkeys(writer.condition(c, inner=True) for c in conditions)))
        if group := self._group(query, joins):
            clauses.append("GROUP BY " + ", ".join(writer.expr(expr) for expr in group))
        if query.having:
            clauses.append("HAVING " + " AND ".join(writer.condition(c) for c in query.having))
        if query.order:
            clauses.append(
                "ORDER BY " + ", ".join(writer.measure(e) + (" DESC" if down else "") for e, down in query.order)
            )
        if query.limit:
            clauses.append(f"LIMIT {query.limit}")
        return " ".join(clauses)

    def _joined(self, query: ir.Query) -> tuple[list[str], list[Join]]:
        """Return the tables of *query* and their joins, such that no figure's rows are counted more than once."""
        tables = list(dict.fromkeys([*query_tables(query), *query.needs]))
        joins = self.joins.tree(tables, self.said)
        figures = [f for f in map(ir.innermost, expressions(query)) if isinstance(f, ir.Metric) and f.tables]
        if not any(self._inflated(figure, joins) for figure in figures):
            return tables, joins
        own = figures[0].tables
        referred = {key.to_table for key in self.catalog.keys if key.table in own}
        narrowing = [table for condition in query.where for table in condition_tables(condition)]
        tables = list(dict.fromkeys([*sorted(own, key=referred.__contains__), *narrowing, *tables]))
        joins = self.joins.tree(tables, self.said, outward=True)
        if any(self._inflated(figure, joins) for figure in figures):
            raise Unjoinable("only through rows that would count a figure several times")
        return tables, joins

    def _inflated(self, figure: ir.Metric, joins: Sequence[Join]) -> bool:
        return all(self.multiplied(table, joins) for table in figure.tables)

    def _select(self, query: ir.Query, writer: "Writer", joins: Sequence[Join]) -> str:
        return ", ".join(writer.expr(self._counted(expr, joins)) for expr in query.select)

    def _counted(self, expr: ir.Expr, joins: Sequence[Join]) -> ir.Expr:
        """Count rows of a table once each, also where joins multiply them."""
        if not (isinstance(expr, ir.Agg) and expr.function == "count" and isinstance(expr.of, ir.Star)):
            return expr
        if self.multiplied(expr.of.table, joins):
            keys = self._keys(self.catalog.tables[expr.of.table], joins)
            if len(keys) == 1:
                return ir.Agg("count", ir.Col(keys[0]), distinct=True)
        return expr

    def multiplied(self, table: str, joins: Sequence[Join]) -> bool:
        """Say whether *joins* may show one row of *table* more than once."""
        reached, grown = {table}, True
        while grown:
            grown = False
            for join in joins:
                for near, far, many in (
                    (join.other, join.table, join.multiplies),
                    (join.table, join.other, not join.multiplies),
                ):
                    if near in reached and far not in reached:
                        if many and not self._single(join):
                            return True
                        reached.add(far)
                        grown = True
        return False

    def _single(self, join: Join) -> bool:
        """Say whether the referring column is unique, so that the join multiplies nothing."""
        return set(self.catalog.tables[join.key.table].primary) == {column for column, _ in join.key.pairs}

    def _distinct(self, query: ir.Query, joins: Sequence[Join], tables: Sequence[str]) -> bool:
        if query.group or any(ir.is_aggregate(expr) for expr in query.select):
            return False
        if self.dialect != "sqlite" and any(expr not in query.select for expr, _ in query.order):
            return False  # others refuse to order different rows by what is not shown
        return query.distinct or (
            not query.order and self._names_repeat(query, joins) and not self._namesakes(query, joins)
        )

    def _namesakes(self, query: ir.Query, joins: Sequence[Join]) -> bool:
        """Say whether rows that are shown by name are told apart by their key: two customers may have one name."""
        if query.distinct or query.order or not self._names_repeat(query, joins):
            return False
        columns = [expr.column for expr in query.select if isinstance(expr, ir.Col)]
        return len(self._keys(self.catalog.tables[columns[0].table], joins)) == 1

    def _names_repeat(self, query: ir.Query, joins: Sequence[Join]) -> bool:
        """Say whether the names of one table's rows are asked for and *joins* would show some of them twice."""
        columns = [expr.column for expr in query.select if isinstance(expr, ir.Col)]
        owners = {column.table for column in columns}
        if len(columns) != len(query.select) or len(owners) != 1:
            return False
        table = self.catalog.tables[owners.pop()]
        return all(column in table.display for column in columns) and self.multiplied(table.id, joins)

    def _from(self, first: str, joins: Sequence[Join], writer: "Writer", query: ir.Query) -> str:
        """Write the joins. Of a ratio ("returned of all lines") the rows without a partner must stay."""
        parts = [writer.table(first)]
        ratios = [e for e in expressions(query) if isinstance(e, ir.Metric) and "/" in e.sql]
        used = {t for e in expressions(query) if not isinstance(e, ir.Metric) for t in tables_of(e)}
        used |= {t for c in query.where for t in condition_tables(c)}
        for join in joins:
            key = join.key
            met = [f"{writer.qualified(key.table, a)} = {writer.qualified(key.to_table, b)}" for a, b in key.pairs]
            outer = join.multiplies and any({join.table, join.other} <= set(m.tables) for m in ratios)
            way = "LEFT JOIN" if outer and join.table not in used else "JOIN"
            parts.append(f"{way} {writer.table(join.table)} ON {' AND '.join(met)}")
        return " ".join(parts)

    def _keys(self, table: Table, joins: Sequence[Join]) -> Sequence[Column]:
        """Return what tells the rows of *table* apart: files declare no keys, but what others refer to is one."""
        referred = dict.fromkeys(join.key.to_column for join in joins if join.key.to_table == table.id)
        return table.primary_columns or [found for name in referred if (found := table.column(name))]

    def _group(self, query: ir.Query, joins: Sequence[Join]) -> list[ir.Expr]:
        """Return what to group by: as asked, else the plain parts of a select with figures; rows by their key."""
        plain = [e for e in query.select if not ir.is_aggregate(e)]
        aggregated = len(plain) < len(query.select) or query.having or any(ir.is_aggregate(e) for e, _ in query.order)
        if not aggregated and not query.group and not self._namesakes(query, joins):
            return []
        group: list[ir.Expr] = []
        for expr in [*query.group, *plain]:
            if isinstance(expr, ir.Col) and expr not in query.group:
                table = self.catalog.tables[expr.column.table]
                keys = self._keys(table, joins)
                if expr.column in table.display and len(keys) == 1:
                    group.append(ir.Col(keys[0]))
            if isinstance(expr, ir.Star):
                group.extend(ir.Col(column) for column in self.catalog.tables[expr.table].primary_columns)
            else:
                group.append(expr)
        return list(dict.fromkeys(group))


def _counted(sql: str) -> str:
    return f"SELECT COUNT(*) FROM ({sql}) AS matches"  # noqa: S608 - written by us from checked names


def _metric_conditions(query: ir.Query) -> list[ir.Condition]:
    """Return what the definitions of the figures in *query* demand."""
    said = [*expressions(query), *(c.left for c in query.having if isinstance(c, ir.Compare))]
    figures = (figure for figure in map(ir.innermost, said) if isinstance(figure, ir.Metric))
    return [ir.Raw(figure.condition, figure.tables) for figure in figures if figure.condition]
