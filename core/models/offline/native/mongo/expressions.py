"""Expressions of the planner's SQL as MongoDB's: what is shown, grouped by and added up."""

from collections.abc import Callable
from typing import Any

from sqlglot import exp

from core.models.offline.native.buckets import bucket_of
from core.models.offline.native.faults import CannotSay
from core.models.offline.native.mongo.fields import Fields
from core.models.offline.native.mongo.literals import TIMES, literal

Known = Callable[[exp.Expr], str | None]
"""Returns the field that holds an expression already, None when none does."""

_ARITHMETIC: dict[type[exp.Expr], str] = {exp.Add: "$add", exp.Sub: "$subtract", exp.Mul: "$multiply"}
_COMPARISONS: dict[type[exp.Expr], str] = {exp.EQ: "$eq", exp.NEQ: "$ne", exp.GT: "$gt", exp.GTE: "$gte"}
_COMPARISONS |= {exp.LT: "$lt", exp.LTE: "$lte"}
_PARTS = {"year": "$year", "weekday": "$isoDayOfWeek", "hour": "$hour"}


def expression(node: exp.Expr, fields: Fields, known: Known = lambda _: None) -> Any:
    """Return *node* as an expression. Raises CannotSay."""
    if field := known(node):
        return f"${field}"
    if bucket := bucket_of(node):
        return _bucket(*bucket, fields)
    match node:
        case exp.Column():
            return f"${fields.path(node)}"
        case exp.Paren():
            return expression(node.this, fields, known)
        case exp.Literal() | exp.Boolean() | exp.Null() | exp.Neg():
            return {"$literal": literal(node)}
        case exp.Div():
            above, below = (expression(side, fields, known) for side in (node.this, node.expression))
            return {"$divide": [above, {"$cond": [{"$eq": [below, 0]}, None, below]}]}
        case exp.Nullif():
            kept, gone = (expression(side, fields, known) for side in (node.this, node.expression))
            return {"$cond": [{"$eq": [kept, gone]}, None, kept]}
        case exp.Case() if len(node.args["ifs"]) == 1 and not node.this:
            then = node.args["ifs"][0]
            otherwise = node.args.get("default")
            return {
                "$cond": [
                    _truth(then.this, fields),
                    expression(then.args["true"], fields, known),
                    expression(otherwise, fields, known) if otherwise else None,
                ]
            }
    if type(node) in _ARITHMETIC:
        sides = [expression(side, fields, known) for side in (node.this, node.expression)]
        return {_ARITHMETIC[type(node)]: sides}
    raise CannotSay(f"it has no words for {node.sql(dialect='duckdb')}")


def _bucket(column: exp.Column, unit: str, fields: Fields) -> Any:
    if fields.column(column).type not in TIMES:
        raise CannotSay(f"{column.name} holds no times")
    path = f"${fields.path(column)}"
    if unit in _PARTS:
        return {_PARTS[unit]: path}
    return {"$dateTrunc": {"date": path, "unit": unit, **({"startOfWeek": "monday"} if unit == "week" else {})}}


def _truth(node: exp.Expr, fields: Fields) -> Any:
    """Return whether *node* holds; what is missing is neither less nor more than anything."""
    match node:
        case exp.Paren():
            return _truth(node.this, fields)
        case exp.And() | exp.Or():
            return {"$and" if isinstance(node, exp.And) else "$or": [_truth(part, fields) for part in node.flatten()]}
        case exp.Is():
            return {"$eq": [{"$ifNull": [expression(node.this, fields), None]}, None]}
    if type(node) not in _COMPARISONS or not isinstance(node.this, exp.Column):
        raise CannotSay(f"it has no words for {node.sql(dialect='duckdb')}")
    left = expression(node.this, fields)
    other = node.expression
    right = f"${fields.path(other)}" if isinstance(other, exp.Column) else _constant(other, node.this, fields)
    sides = [left, right] if isinstance(other, exp.Column) else [left]
    return {"$and": [*({"$gt": [side, None]} for side in sides), {_COMPARISONS[type(node)]: [left, right]}]}


def _constant(node: exp.Expr, beside: exp.Column, fields: Fields) -> Any:
    value = literal(node, fields.column(beside))
    return value if isinstance(value, dict) else {"$literal": value}


def accumulator(figure: exp.Expr, fields: Fields) -> Any:
    """Return *figure* as what $group gathers; of different values, the values themselves."""
    if isinstance(figure, exp.Count):
        counted = figure.this
        if isinstance(counted, exp.Star | exp.Literal):
            return {"$sum": 1}
        if isinstance(counted, exp.Distinct):
            return {"$addToSet": expression(counted.expressions[0], fields)}
        return {"$sum": {"$cond": [{"$gt": [expression(counted, fields), None]}, 1, 0]}}
    names: dict[type[exp.Expr], str] = {exp.Sum: "$sum", exp.Avg: "$avg", exp.Min: "$min", exp.Max: "$max"}
    if type(figure) not in names or figure.find(exp.Distinct):
        raise CannotSay(f"it has no words for {figure.sql(dialect='duckdb')}")
    return {names[type(figure)]: expression(figure.this, fields)}
