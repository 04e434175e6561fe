"""Keys of different sources made comparable: numbers kept as text, days and moments, UUIDs in any spelling.

The types of what is compared are read off the query. A side that is of another type is converted, and gives NULL, which
equals nothing, where it can't be. Everything of one type is left as it is.
"""

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify

from core.pipelines.federated.joining.using import with_alike_keys
from levada.v1.catalog_pb2 import Schema

Kind = exp.DType
_PLACE = "levada_place"
_TEXT = {Kind.TEXT, Kind.VARCHAR, Kind.CHAR, Kind.NVARCHAR}
_WHOLE = {Kind.BIGINT, Kind.INT, Kind.SMALLINT, Kind.TINYINT, Kind.INT128, Kind.UBIGINT, Kind.UINT, Kind.DECIMAL}
_NUMBERS = _WHOLE | {Kind.DOUBLE, Kind.FLOAT}
_MOMENTS = {Kind.TIMESTAMP, Kind.TIMESTAMPNTZ, Kind.DATETIME, Kind.TIMESTAMPTZ}
# Wide enough for any 64-bit key, with digits after the point so that 12.7 is not taken for 13.
_ANY_NUMBER = "DECIMAL(38, 10)"


def comparable(sql: str, schema: Schema) -> str:
    """Return *sql* (DuckDB's) over *schema* with both sides of each comparison of one type."""
    try:
        tree = parse_one(sql, dialect="duckdb")
        changed = with_alike_keys(tree, schema, _alike)
        kinds = _kinds(tree, schema)
    except (SqlglotError, RecursionError, ValueError):
        return sql  # the guard or DuckDB will say what is wrong with it
    for comparison in list(tree.find_all(exp.EQ, exp.NEQ)):
        for side, kind in zip(("this", "expression"), _targets(comparison, kinds), strict=True):
            if kind:
                changed = True
                comparison.set(side, _converted(comparison.args[side], kind))
    return tree.sql(dialect="duckdb") if changed else sql


def _kinds(tree: exp.Expr, schema: Schema) -> dict[int, Kind]:
    """Return the type of each side of a comparison, by the id of its node in *tree*."""
    sides = [side for one in tree.find_all(exp.EQ, exp.NEQ) for side in (one.this, one.expression)]
    for place, side in enumerate(sides):
        side.meta[_PLACE] = place
    tables: dict[str, object] = {
        table.name: {one.name: one.native_type or "NULL" for one in table.columns} for table in schema.tables
    }
    known = annotate_types(
        qualify(tree.copy(), dialect="duckdb", schema=tables, validate_qualify_columns=False, quote_identifiers=False),
        schema=tables,
        dialect="duckdb",
    )
    found = {node.meta[_PLACE]: node.type.this for node in known.walk() if _PLACE in node.meta and node.type}
    for side in sides:
        side.meta.pop(_PLACE, None)
    return {id(side): found[place] for place, side in enumerate(sides) if place in found}


def _targets(comparison: exp.Expr, kinds: dict[int, Kind]) -> tuple[str, str]:
    """Return the types that the sides have to be converted to, empty where they don't."""
    left, right = comparison.this, comparison.expression
    if not all(any(side.find_all(exp.Column)) for side in (left, right)):
        return "", ""
    one, other = kinds.get(id(left)), kinds.get(id(right))
    if one is None or other is None or one == other:
        return "", ""
    to_right = _target(one, other)
    return (to_right, "") if to_right else ("", _target(other, one))


def _target(kind: Kind, other: Kind) -> str:
    """Return what *kind* becomes to be compared with *other*; empty when it is the other's turn, or DuckDB's."""
    if kind in _TEXT:
        if other in _WHOLE:
            return _ANY_NUMBER
        return {Kind.BOOLEAN: "BOOLEAN", Kind.UUID: "UUID", Kind.DATE: "TIMESTAMP, DATE"}.get(
            other, "DOUBLE" if other in _NUMBERS else _moment(other)
        )
    return "DATE" if kind in _MOMENTS and other == Kind.DATE else ""


def _moment(kind: Kind) -> str:
    if kind == Kind.TIMESTAMPTZ:
        return "TIMESTAMPTZ"
    return "TIMESTAMP" if kind in _MOMENTS else ""


def _alike(side: exp.Expr, kind: Kind, other: Kind) -> exp.Expr | None:
    """Return *side* converted as its own column: a whole number is one, and what is none is missing."""
    target = _target(kind, other)
    if not target:
        return None
    value = _converted(side, target)
    if target != _ANY_NUMBER or other == Kind.DECIMAL:
        return value
    whole = exp.TryCast(this=value, to=exp.DataType.build("BIGINT", dialect="duckdb"))
    return exp.Case().when(exp.EQ(this=value.copy(), expression=whole), whole.copy())


def _converted(side: exp.Expr, kind: str) -> exp.Expr:
    for one in kind.split(", ") if kind != _ANY_NUMBER else (kind,):
        side = exp.TryCast(this=side, to=exp.DataType.build(one, dialect="duckdb"))
    return side
