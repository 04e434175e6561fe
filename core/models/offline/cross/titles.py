"""What the columns of a joined result are called, in the words of the question's reading."""

from collections import Counter
from collections.abc import Sequence

from sqlglot import exp

from core.models.offline import ir
from core.models.offline.catalog import Catalog
from core.models.offline.words import split_name

_FIGURES = {"sum": "total", "avg": "average", "min": "lowest", "max": "highest"}


def titled(combined: exp.Query, shown: Sequence[ir.Expr], catalog: Catalog) -> exp.Query:
    """Give the figures that *combined* shows their titles; columns keep their own names."""
    first: exp.Query = combined
    while isinstance(first, exp.SetOperation):
        first = first.left
    if len(first.selects) != len(shown):
        return combined
    names = [title(expr, catalog) for expr in shown]
    seen: Counter[str] = Counter()
    selects = []
    for one, name in zip(first.selects, names, strict=True):
        seen[name] += 1
        unique = f"{name} ({seen[name]})" if seen[name] > 1 else name
        named = isinstance(one, exp.Column) and one.name == unique
        selects.append(one if named else exp.alias_(one.unalias(), unique, quoted=True))
    first.set("expressions", selects)
    return combined


def title(expr: ir.Expr, catalog: Catalog) -> str:
    """Return what a column that shows *expr* is called."""
    match expr:
        case ir.Col(column):
            return column.name.rpartition(".")[2].removesuffix("[]")
        case ir.Bucket(_, unit):
            return unit
        case ir.Metric(name):
            return name
        case ir.Agg("count", ir.Star(table)):
            return f"number of {' '.join(split_name(catalog.tables[table].name))}"
        case ir.Agg("count", of):
            return f"number of {title(of, catalog)}"
        case ir.Agg(function, of):
            return f"{_FIGURES[function]} {' '.join(split_name(title(of, catalog)))}"
        case ir.Share(of):
            return f"share of {title(of, catalog)}"
        case ir.Growth(of):
            return f"growth of {title(of, catalog)}"
        case ir.PerRow(of, table):
            return f"{title(of, catalog)} per {' '.join(catalog.tables[table].words)}"
        case ir.Portion():
            return "share"
    return "value"
