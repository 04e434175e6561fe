"""From the intermediate form to SQL: finds the joins, writes each clause, and lets sqlglot lay it out."""

from collections.abc import Iterable, Sequence, Set
from dataclasses import replace

import sqlglot
from sqlglot import exp

from core.models.offline import dialects, ir
from core.models.offline.catalog import Catalog, Column
from core.models.offline.joins import Join, Joins


class Renderer:
    """Writes queries over one catalog. *said* are the lemmas of the question, to tell keys apart."""

    def __init__(self, catalog: Catalog, joins: Joins, said: Set[str] = frozenset()) -> None:
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
            return f"SELECT COUNT(*) FROM ({both}) AS matches" if query.counted else both
        if query.counted:
            return f"SELECT COUNT(*) FROM ({self.text(replace(query, counted=False))}) AS matches"
        tables = list(dict.fromkeys([*_tables(query), *query.needs]))
        joins = self.joins.tree(tables, self.said)
        alone = len(joins) == 0
        writer = _Writer(self, alone)
        clauses = [
            f"SELECT {'DISTINCT ' if self._distinct(query, joins, tables) else ''}{self._select(query, writer, joins)}"
        ]
        clauses.append("FROM " + self._from(tables[0], joins, writer, query))
        conditions = [*query.where, *_metric_conditions(query)]
        if conditions:
            clauses.append("WHERE " + " AND ".join(dict.fromkeys(writer.condition(c, inner=True) for c in conditions)))
        if group := self._group(query):
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

    def _select(self, query: ir.Query, writer: "_Writer", joins: Sequence[Join]) -> str:
        return ", ".join(writer.expr(self._counted(expr, joins)) for expr in query.select)

    def _counted(self, expr: ir.Expr, joins: Sequence[Join]) -> ir.Expr:
        """Count rows of a table once each, also where joins multiply them."""
        if not (isinstance(expr, ir.Agg) and expr.function == "count" and isinstance(expr.of, ir.Star)):
            return expr
        if self.multiplied(expr.of.table, joins):
            keys = self.catalog.tables[expr.of.table].primary_columns
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
        return list(self.catalog.tables[join.key.table].primary) == [join.key.column]

    def _distinct(self, query: ir.Query, joins: Sequence[Join], tables: Sequence[str]) -> bool:
        if query.group or any(ir.is_aggregate(expr) for expr in query.select):
            return False
        return query.distinct or (not query.order and self._names_repeat(query, joins))

    def _names_repeat(self, query: ir.Query, joins: Sequence[Join]) -> bool:
        """Say whether the names of one table's rows are asked for and *joins* would show some of them twice."""
        columns = [expr.column for expr in query.select if isinstance(expr, ir.Col)]
        owners = {column.table for column in columns}
        if len(columns) != len(query.select) or len(owners) != 1:
            return False
        table = self.catalog.tables[owners.pop()]
        return all(column in table.display for column in columns) and self.multiplied(table.id, joins)

    def _from(self, first: str, joins: Sequence[Join], writer: "_Writer", query: ir.Query) -> str:
        """Write the joins. Of a ratio ("returned of all lines") the rows without a partner must stay."""
        parts = [writer.table(first)]
        ratios = [e for e in _expressions(query) if isinstance(e, ir.Metric) and "/" in e.sql]
        used = {t for e in _expressions(query) if not isinstance(e, ir.Metric) for t in tables_of(e)}
        used |= {t for c in query.where for t in condition_tables(c)}
        for join in joins:
            key = join.key
            left, right = writer.qualified(key.table, key.column), writer.qualified(key.to_table, key.to_column)
            outer = any({join.table, join.other} <= set(m.tables) for m in ratios) and join.multiplies
            parts.append(
                f"{'LEFT ' if outer and join.table not in used else ''}JOIN {writer.table(join.table)} ON {left} = {right}"
            )
        return " ".join(parts)

    def _group(self, query: ir.Query) -> list[ir.Expr]:
        """Return what to group by: as asked, else the plain parts of a select with figures; rows by their key."""
        plain = [e for e in query.select if not ir.is_aggregate(e)]
        aggregated = len(plain) < len(query.select) or query.having or any(ir.is_aggregate(e) for e, _ in query.order)
        if not aggregated and not query.group:
            return []
        group: list[ir.Expr] = []
        for expr in [*query.group, *plain]:
            if isinstance(expr, ir.Col) and (table := self.catalog.tables[expr.column.table]):
                keys = table.primary_columns
                if expr.column in table.display and len(keys) == 1 and expr.column not in query.group:
                    group.append(ir.Col(keys[0]))
            if isinstance(expr, ir.Star):
                group.extend(ir.Col(column) for column in self.catalog.tables[expr.table].primary_columns)
            else:
                group.append(expr)
        return list(dict.fromkeys(group))


