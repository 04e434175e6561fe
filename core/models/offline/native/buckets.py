"""Dates cut to a unit, recognised in the SQL that the planner writes (core.models.offline.dialects.bucket)."""

from sqlglot import exp

_PARTS = {"YEAR": "year", "ISODOW": "weekday", "DAYOFWEEKISO": "weekday", "HOUR": "hour"}


def bucket_of(node: exp.Expr) -> tuple[exp.Column, str] | None:
    """Return the column and the unit (year, quarter, month, week, day, weekday, hour) that *node* cuts it to."""
    inner = node.this if isinstance(node, exp.Cast) else None
    if isinstance(inner, exp.Extract):
        column, unit = inner.expression, _PARTS.get(inner.name.upper(), "")
    elif isinstance(inner, exp.DateTrunc | exp.TimestampTrunc):
        column, unit = inner.this, str(inner.args["unit"].name).lower()
    else:
        return None
    return (column, unit) if unit and isinstance(column, exp.Column) else None


def cut(column: exp.Column) -> exp.Expr:
    """Return what cuts *column* to a unit of time, where it stands in such a thing, else itself."""
    around = column.parent.parent if column.parent else None
    return around if around is not None and bucket_of(around) else column
