"""An aggregate applied to a column, and to the columns listed after it."""

from core.models.offline import ir
from core.models.offline.catalog import Column
from core.models.offline.reader import Reader

LISTING = {",", "and", "&"}


def aggregate(r: Reader, function: str, column: Column) -> ir.Expr:
    if not column.numeric and function in ("avg", "sum") and column.kind == "text":
        samples = [s for s in column.samples if s]
        if not samples or not all(_figure(s) for s in samples):
            if function == "sum":
                return ir.Agg("count", ir.Col(column), distinct=r.distinct)
            r.penalties.append("aggregate of text")
    return ir.Agg(function, ir.Col(column), distinct=False)


def _figure(text: str) -> bool:
    return text.replace(".", "", 1).replace("-", "", 1).replace(",", "").isdigit()


def continues(r: Reader) -> bool:
    """Say whether an aggregate goes on to the next column: "average price and score"."""
    after, then = r.peek(1), r.peek(2)
    if not after or not then or after.text.lower() not in LISTING:
        return False
    return then.chosen == "name:column" and bool(then.column and then.column.numeric and not then.column.identifying)
