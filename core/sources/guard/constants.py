"""What a piece of a query comes to without asking the database: numbers, lengths of time, or nothing at all."""

import operator
import re
from collections.abc import Callable

from sqlglot import exp

_FOLDS: dict[type[exp.Expr], Callable[[float, float], float]] = {
    exp.Add: operator.add,
    exp.Sub: operator.sub,
    exp.Mul: operator.mul,
    exp.Div: operator.truediv,
    exp.IntDiv: operator.floordiv,
    exp.Mod: operator.mod,
    exp.Pow: operator.pow,
    exp.BitwiseLeftShift: lambda a, b: a * 2.0**b,
}

_SECONDS = {
    "microsecond": 1e-6, "millisecond": 1e-3, "second": 1, "sec": 1, "minute": 60, "min": 60, "hour": 3_600,
    "day": 86_400, "week": 604_800, "month": 2_592_000, "mon": 2_592_000, "quarter": 7_776_000, "year": 31_536_000,
    "decade": 315_360_000, "century": 3_153_600_000,
}  # fmt: skip
_AMOUNT = re.compile(r"(-?[\d.]+)\s*([a-z]+?)s?(?![a-z])")


def number_of(node: exp.Expr | None) -> float | None:
    """Return the number that *node* comes to, or None when it takes more than arithmetic to know."""
    if isinstance(node, exp.Paren | exp.Cast | exp.TryCast):
        return number_of(node.this)
    if isinstance(node, exp.Literal):
        try:
            return float(node.this)
        except ValueError:
            return None
    if isinstance(node, exp.Neg):
        inner = number_of(node.this)
        return None if inner is None else -inner
    if isinstance(node, exp.Array | exp.Tuple):
        product = 1.0
        for item in node.expressions:
            product *= max(1.0, number_of(item) or 1.0)
        return product
    return _folded(node)


def _folded(node: exp.Expr | None) -> float | None:
    fold = _FOLDS.get(type(node)) if node is not None else None
    if fold is None or node is None:
        return None
    left, right = number_of(node.this), number_of(node.expression)
    if left is None or right is None:
        return None
    try:
        result = fold(left, right)
    except (ArithmeticError, ValueError):
        return float("inf")
    return result if isinstance(result, float) else float("inf")


def seconds_of(node: exp.Expr | None) -> float | None:
    """Return how long the step *node* is, or None when it is no written length of time."""
    while isinstance(node, exp.Cast | exp.TryCast | exp.Paren):
        node = node.this
    if isinstance(node, exp.Interval):
        text = f"{node.this.name if node.this is not None else ''} {node.text('unit')}"
    elif isinstance(node, exp.Literal) and node.is_string:
        text = node.name
    else:
        return None
    total = 0.0
    for amount, unit in _AMOUNT.findall(text.lower()):
        try:
            total += float(amount) * _SECONDS.get(unit, 0)
        except ValueError:
            return None
    return abs(total)


def is_constant(node: exp.Expr) -> bool:
    """Whether *node* reads nothing, so that it could be any number in disguise."""
    return node.find(exp.Column, exp.Table) is None
