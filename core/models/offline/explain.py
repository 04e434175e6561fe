"""Says a query of the intermediate form in words, so that people see how they were understood."""

import datetime
import re
from collections.abc import Iterable

from core.models.offline import ir
from core.models.offline.catalog import Catalog, Column
from core.models.offline.periods import shift
from core.models.offline.words import split_name

_FUNCTIONS = {"sum": "the total of", "avg": "the average", "max": "the highest", "min": "the lowest"}
_OPERATORS = {
    "=": "is", "!=": "is not", ">": "is more than", "<": "is less than", ">=": "is at least", "<=": "is at most",
    "like": "matches", "not like": "does not match",
}  # fmt: skip
_UNITS = {"weekday": "day of the week", "hour": "hour of the day"}


class Explainer:
    """Words for queries over one catalog."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def sentence(self, query: ir.Query, notes: Iterable[str] = ()) -> str:
        """Return *query* as one sentence, followed by *notes*."""
        parts = [self._shown(query)]
        by = [e for e in query.select if not ir.is_aggregate(e)]
        if by and len(by) < len(query.select):
            parts.append("for each " + _listed(self._expr(e) for e in by))
        conditions = [self._condition(c) for c in query.where if not isinstance(c, ir.Raw)]
        conditions += [self._condition(c) for c in query.having]
        if conditions:
            parts.append("where " + " and ".join(conditions))
        if query.combined:
            both = [c for c in query.combined[1].where if c not in query.where]
            parts.append("and also " + " and ".join(self._condition(c) for c in both))
        parts += self._order(query)
        text = " ".join(parts)
        return " ".join([text[:1].upper() + text[1:] + ".", *notes])

    def _shown(self, query: ir.Query) -> str:
        measured = [e for e in query.select if ir.is_aggregate(e)]
        shown = measured or query.select
        different = "the different " if query.distinct else ""
        if query.counted:
            return "the number of those"
        return different + _listed(self._expr(e) for e in shown)

    def _order(self, query: ir.Query) -> list[str]:
        if not query.order:
            return [f"the first {query.limit}"] if query.limit else []
        by = _listed(
            f"{self._expr(e)} {'from the highest down' if down else 'from the lowest up'}" for e, down in query.order
        )
        if query.limit == 1:
            expr, down = query.order[0]
            ranked = "growth" if isinstance(expr, ir.Growth) else self._expr(expr).removeprefix("the ")
            return [f"with the {'highest' if down else 'lowest'} {ranked}"]
        return [f"by {by}" + (f", the first {query.limit}" if query.limit else "")]

    def _expr(self, expr: ir.Expr) -> str:
        match expr:
            case ir.Col(column):
                return self._column(column)
            case ir.Star(table):
                return f"all of {self._table(table)}"
            case ir.Agg("count", ir.Star(table)):
                return f"the number of {self._table(table)}"
            case ir.Agg("count", of, distinct):
                return f"the number of {'different ' if distinct else ''}{self._expr(of)}"
            case ir.Agg(function, of):
                return f"{_FUNCTIONS[function]} {self._expr(of)}"
            case ir.Metric(name):
                return name
            case ir.Bucket(column, unit):
                return f"{_UNITS.get(unit, unit)} of {self._column(column)}"
            case ir.Share(of):
                return f"the share of {self._expr(of).removeprefix('the ')} in percent"
            case ir.PerRow(of, table):
                return f"{self._expr(of)} per row of {self._table(table)}"
            case ir.Portion(table, condition):
                return f"the percentage of {self._table(table)} of which {self._condition(condition)}"
            case ir.Growth(of, _, now, before):
                return f"the growth of {self._expr(of)} in percent, {_days(*now)} against {_days(*before)}"
            case ir.Arith(left, right):
                return f"{self._column(left)} less {self._column(right)}"

    def _condition(self, condition: ir.Condition) -> str:
        match condition:
            case ir.Compare(left, "between", (low, high)):
                return f"{self._expr(left)} is between {low} and {high}"
            case ir.Compare(left, op, right):
                return f"{self._expr(left)} {_OPERATORS[op]} {self._right(right)}"
            case ir.Within(column, start, end, words):
                return (
                    f"{self._column(column)} is in {_dated(words, start, end)}"
                    if words
                    else self._span(column, start, end)
                )
            case ir.IsNull(column, negated):
                return f"{self._column(column)} is {'known' if negated else 'missing'}"
            case ir.Member(_, query, negated):
                return f"there are {'no' if negated else 'some'} {self._inner(query)}"
            case ir.Raw(sql):
                return sql
            case ir.Not(of):
                return f"not {self._condition(of)}"
            case ir.Either(parts):
                return "(" + " or ".join(self._condition(p) for p in parts) + ")"
            case ir.Every(parts):
                return "(" + " and ".join(self._condition(p) for p in parts) + ")"

    def _right(self, right: object) -> str:
        if isinstance(right, ir.Query):
            return self.sentence(right).rstrip(".").lower()
        if isinstance(right, Column):
            return self._column(right)
        return f"“{right}”" if isinstance(right, str) else str(right)

    def _span(self, column: Column, start: str, end: str) -> str:
        said = [f"from {start} on"] if start else []
        said += [f"before {end}"] if end else []
        return f"{self._column(column)} is {' and '.join(said)}"

    def _inner(self, query: ir.Query) -> str:
        column = query.select[0].column if isinstance(query.select[0], ir.Col) else None
        table = query.needs[0] if query.needs else column.table if column else ""
        conditions = [self._condition(c) for c in query.where if not isinstance(c, ir.IsNull)]
        return self._table(table) + (" where " + " and ".join(conditions) if conditions else "")

    def _table(self, table: str) -> str:
        return " ".join(split_name(self._catalog.tables[table].name))

    def _column(self, column: Column) -> str:
        words = " ".join(split_name(column.name))
        owner = self._table(column.table)
        return words if owner.rstrip("s") in words else f"{words} of {owner}"


def _dated(words: str, start: str, end: str) -> str:
    """Return *words* of a time with the days they mean: "last month (May 2026)"."""
    if not start or not end or re.search(r"\d{4}", words):
        return words
    first, after = datetime.date.fromisoformat(start), datetime.date.fromisoformat(end)
    if first.day == after.day == 1 and shift(first, "month", 1) == after:
        return f"{words} ({first:%B %Y})"
    return f"{words} ({_days(start, end)})"


def _days(start: str, end: str) -> str:
    """Return the first and the last day of a span that ends before *end*."""
    last = (datetime.date.fromisoformat(end) - datetime.timedelta(days=1)).isoformat()
    return start if start == last else f"{start} to {last}"


def _listed(parts: Iterable[str]) -> str:
    *most, last = parts
    return f"{', '.join(most)} and {last}" if most else last
