"""Adds conditions to what was read, denied or joined as the words before them say."""

from core.models.offline import ir
from core.models.offline.reader import Pending, Reader, Said

_FLIP = {"=": "!=", "!=": "=", ">": "<=", "<": ">=", ">=": "<", "<=": ">", "like": "not like"}


def say(r: Reader, condition: ir.Condition) -> None:
    """Add *condition*, denied where the words before it did."""
    if r.inside is not None and not r.negated:
        r.inside.where.append(condition)
        r.connector = "and"
        return
    r.conditions.append(Said(condition, r.connector, r.negated, r.both, r.excluded, r.place))
    r.connector, r.negated, r.excluded = "and", False, False
    r.leave_head()


def consume(r: Reader, pending: Pending | None) -> None:
    """Take *pending* out of what would be selected, unless it was asked for by name at the head."""
    if pending and pending in r.pending and not (pending.projected and pending.place < r.place - 3):
        r.pending.remove(pending)


def say_compare(r: Reader, left: ir.Expr, op: str, right: object) -> None:
    if r.negated and op in _FLIP:
        op, r.negated = _FLIP[op], False
    say(r, ir.Compare(left, op, right))


def typed(target: ir.Expr, text: str) -> object:
    if isinstance(target, ir.Col) and target.column.numeric:
        try:
            return float(text) if "." in text else int(text)
        except ValueError:
            return text
    return text
