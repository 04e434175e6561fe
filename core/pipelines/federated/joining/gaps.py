"""Whether a join can do without an operation that gave nothing, and which of its columns are then empty.

It can where the operation only adds columns to rows of others (an outer join), and nothing would look like what it is
not: a count of nothing is 0, an absence of nothing is everything, the first by nothing are any.
"""

from collections.abc import Collection, Mapping, Sequence

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

_OTHER_ROWS = ("distinct", "group", "qualify", "limit", "offset", "fetch")
# What is worked out of nothing is nothing.
_NULL_OF_NULL = (exp.Alias, exp.Cast, exp.TryCast, exp.Paren, exp.Neg, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Round)


def gaps(sql: str, lost: Collection[str], known: Mapping[str, Sequence[str]]) -> dict[str, list[str]] | None:
    """Return the columns of each of the *lost* operations that *sql* reads; None when it can't do without one.

    *known* are the columns of those whose query tells them.
    """
    try:
        tree = parse_one(sql, dialect="duckdb")
    except SqlglotError:
        return None
    names = {name.casefold(): name for name in lost}
    found: dict[str, list[str]] = {}
    for table in tree.find_all(exp.Table):
        name = names.get(table.name.casefold())
        if name is None:
            continue
        if not _can_go(tree, table, known.get(name, ())):
            return None
        columns = [*known.get(name, ()), *_read(table)]
        found[name] = list({column.casefold(): column for column in [*found.get(name, []), *columns]}.values())
    return found


def _can_go(tree: exp.Expr, table: exp.Table, known: Sequence[str]) -> bool:
    """Tell whether *table* only adds columns to the rows of others, each as it stands or worked out by itself."""
    join = table.parent
    if not isinstance(join, exp.Join) or join.side.upper() not in ("LEFT", "FULL") or join.parent is not tree:
        return False
    # Rows that are counted, added up, told apart or cut off would be others with it.
    if not isinstance(tree, exp.Select) or any(tree.args.get(part) for part in _OTHER_ROWS):
        return False
    if tree.find(exp.AggFunc, exp.Window, exp.Anonymous):
        return False
    return all(_harmless(column, tree, join) for column in _columns(table, tree, known))


def _columns(table: exp.Table, select: exp.Select, known: Sequence[str]) -> list[exp.Column]:
    alias, own = table.alias_or_name.casefold(), {name.casefold() for name in known}
    return [
        column
        for column in select.find_all(exp.Column)
        if column.table.casefold() == alias or (not column.table and column.name.casefold() in own)
    ]


def _harmless(column: exp.Column, tree: exp.Select, own: exp.Join) -> bool:
    """Tell whether *column*, being NULL in every row, leaves the rows and all other columns as they are."""
    above: exp.Expr | None = column.parent
    while isinstance(above, _NULL_OF_NULL):
        above = above.parent
    if above is tree or isinstance(above, exp.Ordered):
        return True
    return column.find_ancestor(exp.Join, exp.Select) is own


def _read(table: exp.Table) -> list[str]:
    join = table.parent
    select = table.find_ancestor(exp.Select)
    if select is None or not isinstance(join, exp.Join):
        return []
    alias = table.alias_or_name.casefold()
    named = [one.name for one in select.find_all(exp.Column) if one.table.casefold() == alias]
    return [*named, *(one.name for one in join.args.get("using") or ())]
