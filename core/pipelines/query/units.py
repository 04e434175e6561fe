"""Units of a result's columns, from the units of the columns that they are made of."""

import re

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from levada.v1.catalog_pb2 import Schema

# What these give is a number of things, whatever is counted.
_UNITLESS = (exp.Count, exp.ApproxDistinct, exp.RowNumber, exp.Rank, exp.DenseRank, exp.Ntile, exp.Extract)


def units(sql: str, schema: Schema) -> list[str]:
    """Return the unit of each column that *sql* selects, empty where there is none or it isn't plain."""
    try:
        query = parse_one(sql, dialect=schema.dialect)
    except SqlglotError:
        return []
    known, figures = _known(schema), _figures(schema)
    selects = query.selects if isinstance(query, exp.Query) else []
    return [_defined(select, figures) or _unit(select.unalias(), known, query) for select in selects]


def _figures(schema: Schema) -> list[tuple[str, str]]:
    """Return the expressions of the business's figures with their units, the longest first: one may hold another."""
    figures = [(_bare(one.expression), one.unit) for one in schema.definitions if one.expression and one.unit]
    return sorted(figures, key=lambda figure: -len(figure[0]))


def _defined(select: exp.Expr, figures: list[tuple[str, str]]) -> str:
    said = _bare(select.sql())
    return next((unit for expression, unit in figures if expression in said), "")


def _bare(sql: str) -> str:
    return re.sub(r"[\s\"`]", "", sql.casefold())


def _known(schema: Schema) -> dict[str, str]:
    """Return units by column name; a name that stands for different units in different tables has none."""
    known: dict[str, str] = {}
    for table in schema.tables:
        for column in table.columns:
            name = column.name.lower()
            known[name] = column.unit if known.get(name, column.unit) == column.unit else ""
    return known


def _unit(value: exp.Expr, known: dict[str, str], query: exp.Expr, depth: int = 0) -> str:
    if value.find(*_UNITLESS) or value.find(exp.Predicate):
        return ""
    found = {_of_column(column, known, query, depth) for column in value.find_all(exp.Column)} - {""}
    if len(found) != 1 or _is_ratio(value, known):
        return ""
    return found.pop()


def _of_column(column: exp.Column, known: dict[str, str], query: exp.Expr, depth: int) -> str:
    inner = _inner(column.name, query) if depth < 4 else None
    if inner is not None:
        return _unit(inner, known, query, depth + 1)
    return known.get(column.name.lower(), "")


def _inner(name: str, query: exp.Expr) -> exp.Expr | None:
    """Return what a CTE or subquery calls *name*."""
    for nested in query.find_all(exp.CTE, exp.Subquery):
        body = nested.this
        for select in body.selects if isinstance(body, exp.Query) else []:
            if isinstance(select, exp.Alias) and select.alias.lower() == name.lower():
                return select.this
    return None


def _is_ratio(value: exp.Expr, known: dict[str, str]) -> bool:
    """Tell whether *value* divides by something that has a unit: EUR by EUR is no EUR."""
    return any(
        known.get(column.name.lower())
        for division in value.find_all(exp.Div)
        for column in division.expression.find_all(exp.Column)
    )
