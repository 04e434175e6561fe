"""What several conditions mean together: rows in common, periods and values compared, groups, portions."""

from collections.abc import Sequence
from itertools import pairwise

from core.models.offline import ir
from core.models.offline.catalog import Column
from core.models.offline.reader import Reader, Said, Unread


def combined(r: Reader, plain: list[Said]) -> bool:
    """Read "both A and B" as two queries of which the rows in common count, where one row can't be both."""
    pair = next((pair for pair in pairwise(plain) if _asked_of_both(*pair)), None)
    if pair is None or r.query.order or r.query.having or r.query.group:
        return False
    rest = [one.condition for one in plain if one not in pair]
    query = r.query
    select = query.select
    counted = _counted_key(r, select)
    if counted:
        select = [ir.Col(counted)]
        query.counted = True
    if any(ir.is_aggregate(e) for e in select):
        return False
    first, second = pair
    query.select, query.where = select, [*rest, first.condition]
    query.combined = (
        "INTERSECT",
        ir.Query(select=list(select), where=[*rest, second.condition], needs=list(query.needs)),
    )
    return True


def _asked_of_both(one: Said, other: Said) -> bool:
    if other.connector != "and" or not same_column(one, other):
        return False
    return one.both or other.both or _exclude_each_other(one, other)


def _exclude_each_other(one: Said, other: Said) -> bool:
    """Say whether no single row can meet both: more than 100 and less than 50."""
    a, b = one.condition, other.condition
    if not (isinstance(a, ir.Compare) and isinstance(b, ir.Compare)):
        return False
    if not all(isinstance(c.right, int | float) for c in (a, b)):
        return False
    low, high = (a, b) if a.op in (">", ">=") else (b, a)
    return low.op in (">", ">=") and high.op in ("<", "<=") and low.right >= high.right


def same_column(one: Said, other: Said) -> bool:
    left = one.condition.left if isinstance(one.condition, ir.Compare) else None
    right = other.condition.left if isinstance(other.condition, ir.Compare) else None
    return left is not None and left == right


def _compared_periods(r: Reader) -> None:
    """Two periods of one date are compared, not both demanded of one row."""
    query = r.query
    spans = [c for c in query.where if isinstance(c, ir.Within) and c.unit]
    if len(spans) < 2 or len({c.column for c in spans}) > 1 or len({c.unit for c in spans}) > 1 or len(set(spans)) < 2:
        return
    query.where = [c for c in query.where if c not in spans] + [ir.Either(tuple(spans))]
    if any(ir.is_aggregate(e) for e in query.select) and not any(isinstance(e, ir.Bucket) for e in query.select):
        bucket = ir.Bucket(spans[0].column, spans[0].unit)
        query.select.insert(0, bucket)
        query.order.append((bucket, False))


def _compared_values(r: Reader) -> None:
    """The average "for male and female students" is asked for each of the two."""
    query = r.query
    if len(query.select) != 1 or not any(ir.is_aggregate(e) for e in query.select) or query.group or query.combined:
        return
    for condition in query.where:
        if isinstance(condition, ir.Either) and condition in r.compared:
            left = condition.parts[0].left if isinstance(condition.parts[0], ir.Compare) else None
            if isinstance(left, ir.Col):
                query.select.append(left)
                return


def _counted_key(r: Reader, select: Sequence[ir.Expr]) -> Column | None:
    """Return the column whose values are counted when *select* is one count, of rows by their key."""
    counted = select[0] if len(select) == 1 else None
    if not isinstance(counted, ir.Agg) or counted.function != "count":
        return None
    if isinstance(counted.of, ir.Col):
        return counted.of.column
    keys = r.catalog.tables[counted.of.table].primary_columns if isinstance(counted.of, ir.Star) else ()
    if len(keys) != 1:
        raise Unread("rows without a key of one column")
    return keys[0]


def _count_of_groups(r: Reader) -> None:
    """ "How many cities have more than 3 airports" counts groups, not rows."""
    query = r.query
    if not query.having or query.group or query.combined:
        return
    if key := _counted_key(r, query.select):
        query.select, query.group, query.counted = [ir.Col(key)], [ir.Col(key)], True


def _portion(r: Reader) -> None:
    """ "What percentage of orders is cancelled": conditions count instead of narrowing; times still narrow."""
    if r.portion is None:
        return
    query = r.query
    counted = [c for c in query.where if not isinstance(c, ir.Within)]
    if not counted:
        raise Unread("a percentage of what?")
    query.where = [c for c in query.where if isinstance(c, ir.Within)]
    query.select = [ir.Portion(r.portion.id, counted[0] if len(counted) == 1 else ir.Every(tuple(counted)))]
