"""The outermost LIMIT: every query is cut off one row past what may be shown, to know whether there were more."""

from sqlglot import exp


def limited(root: exp.Expr, rows: int) -> exp.Expr:
    """Return *root* asking for at most *rows* + 1 rows; an OFFSET and a lower limit stay."""
    most = rows + 1
    if isinstance(root, exp.Values | exp.Pivot) or _limits_twice(root):
        return _wrapped(root, most)
    clause = root.args.get("limit")
    if clause is None:
        if isinstance(root, exp.Subquery) and not root.args.get("offset") and not root.args.get("order"):
            root.set("this", limited(root.this, rows))
            return root
        root.set("limit", _limit(most))
        return root
    asked = _asked(clause)
    if asked is None:
        return _wrapped(root, most)
    if asked > most:
        root.set("limit", _limit(most))
    return root


def _limits_twice(root: exp.Expr) -> bool:
    """Whether brackets hold a limit and more follows them, which leaves no room for another limit behind."""
    if not isinstance(root, exp.Subquery) or not any(root.args.get(key) for key in ("order", "limit", "offset")):
        return False
    return any(root.this.args.get(key) for key in ("limit", "offset"))


def _limit(rows: int) -> exp.Limit:
    return exp.Limit(expression=exp.Literal.number(rows))


def _asked(clause: exp.Expr) -> float | None:
    """Return how many rows a LIMIT or FETCH asks for, or None when only the server can tell."""
    options = clause.args.get("limit_options")
    if options is not None and (options.args.get("percent") or options.args.get("with_ties")):
        return None
    number = clause.args.get("count") if isinstance(clause, exp.Fetch) else clause.args.get("expression")
    if number is None:
        return 1 if isinstance(clause, exp.Fetch) else None
    if isinstance(number, exp.Null) or number.name.upper() == "ALL":
        return float("inf")
    if isinstance(number, exp.Literal) and not number.is_string and number.this.isdigit():
        return int(number.this)
    return None


def _wrapped(root: exp.Expr, most: int) -> exp.Select:
    """Return a query over *root*, for limits that can't be compared before the query runs."""
    inner = root if isinstance(root, exp.Subquery) and not root.args.get("limit") else exp.Subquery(this=root)
    inner.set("alias", exp.TableAlias(this=exp.to_identifier("limited", quoted=True)))
    return exp.Select(expressions=[exp.Star()], limit=_limit(most), from_=exp.From(this=inner))
