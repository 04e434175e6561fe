"""Recursive WITH: a query whose recursive part can't be seen to end is refused.

It ends when it follows rows of another table, when a moving column is compared with a bound, or when a LIMIT stops it.
What is seen is no proof (data may hold a cycle), so the engine's timeout stands behind it.
"""

from collections.abc import Iterator

from sqlglot import exp

from core.errors import QueryRefused
from core.sources.guard.constants import number_of
from core.sources.guard.readable import fold

MAX_STEPS = 1_000_000

_BELOW = (exp.LT, exp.LTE)
_ABOVE = (exp.GT, exp.GTE)
_BOUNDS = (*_BELOW, *_ABOVE, exp.NEQ, exp.Between, exp.In, exp.Like, exp.Not, exp.EQ, exp.Is, exp.NullSafeNEQ)


def require_ending_recursion(nodes: list[exp.Expr], dialect: str) -> None:
    """Raise QueryRefused for a recursive WITH that has no visible end."""
    for clause in nodes:
        if isinstance(clause, exp.With) and (clause.args.get("recursive") or dialect == "sqlite"):
            for cte in clause.expressions:
                name = fold(cte.args["alias"].this, dialect)
                if _references(cte.this, name, dialect):
                    _require_end(cte, name, dialect)


def _references(node: exp.Expr, name: str, dialect: str) -> list[exp.Table]:
    return [t for t in node.find_all(exp.Table) if not t.args.get("db") and fold(t.this, dialect) == name]


def _require_end(cte: exp.CTE, name: str, dialect: str) -> None:
    body = cte.this.unnest() if isinstance(cte.this, exp.Subquery) else cte.this
    if not isinstance(body, exp.SetOperation):
        raise _endless(name)
    limit = body.args.get("limit")
    if limit is not None and (number_of(limit.args.get("expression")) or MAX_STEPS + 1) <= MAX_STEPS:
        return
    for term in _terms(body):
        own = _references(term, name, dialect)
        if len(own) > 1:
            raise QueryRefused("recursion", f"{name} refers to itself twice in one step and so grows without measure.")
        if own and not (isinstance(term, exp.Select) and _ends(term, own[0], body, dialect)):
            raise _endless(name)


def _terms(body: exp.Expr) -> Iterator[exp.Expr]:
    pending = [body]
    while pending:
        node = pending.pop()
        if isinstance(node, exp.SetOperation):
            pending += [node.this, node.expression]
        else:
            yield node.unnest() if isinstance(node, exp.Subquery) else node


def _ends(term: exp.Select, own: exp.Table, body: exp.SetOperation, dialect: str) -> bool:
    conditions = [condition for condition in _conditions(term) if condition.find(exp.Column)]
    joined = [term.args.get("from_"), *(term.args.get("joins") or ())]
    others = [table for part in joined if part for table in part.find_all(exp.Table) if table is not own]
    multiplies = bool(others) or any(part.find(exp.Values, exp.Unnest, exp.Lateral) for part in joined if part)
    linked = any(_links(condition) for condition in conditions)
    linked |= any(bool(join.args.get("using")) for join in term.find_all(exp.Join))
    if multiplies and not linked:
        return False
    if others and linked:
        return True
    distinct = bool(body.args.get("distinct"))
    if distinct and all(isinstance(item.unalias(), exp.Column | exp.Literal) for item in term.expressions):
        return True
    return any(_bounds(condition, term) for condition in conditions)


def _links(condition: exp.Expr) -> bool:
    """Whether *condition* equates columns of two different tables."""
    if not isinstance(condition, exp.EQ):
        return False
    left, right = ({c.table for c in side.find_all(exp.Column)} for side in (condition.this, condition.expression))
    return bool(left) and bool(right) and (left != right or "" in left)


def _conditions(term: exp.Select) -> Iterator[exp.Expr]:
    """Yield what must all be true for the term to go on."""
    for holder in term.find_all(exp.Where, exp.Join, exp.Having):
        condition = holder.args.get("on") if isinstance(holder, exp.Join) else holder.this
        if condition is not None:
            yield from condition.flatten() if isinstance(condition, exp.And) else (condition,)


def _bounds(condition: exp.Expr, term: exp.Select) -> bool:
    """Whether *condition* compares a column that moves from step to step with a bound that it comes to."""
    while isinstance(condition, exp.Paren):
        condition = condition.this
    if not isinstance(condition, _BOUNDS):
        return False
    compared = {column.name.lower() for column in condition.find_all(exp.Column)}
    moves = [m for m in (item.unalias() for item in term.expressions) if not isinstance(m, exp.Column | exp.Literal)]
    moving = [move for move in moves if any(column.name.lower() in compared for column in move.find_all(exp.Column))]
    return any(_comes_to(move, condition) for move in moving)


def _comes_to(move: exp.Expr, condition: exp.Expr) -> bool:
    """Whether *move*, repeated, makes *condition* false."""
    while isinstance(move, exp.Paren):
        move = move.this
    if isinstance(move, exp.Mod):
        return False
    sides = [number_of(side) for side in (condition.args.get("this"), condition.args.get("expression"))]
    bound = next((side for side in sides if side is not None), None)
    step = number_of(move.expression) if isinstance(move, exp.Add | exp.Sub | exp.Mul) else None
    if step is None or not isinstance(condition, (*_BELOW, *_ABOVE)):
        return bound is None or abs(bound) <= MAX_STEPS
    if step == 0 or (isinstance(move, exp.Mul) and step <= 1):
        return False
    rising = (step > 0) != isinstance(move, exp.Sub)
    capped = isinstance(condition, _BELOW) == (condition.this.find(exp.Column) is not None)
    steps = 0.0 if bound is None or isinstance(move, exp.Mul) else abs(bound / step)
    return rising == capped and steps <= MAX_STEPS


def _endless(name: str) -> QueryRefused:
    return QueryRefused(
        "recursion",
        f"The recursion in {name} has no visible end. Compare a column that grows with a bound, such as WHERE n < 100.",
    )
