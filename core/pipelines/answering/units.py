"""The unit of a value, from the units of the columns that it is made of."""

from sqlglot import exp

from levada.v1.catalog_pb2 import Schema

# What these give is a number of things, whatever is counted.
_UNITLESS = (exp.Count, exp.ApproxDistinct, exp.RowNumber, exp.Rank, exp.DenseRank, exp.Ntile, exp.Extract)
_DEEPEST = 4


def units_by_column(schema: Schema) -> dict[str, str]:
    """Return units by column name; a name that stands for different units in different tables has none."""
    known: dict[str, str] = {}
    for table in schema.tables:
        for column in table.columns:
            name = column.name.lower()
            known[name] = column.unit if known.get(name, column.unit) == column.unit else ""
    return known


def unit_of(value: exp.Expr, known: dict[str, str], depth: int = 0) -> str:
    """Return the unit of *value*, empty where there is none or it isn't plain."""
    if value.find(*_UNITLESS) or isinstance(value, exp.Predicate):
        return ""
    columns = list(value.find_all(exp.Column))
    found = {_of_column(column, known, depth) for column in columns} - {""}
    return found.pop() if len(found) == 1 and not _is_ratio(value, known) else ""


def _of_column(column: exp.Column, known: dict[str, str], depth: int) -> str:
    inner = _inner(column) if depth < _DEEPEST else None
    return known.get(column.name.lower(), "") if inner is None else unit_of(inner, known, depth + 1)


def _inner(column: exp.Column) -> exp.Expr | None:
    """Return what a CTE or subquery gives this column's name to."""
    for nested in column.root().find_all(exp.CTE, exp.Subquery):
        body = nested.this
        for select in body.selects if isinstance(body, exp.Query) else []:
            if isinstance(select, exp.Alias) and select.alias.lower() == column.name.lower():
                return select.this
    return None


def _is_ratio(value: exp.Expr, known: dict[str, str]) -> bool:
    """Tell whether *value* divides by something that has a unit: EUR by EUR is no EUR."""
    return any(
        known.get(column.name.lower())
        for division in value.find_all(exp.Div)
        for column in division.expression.find_all(exp.Column)
    )
