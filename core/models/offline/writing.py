"""Writes expressions and conditions of the intermediate form in SQL."""

from collections.abc import Callable

import sqlglot
from sqlglot import exp

from core.models.offline import dialects, ir
from core.models.offline.catalog import Catalog, Column


class Writer:
    """Writes expressions and conditions; names columns with their tables unless one table stands *alone*."""

    def __init__(self, catalog: Catalog, nested: Callable[[ir.Query], str], alone: bool) -> None:
        self.catalog, self.nested, self.alone, self.dialect = catalog, nested, alone, catalog.dialect

    def table(self, id_: str) -> str:
        table = self.catalog.tables[id_]
        own = dialects.quote(table.name, self.dialect)
        return f"{dialects.quote(table.namespace, self.dialect)}.{own}" if table.namespace else own

    def qualified(self, table: str, column: str) -> str:
        name = self.catalog.tables[table].name
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
                return "*" if self.alone else f"{dialects.quote(self.catalog.tables[table].name, self.dialect)}.*"
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
                key = self.catalog.tables[table].primary_columns[0]
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
        inside = (
            f"{column} >= {dialects.day(span[0], self.dialect)} AND {column} < {dialects.day(span[1], self.dialect)}"
        )
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
                parts = [f"{self.column(column)} >= {dialects.day(start, self.dialect)}"] if start else []
                parts += [f"{self.column(column)} < {dialects.day(end, self.dialect)}"] if end else []
                return " AND ".join(parts) if inner else f"({' AND '.join(parts)})"
            case ir.IsNull(column, negated):
                return f"{self.column(column)} IS {'NOT ' if negated else ''}NULL"
            case ir.Member(column, query, negated):
                inside = self.nested(query)
                return f"{self.column(column)} {'NOT ' if negated else ''}IN ({inside})"
            case ir.Raw(sql):
                return exp.maybe_parse(sql).sql(dialect=self.dialect)
            case ir.Not(of):
                return f"NOT ({self.condition(of)})"
            case ir.Either(parts):
                return "(" + " OR ".join(self.condition(part) for part in parts) + ")"
            case ir.Every(parts):
                return "(" + " AND ".join(self.condition(part) for part in parts) + ")"

    def comparison(self, left: ir.Expr, op: str, right: object) -> str:
        written = self.expr(left) if op in ("=", "!=", "like", "not like") else self.measure(left)
        if op in ("like", "not like"):
            match = dialects.contains(written, str(right), self.dialect)
            return f"NOT {match}" if op == "not like" else match
        if op == "between" and isinstance(right, tuple):
            low, high = right
            return f"{written} BETWEEN {dialects.literal(low, self.dialect)} AND {dialects.literal(high, self.dialect)}"
        if isinstance(right, ir.Query):
            return f"{written} {op} ({self.nested(right)})"
        if isinstance(right, Column):
            return f"{written} {op} {self.column(right)}"
        return f"{written} {op} {dialects.literal(right, self.dialect)}"
