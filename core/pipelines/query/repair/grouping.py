"""Rule for a column that is neither grouped by nor aggregated: group by it."""

from sqlglot import exp

from core.pipelines.query.repair.trouble import Trouble
from levada.v1.catalog_pb2 import Schema


def group_by_the_rest(tree: exp.Expr, trouble: Trouble, schema: Schema) -> str:
    """Group by every plain value that is selected beside aggregates."""
    added: list[str] = []
    for select in tree.find_all(exp.Select):
        if select.args.get("group") or any(_aggregates(item) for item in select.expressions):
            added.extend(_completed(select))
    return f"{' and '.join(added)} had to be in GROUP BY." if added else ""


def _completed(select: exp.Select) -> list[str]:
    group = select.args.get("group")
    grouped = {key.sql() for key in group.expressions} if group is not None else set()
    positions = {int(key.name) for key in group.expressions if key.is_int} if group is not None else set()
    added = []
    for position, item in enumerate(select.expressions, 1):
        value = item.unalias()
        plain = not _aggregates(item) and value.find(exp.Column) is not None
        if plain and value.sql() not in grouped and item.alias not in grouped and position not in positions:
            select.group_by(value.copy(), copy=False)
            added.append(value.sql())
    return added


def _aggregates(item: exp.Expr) -> bool:
    return any(not isinstance(found.parent, exp.Window) for found in item.find_all(exp.AggFunc))
