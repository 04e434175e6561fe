"""What a query's SQL says about its result: which columns may be added up, whether rows were left out, what filters."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

_PARTIAL = (exp.Avg, exp.Min, exp.Max, exp.Median, exp.Stddev, exp.Variance, exp.PercentileCont, exp.Window)
_WRAPPERS = (exp.Alias, exp.Paren, exp.Cast, exp.TryCast, exp.Round, exp.Coalesce, exp.Abs)


@dataclass(frozen=True)
class Shape:
    """A query's form.

    Per output column, *additive* tells whether its values may be summed (None: the SQL does not say), and *tables*
    the table it comes from as it is (empty: it is computed); *table* is the
    only one there is. *grouped* tells whether rows are groups
    (None: unknown), *limited* whether a LIMIT may have left some out, *limit* how
    many it lets through, if it says so. *conditions* are the filters.
    """

    additive: Sequence[bool | None] = ()
    tables: Sequence[str] = ()
    table: str = ""
    grouped: bool | None = None
    limited: bool = False
    limit: int | None = None
    conditions: Sequence[exp.Expr] = field(default=())


def read(sql: str, dialect: str) -> Shape:
    """Read *sql*; one that can't be read says nothing."""
    try:
        tree = sqlglot.parse_one(sql, read=dialect or None) if sql else None
    except SqlglotError:
        return Shape()
    if not isinstance(tree, exp.Query):
        return Shape()
    select = tree if isinstance(tree, exp.Select) else tree.find(exp.Select)
    if select is None:
        return Shape()
    aggregated = any(projection.find(exp.AggFunc) and not projection.find(exp.Window) for projection in select.selects)
    return Shape(
        additive=() if select.is_star else [_additive(projection) for projection in select.selects],
        tables=() if select.is_star else _tables(select),
        table=_only(select),
        grouped=bool(select.args.get("group")) or aggregated,
        limited=bool(tree.args.get("limit") or tree.args.get("fetch")),
        limit=_limit(tree),
        conditions=[part for where in tree.find_all(exp.Where) for part in _conjuncts(where.this)],
    )


def _limit(tree: exp.Query) -> int | None:
    limit = tree.args.get("limit")
    value = limit.expression if isinstance(limit, exp.Limit) else None
    return int(value.this) if isinstance(value, exp.Literal) and value.is_int else None


def _tables(select: exp.Select) -> list[str]:
    names = _sources(select)
    only = _only(select)
    columns = [projection.unalias() for projection in select.selects]
    return [_owner(column, names, only) if isinstance(column, exp.Column) else "" for column in columns]


def _owner(column: exp.Column, names: dict[str, str], only: str) -> str:
    """Return what *column* tells of: its table, or the field of a document that it lies within (port.name)."""
    outer, dot, _ = column.name.rpartition(".")
    return outer.rpartition(".")[2].removesuffix("[]") if dot else names.get(column.table, only)


def _sources(select: exp.Select) -> dict[str, str]:
    tables = [table for table in select.find_all(exp.Table) if table.parent_select is select]
    return {table.alias_or_name: table.name for table in tables}


def _only(select: exp.Select) -> str:
    names = _sources(select)
    return next(iter(names.values())) if len(names) == 1 else ""


def _additive(node: exp.Expr | None) -> bool | None:
    """Tell whether figures of this expression, one per group, add up to the figure of all groups."""
    match node:
        case exp.Sum():
            return True
        case exp.Count():
            return not isinstance(node.this, exp.Distinct)
        case exp.Neg():
            return _additive(node.this)
        case exp.Add() | exp.Sub():
            return _both(_additive(node.left), _additive(node.right))
        case exp.Mul():
            return _product(node)
        case exp.Div():
            # A ratio of figures is none of the whole's; a figure in thousands still is.
            return _additive(node.left) if _constant(node.right) else False
    if isinstance(node, _WRAPPERS):
        return _additive(node.this)
    return False if isinstance(node, _PARTIAL) else None


def _product(node: exp.Mul) -> bool | None:
    left, right = _constant(node.left), _constant(node.right)
    if left or right:
        return _additive(node.right if left else node.left)
    return False if node.find(exp.AggFunc) else None


def _both(left: bool | None, right: bool | None) -> bool | None:
    if left is False or right is False:
        return False
    return True if left and right else None


def _constant(node: exp.Expr) -> bool:
    return not list(node.find_all(exp.Column, exp.AggFunc, exp.Window))


def _conjuncts(node: exp.Expr) -> list[exp.Expr]:
    if isinstance(node, exp.And):
        return [*_conjuncts(node.left), *_conjuncts(node.right)]
    return [node.unnest()]
