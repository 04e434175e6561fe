"""Turns denied conditions into "is not among": customers without orders, products never sold in Spain."""

from core.models.offline import ir
from core.models.offline.catalog import Column, Table
from core.models.offline.joins import Unjoinable
from core.models.offline.reader import Reader, Said, Unread
from core.models.offline.render import Renderer
from core.models.offline.tables import condition_tables, tables_of


def denied(r: Reader, said: Said) -> Said:
    """Turn a denied condition on rows elsewhere into "is not among": customers not in Germany's orders."""
    condition = said.condition
    if r.subject is None:
        return said
    if isinstance(condition, ir.Raw) and said.negated and not condition.sql:
        table = r.catalog.tables[condition.tables[0]]
        inner = _take_inner(r, said, table)
        shown = shown_tables(r)
        later = [t for t in r.query.needs if r.needed.get(t, -1) > said.place and t not in shown and t != r.subject.id]
        r.query.needs = [t for t in r.query.needs if t not in later]
        member = _not_among(r, [table.id, *later], inner)
        if table.id in r.query.needs:
            r.query.needs.remove(table.id)
        said.condition = member
        return said
    if isinstance(condition, ir.Compare) and condition.op in ("!=", "not like") and r.subject and said.place:
        tables = [t for t in condition_tables(condition) if t != r.subject.id]
        if tables and not ir.is_aggregate(condition.left) and _many(r, tables[0]):
            positive = ir.Compare(condition.left, "=" if condition.op == "!=" else "like", condition.right)
            between = [t for t in r.query.needs if t != r.subject.id]
            said.condition = _not_among(r, [tables[0]], [positive])
            r.query.needs = [t for t in r.query.needs if t not in between or t in shown_tables(r)]
    return said


def shown_tables(r: Reader) -> set[str]:
    shown = {t for e in r.query.select for t in tables_of(e)}
    return shown | {t for e, _ in r.query.order for t in tables_of(e)}


def _take_inner(r: Reader, said: Said, table: Table) -> list[ir.Condition]:
    """Conditions said after a denied table, on that table, belong inside: "no orders in 2024"."""
    inner: list[ir.Condition] = []
    for other in list(r.conditions):
        if other.place <= said.place or ir.compares_figure(other.condition) or isinstance(other.condition, ir.Raw):
            continue
        tables = set(condition_tables(other.condition))
        if r.subject and r.subject.id not in tables and other.connector == "and":
            inner.append(other.condition)
            r.conditions.remove(other)
    return inner


def _many(r: Reader, table: str) -> bool:
    """Say whether a row of the subject may meet several rows of *table*."""
    if r.subject is None:
        return False
    try:
        joins = r.joins.tree([r.subject.id, table])
    except Unjoinable:
        return False
    return Renderer(r.catalog, r.joins).multiplied(r.subject.id, joins)


def _not_among(r: Reader, tables: list[str], inner: list[ir.Condition]) -> ir.Condition:
    if r.subject is None:
        raise Unread("a denial without a subject")
    try:
        joins = r.joins.tree([r.subject.id, *tables])
    except Unjoinable as error:
        raise Unread(str(error)) from error
    first = joins[0].key
    if first.more:
        raise Unread("a key of several columns")
    if first.table == r.subject.id:
        own, other_table, other = first.column, first.to_table, first.to_column
    else:
        own, other_table, other = first.to_column, first.table, first.column
    own_column = r.catalog.column(r.subject.id, own)
    other_column = r.catalog.column(other_table, other)
    if not own_column or not other_column:
        raise Unread("no key")
    missing: list[ir.Condition] = [ir.IsNull(other_column, negated=True)] if _nullable(other_column) else []
    needs = [*tables] if tables != [other_table] else []
    query = ir.Query(select=[ir.Col(other_column)], where=[*inner, *missing], needs=needs)
    return ir.Member(own_column, query, negated=True)


def _nullable(column: Column) -> bool:
    return column.foreign and column.nullable
