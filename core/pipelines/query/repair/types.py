"""Rule for values of types that do not go together: cast the text, or compare text with text."""

from sqlglot import exp

from core.pipelines.query.repair.scope import in_scope
from core.pipelines.query.repair.trouble import Trouble
from levada.v1 import event_pb2 as events
from levada.v1.catalog_pb2 import Schema

_TEXT = {events.COLUMN_TYPE_TEXT, events.COLUMN_TYPE_UNSPECIFIED, events.COLUMN_TYPE_JSON}
_NUMBERS = {events.COLUMN_TYPE_INTEGER, events.COLUMN_TYPE_DOUBLE, events.COLUMN_TYPE_DECIMAL}
_TIMES = {events.COLUMN_TYPE_DATE, events.COLUMN_TYPE_TIMESTAMP, events.COLUMN_TYPE_TIMESTAMP_ZONED}
_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)
_ARITHMETIC = (exp.Sum, exp.Avg, exp.Stddev, exp.Abs)


def cast(tree: exp.Expr, trouble: Trouble, schema: Schema) -> str:
    """Cast what stands in the way of a comparison, a sum or a rounding."""
    done = [*_comparisons(tree, schema), *_sums(tree, schema), *_roundings(tree, trouble)]
    return " ".join(dict.fromkeys(done))


def _type(node: exp.Expr, schema: Schema) -> int | None:
    """Return the type of a column as the schema has it, None for anything else."""
    if not isinstance(node, exp.Column):
        return None
    for alias, table in in_scope(node, schema).items():
        for column in table.columns if node.table in ("", alias) else ():
            if column.name.lower() == node.name.lower():
                return column.type
    return None


def _comparisons(tree: exp.Expr, schema: Schema) -> list[str]:
    said = []
    for comparison in list(tree.find_all(*_COMPARISONS)):
        for one, other in ((comparison.left, comparison.right), (comparison.right, comparison.left)):
            if text := _reconciled(comparison, one, other, schema):
                said.append(text)
    return said


def _reconciled(comparison: exp.Expr, column: exp.Expr, other: exp.Expr, schema: Schema) -> str:
    kind, other_kind = _type(column, schema), _type(other, schema)
    if kind in _TEXT and (other.is_number or other_kind in _NUMBERS):
        return _as_text_or_number(comparison, column, other)
    if kind in _TEXT and other_kind in _TIMES:
        column.replace(exp.cast(column.copy(), "TIMESTAMP"))
        return f"{column.sql()} is text and was read as a date."
    if kind in _TIMES and other.is_int and len(other.name) == 4:
        column.replace(exp.Extract(this=exp.var("YEAR"), expression=column.copy()))
        return f"{column.sql()} is a date; its year was compared."
    return ""


def _as_text_or_number(comparison: exp.Expr, column: exp.Expr, other: exp.Expr) -> str:
    if isinstance(comparison, exp.EQ | exp.NEQ) and other.is_number:
        other.replace(exp.Literal.string(other.sql()))
        return f"{column.sql()} is text, so it was compared with text."
    column.replace(exp.cast(column.copy(), "DECIMAL"))
    return f"{column.sql()} is text and was read as a number."


def _sums(tree: exp.Expr, schema: Schema) -> list[str]:
    said = []
    for call in list(tree.find_all(*_ARITHMETIC)):
        if _type(call.this, schema) in _TEXT:
            said.append(f"{call.this.sql()} is text and was read as a number.")
            call.set("this", exp.cast(call.this.copy(), "DECIMAL"))
    return said


def _roundings(tree: exp.Expr, trouble: Trouble) -> list[str]:
    # PostgreSQL rounds doubles to whole numbers only.
    if trouble.name.lower() != "round":
        return []
    found = [call for call in tree.find_all(exp.Round) if call.args.get("decimals") is not None]
    for call in found:
        call.set("this", exp.cast(call.this.copy(), "DECIMAL"))
    return ["ROUND to decimals needs an exact number, so its value was cast."] if found else []
