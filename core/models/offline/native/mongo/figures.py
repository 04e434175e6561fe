"""Conditions on figures of groups."""

from collections.abc import Callable
from typing import Any

from sqlglot import exp

from core.models.offline.native.faults import CannotSay
from core.models.offline.native.mongo.conditions import OPERATORS, Match
from core.models.offline.native.mongo.expressions import Known
from core.models.offline.native.mongo.literals import literal


def having_condition(node: exp.Expr, known: Known, value: Callable[[exp.Expr], Any]) -> Match:
    """Return *node* as a condition of $match; *known* tells which fields hold figures. Raises CannotSay."""
    if isinstance(node, exp.Paren):
        return having_condition(node.this, known, value)
    if isinstance(node, exp.And | exp.Or):
        parts = [having_condition(part, known, value) for part in node.flatten()]
        return {"$and" if isinstance(node, exp.And) else "$or": parts}
    if isinstance(node, exp.Between):
        low, high = value(node.args["low"]), value(node.args["high"])
        return _worked_out(
            {"$and": [{"$gte": [value(node.this), low]}, {"$lte": [value(node.this), high]}]}, node, value
        )
    if type(node) not in OPERATORS:
        raise CannotSay("it has no such conditions on figures")
    operator, field = OPERATORS[type(node)], known(node.this)
    if field and isinstance(node.expression, exp.Literal) and operator != "$ne":
        return {field: {operator: literal(node.expression)}}
    return _worked_out({operator: [value(node.this), value(node.expression)]}, node, value)


def _worked_out(holds: Match, node: exp.Expr, value: Callable[[exp.Expr], Any]) -> Match:
    return {"$expr": {"$and": [{"$gt": [value(node.this), None]}, holds]}}