class _Writer:
    """Writes expressions and conditions; names columns with their tables unless one table stands *alone*."""

    def __init__(self, renderer: Renderer, alone: bool) -> None:
        self.renderer, self.alone, self.dialect = renderer, alone, renderer.dialect

    def table(self, id_: str) -> str:
        table = self.renderer.catalog.tables[id_]
        own = dialects.quote(table.name, self.dialect)
        return f"{dialects.quote(table.namespace, self.dialect)}.{own}" if table.namespace else own

    def qualified(self, table: str, column: str) -> str:
        name = self.renderer.catalog.tables[table].name
        return f"{dialects.quote(name, self.dialect)}.{dialects.quote(column, self.dialect)}"

    def column(self, column: Column) -> str:
        return dialects.quote(column.name, self.dialect) if self.alone else self.qualified(column.table, column.name)

    def measure(self, expr: ir.Expr) -> str:
        """Write *expr* for comparing or ordering: figures stored as text are made numbers."""
        if isinstance(expr, ir.Col) and expr.column.numeric and expr.column.textual:
            return f"CAST({self.column(expr.column)} AS {'REAL' if self.dialect == 'sqlite' else 'DECIMAL'})"
        return self.expr(expr)

    def expr(self, expr: ir.Expr) -> str:
        match expr:
            case ir.Col(column):
                return self.column(column)
            case ir.Star(table):
                return (
                    "*" if self.alone else f"{dialects.quote(self.renderer.catalog.tables[table].name, self.dialect)}.*"
                )
            case ir.Agg(function, of, distinct):
                inner = "*" if isinstance(of, ir.Star) else self.measure(of)
                return f"{function.upper()}({'DISTINCT ' if distinct else ''}{inner})"
            case ir.Metric(sql=sql):
                return exp.maybe_parse(sql).sql(dialect=self.dialect)
            case ir.Bucket(column, unit):
                return dialects.bucket(self.column(column), unit, self.dialect)
            case ir.Share(of):
                return f"100.0 * {self.expr(of)} / SUM({self.expr(of)}) OVER ()"
            case ir.PerRow(of, table):
                key = self.renderer.catalog.tables[table].primary_columns[0]
                return f"1.0 * {self.expr(of)} / COUNT(DISTINCT {self.column(key)})"
            case ir.Portion(condition=condition):
                return f"100.0 * SUM(CASE WHEN {self.condition(condition)} THEN 1 ELSE 0 END) / COUNT(*)"
            case ir.Growth():
                return self.growth(expr)
            case ir.Arith(left, right):
                return f"{self.column(left)} - {self.column(right)}"

    def growth(self, growth: ir.Growth) -> str:
        now, before = (self._windowed(growth, span) for span in (growth.now, growth.before))
        return f"100.0 * ({now} - {before}) / NULLIF({before}, 0)" if growth.relative else f"{now} - {before}"

    def _windowed(self, growth: ir.Growth, span: tuple[str, str]) -> str:
        """Return the figure over one span only: its arguments are NULL outside."""
        column = self.column(growth.column)
        inside = f"{column} >= {dialects.text(span[0])} AND {column} < {dialects.text(span[1])}"
        tree = sqlglot.parse_one(self.expr(growth.of), read=self.dialect)
        for aggregate in list(tree.find_all(exp.AggFunc)):
            argument = aggregate.this
            target = argument.expressions[0] if isinstance(argument, exp.Distinct) else argument
            value = "1" if isinstance(target, exp.Star) else target.sql(dialect=self.dialect)
            case = sqlglot.parse_one(f"CASE WHEN {inside} THEN {value} END", read=self.dialect)
            target.replace(case)
        return tree.sql(dialect=self.dialect)

    def condition(self, condition: ir.Condition, inner: bool = False) -> str:
        match condition:
            case ir.Compare(left, op, right):
                return self.comparison(left, op, right)
            case ir.Within(column, start, end):
                parts = [f"{self.column(column)} >= {dialects.text(start)}"] if start else []
                parts += [f"{self.column(column)} < {dialects.text(end)}"] if end else []
                return " AND ".join(parts) if inner else f"({' AND '.join(parts)})"
            case ir.IsNull(column, negated):
                return f"{self.column(column)} IS {'NOT ' if negated else ''}NULL"
            case ir.Member(column, query, negated):
                inside = self.renderer.text(query)
                return f"{self.column(column)} {'NOT ' if negated else ''}IN ({inside})"
            case ir.Raw(sql):
                return exp.maybe_parse(sql).sql(dialect=self.dialect)
            case ir.Not(of):
                return f"NOT ({self.condition(of)})"
            case ir.Any_(parts):
                return "(" + " OR ".join(self.condition(part) for part in parts) + ")"
            case ir.All_(parts):
                return "(" + " AND ".join(self.condition(part) for part in parts) + ")"

    def comparison(self, left: ir.Expr, op: str, right: object) -> str:
        written = self.expr(left) if op in ("=", "!=", "like", "not like") else self.measure(left)
        if op in ("like", "not like"):
            match = dialects.contains(written, str(right), self.dialect)
            return f"NOT {match}" if op == "not like" else match
        if op == "between":
            low, high = right  # type: ignore[misc]
            return f"{written} BETWEEN {dialects.literal(low, self.dialect)} AND {dialects.literal(high, self.dialect)}"
        if isinstance(right, ir.Query):
            return f"{written} {op} ({self.renderer.text(right)})"
        if isinstance(right, Column):
            return f"{written} {op} {self.column(right)}"
        return f"{written} {op} {dialects.literal(right, self.dialect)}"


