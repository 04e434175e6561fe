"""Makes keys that are written differently comparable where they are joined: 17 and "17", a UUID and its text, "ACM" and
"acm".
"""

from sqlglot import exp

from core.models.offline.cross.joint import DIALECT, Joint
from core.models.offline.cross.keys import NUMBERS, comparable
from levada.v1 import event_pb2 as events
from levada.v1.catalog_pb2 import Column


def make_alike(left: exp.Column, right: exp.Column, joint: Joint) -> tuple[exp.Expr, exp.Expr]:
    """Return *left* and *right*, each converted in place where they are written differently."""
    one, other = joint.column(left.table, left.name), joint.column(right.table, right.name)
    if one is None or other is None or comparable(one, other):
        return left, right
    return _converted(left, one, other), _converted(right, other, one)


def _converted(column: exp.Column, own: Column, other: Column) -> exp.Expr:
    if own.type in NUMBERS:
        return column
    if own.type == events.COLUMN_TYPE_TEXT and other.type in NUMBERS:
        return _wrapped(column, "TRY_CAST({} AS DOUBLE)")
    return _wrapped(column, "LOWER(CAST({} AS VARCHAR))")


def _wrapped(column: exp.Column, form: str) -> exp.Expr:
    around: exp.Expr = exp.maybe_parse(form.format("x"), dialect=DIALECT)
    column.replace(around)
    place = around.find(exp.Column)
    if place is not None:
        place.replace(column)
    return around


def make_alike_within(outer: exp.Column, shown: exp.Column, result: exp.Select, joint: Joint) -> None:
    """Make *outer* and the only column of *result*, which holds *shown*, comparable."""
    around = exp.Paren(this=shown.copy())
    make_alike(outer, around.this, joint)
    if not isinstance(around.this, exp.Column):
        place, column = around.find(exp.Column), result.selects[0]
        if place is not None:
            place.replace(column.copy())
            whole = around.this
            column.replace(whole)
            # What can't be converted equals nothing, and must not make NOT IN unknown.
            result.where(exp.Not(this=exp.Is(this=whole.copy(), expression=exp.Null())), copy=False)
