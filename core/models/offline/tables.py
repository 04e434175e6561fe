"""Which tables expressions, conditions and queries of the intermediate form read."""

from collections.abc import Iterable

from core.models.offline import ir
from core.models.offline.catalog import Column


def expressions(query: ir.Query) -> Iterable[ir.Expr]:
    yield from query.select
    yield from query.group
    yield from (expr for expr, _ in query.order)


def query_tables(query: ir.Query) -> Iterable[str]:
    for expr in expressions(query):
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
        case ir.Either(parts) | ir.Every(parts):
            for part in parts:
                yield from condition_tables(part)
