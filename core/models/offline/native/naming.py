"""What the columns of a result are called where a query gives them no name."""

import re
from collections.abc import Iterable

from sqlglot import exp

from core.models.offline.native.buckets import bucket_of

_FIGURES: dict[type[exp.Expr], str] = {exp.Count: "count", exp.Sum: "sum", exp.Avg: "avg", exp.Min: "min"}
_FIGURES |= {exp.Max: "max"}


def shown_names(selects: Iterable[exp.Expr]) -> list[str]:
    """Return a name for each of *selects*, all different."""
    names: list[str] = []
    for one in selects:
        plain = one.alias.replace(".", " ").lstrip("$") if isinstance(one, exp.Alias) else name_for(one)
        tries = (plain, *(f"{plain}_{number}" for number in range(2, len(names) + 3)))
        names.append(next(name for name in tries if name not in names))
    return names


def name_for(of: exp.Expr) -> str:
    """Return a name for a column or a figure: country, month, count, sum_fee, avg_price."""
    if bucket := bucket_of(of):
        return bucket[1]
    if isinstance(of, exp.Column):
        return plain(of.name)
    word, column = _FIGURES.get(type(of), "value"), of.find(exp.Column)
    return f"{word}_{plain(column.name)}" if column and word != "count" else word


def plain(name: str) -> str:
    """Return *name* as every language can say it without quotes: items[].sku is items_sku, _id is id."""
    return re.sub(r"\W+", "_", name).strip("_").lower() or "value"