def _expressions(query: ir.Query) -> Iterable[ir.Expr]:
    yield from query.select
    yield from query.group
    yield from (expr for expr, _ in query.order)


def _tables(query: ir.Query) -> Iterable[str]:
    for expr in _expressions(query):
        yield from tables_of(expr)
    for condition in [*query.where, *query.having]:
        yield from condition_tables(condition)


def tables_of(expr: ir.Expr) -> Iterable[str]:
    """Yield the tables that *expr* reads."""
    match expr:
        case ir.Col(column) | ir.Bucket(column):
            yield column.table
        case ir.Star(table):
            yield table
        case ir.Agg(of=of) | ir.Share(of):
            yield from tables_of(of)
        case ir.PerRow(of, table):
            yield from tables_of(of)
            yield table
        case ir.Portion(table, condition):
            yield table
            yield from condition_tables(condition)
        case ir.Metric(tables=tables):
            yield from tables
        case ir.Growth(of, column):
            yield from tables_of(of)
            yield column.table
        case ir.Arith(left, right):
            yield from (left.table, right.table)


def condition_tables(condition: ir.Condition) -> Iterable[str]:
    """Yield the tables that *condition* reads, those of its subqueries left out."""
    match condition:
        case ir.Compare(left, _, right):
            yield from tables_of(left)
            if isinstance(right, Column):
                yield right.table
        case ir.Within(column) | ir.IsNull(column) | ir.Member(column):
            yield column.table
        case ir.Raw(_, tables):
            yield from tables
        case ir.Not(of):
            yield from condition_tables(of)
        case ir.Any_(parts) | ir.All_(parts):
            for part in parts:
                yield from condition_tables(part)


def _metric_conditions(query: ir.Query) -> list[ir.Condition]:
    """Return what the definitions of the figures in *query* demand."""
    found: list[ir.Condition] = []
    for expr in [*_expressions(query), *(c.left for c in query.having if isinstance(c, ir.Compare))]:
        while isinstance(expr, ir.Share | ir.PerRow | ir.Growth | ir.Agg):
            expr = expr.of
        if isinstance(expr, ir.Metric) and expr.condition:
            found.append(ir.Raw(expr.condition, expr.tables))
    return found
