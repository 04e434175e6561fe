"""The types that may be cast to: in PostgreSQL some look into the catalogue, and some are a table's rows."""

from sqlglot import exp

from core.errors import QueryRefused
from core.sources.guard.readable import Readable, fold

# Built-in value types that sqlglot has no word for, and those of the extensions that add value types.
_POSTGRES = frozenset(
    name
    for names in (
        "bit bool box bpchar char cidr circle citext cube date daterange datemultirange float4 float8 geography",
        "geometry halfvec hstore inet int2 int4 int8 int4range int8range int4multirange int8multirange interval json",
        "jsonb jsonpath line lquery lseg ltree ltxtquery macaddr macaddr8 money nummultirange numrange path point",
        "polygon seg sparsevec text time timestamp timestamptz timetz tsmultirange tsquery tsrange tstzmultirange",
        "tstzrange tsvector uuid varbit varchar vector xml",
    )
    for name in names.split()
)


def require_known_types(nodes: list[exp.Expr], readable: Readable) -> None:
    """Raise QueryRefused for a type that is neither built in nor the type of a column that may be read."""
    for node in nodes:
        if not isinstance(node, exp.DataType) or node.this != exp.DType.USERDEFINED:
            continue
        kind = node.args.get("kind")
        name = fold(kind, readable.dialect).lower() if isinstance(kind, exp.Identifier) else ""
        known = name in _POSTGRES or name in readable.types
        if not name or (readable.dialect == "postgres" and not known):
            raise QueryRefused(
                "catalog-type",
                f"{node.args.get('spelled') or 'That'} is no type that can be cast to here. "
                "Cast to a built-in type, or to one that a column of the schema has.",
            )
