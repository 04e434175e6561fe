"""Conditions of the planner's SQL as MongoDB's, which know no third truth value: what is missing meets none of them."""

from collections.abc import Sequence
from typing import Any

from sqlglot import exp

from core.models.offline.native.faults import CannotSay
from core.models.offline.native.mongo.fields import Fields
from core.models.offline.native.mongo.literals import literal
from core.models.offline.native.patterns import anchored

Match = dict[str, Any]
OPERATORS: dict[type[exp.Expr], str] = {exp.EQ: "$eq", exp.NEQ: "$ne", exp.GT: "$gt", exp.GTE: "$gte"}
OPERATORS |= {exp.LT: "$lt", exp.LTE: "$lte"}
_OPPOSITE = {"$eq": "$ne", "$ne": "$eq", "$gt": "$lte", "$gte": "$lt", "$lt": "$gte", "$lte": "$gt"}
_MIRRORED = {"$gt": "$lt", "$gte": "$lte", "$lt": "$gt", "$lte": "$gte"}


def condition(node: exp.Expr, fields: Fields, denied: bool = False) -> Match:
    """Return *node*, or its opposite when *denied*, as a condition of $match. Raises CannotSay."""
    match node:
        case exp.Paren():
            return condition(node.this, fields, denied)
        case exp.Not():
            return condition(node.this, fields, not denied)
        case exp.And() | exp.Or():
            parts = [condition(part, fields, denied) for part in node.flatten()]
            return {"$and" if isinstance(node, exp.And) != denied else "$or": parts}
        case exp.Between():
            low, high = exp.GTE(this=node.this, expression=node.args["low"]), exp.LTE(this=node.this)
            high.set("expression", node.args["high"])
            parts = [_compared(part, part.this, fields, denied) for part in (low, high)]
            return {"$or" if denied else "$and": parts}
        case exp.Is():
            return {_path(node.this, fields): {"$ne": None} if denied else None}
        case exp.In():
            return _among(node, fields, denied)
        case exp.Like() | exp.ILike():
            return _like(node, fields, denied)
    if type(node) in OPERATORS:
        return _compared(node, node.this, fields, denied)
    raise CannotSay(f"it has no words for {node.sql(dialect='duckdb')}")


def merged(parts: Sequence[Match]) -> Match:
    """Return all of *parts* as one condition, those of one field together where they ask different things of it."""
    whole: Match = {}
    for part in parts:
        for key, value in part.items():
            known = whole.get(key)
            if key not in whole:
                whole[key] = value
            elif isinstance(known, dict) and isinstance(value, dict) and _ranges(known, value):
                whole[key] = {**known, **value}
            else:
                return {"$and": list(parts)}
    return whole


def _ranges(one: Match, other: Match) -> bool:
    return not one.keys() & other.keys() and {*one, *other} <= set(_MIRRORED)


def _path(node: exp.Expr, fields: Fields) -> str:
    if not isinstance(node, exp.Column):
        raise CannotSay("it compares something other than a field")
    return fields.path(node)


def _compared(node: exp.Expr, left: exp.Expr, fields: Fields, denied: bool) -> Match:
    operator, right = OPERATORS[type(node)], node.expression
    if isinstance(right, exp.Column) and not isinstance(left, exp.Column):
        left, right, operator = right, left, _MIRRORED.get(operator, operator)
    operator = _OPPOSITE[operator] if denied else operator
    path = _path(left, fields)
    if isinstance(right, exp.Column):
        other = fields.path(right)
        known = [{path: {"$ne": None}}, {other: {"$ne": None}}]
        return {"$and": [*known, {"$expr": {operator: [f"${path}", f"${other}"]}}]}
    value = literal(right, fields.column(left) if isinstance(left, exp.Column) else None)
    if operator == "$ne":
        return {path: {"$nin": [value, None]}}
    return {path: value if operator == "$eq" else {operator: value}}


def _among(node: exp.In, fields: Fields, denied: bool) -> Match:
    path = _path(node.this, fields)
    bound = [value for value in node.expressions if isinstance(value, exp.Placeholder)]
    if node.args.get("query") or (bound and (denied or len(node.expressions) > 1)):
        raise CannotSay("it looks for values that another query finds")
    if bound:
        return {path: {"$in": {"$value": bound[0].name}}}
    values = [literal(value, fields.column(node.this)) for value in node.expressions]
    return {path: {"$nin": [*values, None]} if denied else {"$in": values}}


def _like(node: exp.Like | exp.ILike, fields: Fields, denied: bool) -> Match:
    if not isinstance(node.expression, exp.Literal):
        raise CannotSay("it compares texts with what is worked out")
    wanted: Match = {"$regex": anchored(node.expression.name)}
    if isinstance(node, exp.ILike):
        wanted["$options"] = "i"
    return {_path(node.this, fields): {"$not": wanted, "$ne": None} if denied else wanted}
