"""The rules by the kind of trouble they help with, tried in order until one leads to a query that the guard passes."""

from collections.abc import Callable

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from core.pipelines.query.repair.ambiguity import qualify
from core.pipelines.query.repair.functions import in_own_dialect
from core.pipelines.query.repair.grouping import group_by_the_rest
from core.pipelines.query.repair.names import nearest_column, nearest_table
from core.pipelines.query.repair.trouble import Kind, Trouble, read
from core.pipelines.query.repair.types import cast
from levada.v1.catalog_pb2 import Schema

Rule = Callable[[exp.Expr, Trouble, Schema], str]
"""Mends the tree in place and returns what was done, in words for people; nothing when it can't help."""

RULES: dict[Kind, tuple[Rule, ...]] = {
    Kind.TABLE: (nearest_table,),
    Kind.COLUMN: (nearest_column,),
    Kind.AMBIGUOUS: (qualify,),
    Kind.GROUPING: (group_by_the_rest,),
    Kind.TYPES: (cast,),
}


def mended(sql: str, message: str, schema: Schema, passes: Callable[[str], bool]) -> tuple[str, str] | None:
    """Return *sql* mended and what was done about *message*, when a rule knows. *passes* is the guard's word."""
    trouble = read(message)
    if trouble is None:
        return None
    if trouble.kind in (Kind.FUNCTION, Kind.SYNTAX):
        return in_own_dialect(sql, schema.dialect, passes)
    for rule in RULES[trouble.kind]:
        if found := _applied(rule, sql, trouble, schema):
            return found
    return None


def _applied(rule: Rule, sql: str, trouble: Trouble, schema: Schema) -> tuple[str, str] | None:
    try:
        tree = sqlglot.parse_one(sql, dialect=schema.dialect)
    except SqlglotError:
        return None
    said = rule(tree, trouble, schema)
    return (tree.sql(schema.dialect), said) if said else None
