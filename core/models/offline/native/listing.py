"""What of a query a source can do that only lists: rows of one table with conditions, an order and a limit."""

from dataclasses import dataclass

from sqlglot import exp

from core.models.offline.native.faults import CannotSay

ABOUT = "about"
"""about(column, 'words') in the planner's SQL: rows whose text is near in meaning, or has the words."""

EVERY = "every_about"
"""The same, of all such rows: where they are joined or counted, the nearest few would not do."""


@dataclass(frozen=True)
class Listing:
    table: str
    fields: list[str]
    conditions: list[exp.Expr]
    order: tuple[str, bool] | None
    limit: int | None


def listing(query: exp.Query) -> Listing:
    """Return what *query* lists. Raises CannotSay when it does more than that."""
    if (
        not isinstance(query, exp.Select)
        or query.args.get("joins")
        or not isinstance(query.args["from_"].this, exp.Table)
    ):
        raise CannotSay("it can't bring tables together")
    if any(query.args.get(clause) for clause in ("group", "having", "distinct")) or query.find(exp.AggFunc):
        raise CannotSay("it can't count, add up or compare what it finds")
    shown = [one.unalias() for one in query.selects]
    if not all(isinstance(one, exp.Column) for one in shown):
        raise CannotSay("it can only show what it holds")
    where, limit = query.args.get("where"), query.args.get("limit")
    conditions = (
        [] if where is None else list(where.this.flatten()) if isinstance(where.this, exp.And) else [where.this]
    )
    return Listing(
        query.args["from_"].this.name,
        list(dict.fromkeys(one.name for one in shown)),
        [condition.unnest() for condition in conditions],
        _order(query),
        int(limit.expression.name) if limit else None,
    )


def _order(query: exp.Select) -> tuple[str, bool] | None:
    order = query.args.get("order")
    if order is None:
        return None
    if len(order.expressions) > 1 or not isinstance(order.expressions[0].this, exp.Column):
        raise CannotSay("it can't order by that")
    return order.expressions[0].this.name, bool(order.expressions[0].args.get("desc"))


def text_about(condition: exp.Expr) -> str | None:
    """Return the words that *condition* looks for in meaning, None when it is another one."""
    if isinstance(condition, exp.Anonymous) and condition.name.casefold() in (ABOUT, EVERY):
        return condition.expressions[1].name
    return None


def compared(condition: exp.Expr) -> tuple[str, exp.Expr]:
    """Return the field that *condition* compares, and what with. Raises CannotSay."""
    left, right = condition.this, condition.args.get("expression")
    if not isinstance(left, exp.Column) or right is None or isinstance(right, exp.Column):
        raise CannotSay("it compares fields with plain values only")
    return left.name, right


def value_of(node: exp.Expr) -> str | int | float | bool:
    """Return the plain value that *node* is. Raises CannotSay."""
    if isinstance(node, exp.Boolean):
        return bool(node.this)
    if isinstance(node, exp.Neg) and isinstance(inner := value_of(node.this), int | float):
        return -inner
    if not isinstance(node, exp.Literal):
        raise CannotSay("it compares fields with plain values only")
    if node.is_string:
        return node.name
    return float(node.name) if {*".eE"} & {*node.name} else int(node.name)


def members(condition: exp.In) -> tuple[str, list[str | int | float | bool] | dict[str, str]]:
    """Return the field and the values that it is among, or {"$value": name} for those found before."""
    if not isinstance(condition.this, exp.Column) or condition.args.get("query"):
        raise CannotSay("it can't look for what another query finds")
    if len(condition.expressions) == 1 and isinstance(condition.expressions[0], exp.Placeholder):
        return condition.this.name, {"$value": condition.expressions[0].name}
    return condition.this.name, [value_of(one) for one in condition.expressions]
