"""Values of the planner's SQL as MongoDB holds them."""

import datetime
from typing import Any

from sqlglot import exp

from core.models.offline.native.faults import CannotSay
from levada.v1 import event_pb2 as events
from levada.v1.catalog_pb2 import Column

TIMES = {events.COLUMN_TYPE_DATE, events.COLUMN_TYPE_TIMESTAMP, events.COLUMN_TYPE_TIMESTAMP_ZONED}


def literal(node: exp.Expr, column: Column | None = None) -> Any:
    """Return the value that *node* is, of the type of *column* where it stands beside one. Raises CannotSay."""
    if isinstance(node, exp.Neg):
        return -literal(node.this)
    if isinstance(node, exp.Boolean):
        return bool(node.this)
    if isinstance(node, exp.Null):
        return None
    if not isinstance(node, exp.Literal):
        raise CannotSay("it compares with what is worked out")
    if not node.is_string:
        return float(node.name) if {*".eE"} & {*node.name} else int(node.name)
    return instant(node.name) if column is not None and column.type in TIMES else node.name


def instant(text: str) -> dict[str, str]:
    """Return *text*, a date or time as the planner writes it, in MongoDB's notation."""
    try:
        when = datetime.datetime.fromisoformat(text)
    except ValueError as error:
        raise CannotSay(f"{text} is no time") from error
    when = when if when.tzinfo else when.replace(tzinfo=datetime.UTC)
    return {"$date": when.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
