"""Questions of two parts, the second about those of the first: "which customers complain, and what did they buy?"

Each part is read by itself. The second then looks only at the rows of the first, and says for each of its groups what
there is most of.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.errors import NotUnderstood
from core.models.base import Ask
from core.models.offline import ir
from core.models.offline.catalog import Catalog, Table
from core.models.offline.planner import Prepared, Reading, readings, unknown_words
from core.models.offline.rank import THRESHOLD, ranked
from core.models.offline.refusal import refusal
from core.models.offline.render import Renderer
from core.models.offline.rewording import income, what_is_bought
from core.models.offline.tables import tables_of
from core.models.offline.words import lemma

_THEY = r"(?:they|them|their|those|these)"
_PARTED = re.compile(
    rf"^(?P<first>.+?)(?:[,;]?\s+and|[?.])\s+(?P<rest>(?:what|which|who|whose|how|where|when)\b.*?\b{_THEY}\b.*)$",
    re.IGNORECASE | re.DOTALL,
)
_BOUGHT = re.compile(
    r"(?:what|which\s+(?P<what>[\w -]+?))\s+(?:(?:did|do|does|have|has|had)\s+)?they\s+(?:\w+ly\s+)?"
    r"(?:buy|bought|purchased?|order(?:ed)?)\b(?:\s+(?:the\s+)?most)?(?P<rest>.*)$",
    re.IGNORECASE,
)
_SPENT = re.compile(
    r"how\s+much\s+(?:did|do|does|have|has|had)\s+they\s+(?:spen[dt]|pay|paid)\b(?P<rest>.*)$", re.IGNORECASE
)


@dataclass(frozen=True)
class Both:
    """The two parts; both show the *keys* columns first that tell the first's groups apart, then the *groups*.

    When what the second finds is *listed*, its only figure says what comes first.
    """

    first: Reading
    second: Reading
    asked: ir.Query
    """The second as it was read, of everybody."""

    keys: int
    groups: int
    listed: bool

    @property
    def before(self) -> int:
        """How many columns both show alike."""
        return self.keys + self.groups

    @property
    def things(self) -> int:
        """How many columns the second shows of what it finds, before its figures."""
        plain = [expr for expr in self.second.query.select if not ir.is_aggregate(expr)]
        return len(plain) - self.before


def parted(question: str) -> tuple[str, str]:
    """Return the two parts of *question*, the second empty where there is one only."""
    found = _PARTED.match(question.strip().rstrip("?.! "))
    return (found["first"], found["rest"]) if found else (question, "")


async def both(first: Reading, question: str, ask: Ask, prepared: Prepared) -> Both:
    """Return *first*, a reading of *ask*, with the rest of *question* about those it is of. Raises NotUnderstood."""
    before, rest = parted(question)
    whom, said = _whom(first, prepared.catalog), _said(first)
    if whom is None or len(whom.primary_columns) != 1:
        raise NotUnderstood(f"I can't tell whom “{rest}” is about. Ask that apart, and name them.")
    asked = replace(ask, question=_about(rest, said, prepared))
    found = [one for one in await ranked(asked, readings(asked, prepared)) if one.confidence >= THRESHOLD]
    if not found or not _names(rest, found[0].query):
        why = refusal(prepared.catalog, [], unknown_words(asked, prepared))
        raise NotUnderstood(
            f"I understood “{before}”, but not “{rest}”. Ask each apart. {why.message}", unused=why.unused
        )
    groups = [expr for expr in first.query.select if not ir.is_aggregate(expr)]
    keys = _keys(groups, prepared.catalog)
    renderer = Renderer(prepared.catalog, prepared.joins, first.said)
    one = _first(first, keys, groups)
    other = _second(found[0], first.query, whom, [*keys, *groups])
    sure = min(first.confidence, found[0].confidence)
    return Both(
        replace(first, query=one, sql=renderer.sql(one), confidence=sure),
        replace(found[0], query=other, sql=renderer.sql(other)),
        found[0].query,
        len(keys),
        len(groups),
        not any(map(ir.is_aggregate, found[0].query.select)),
    )


def _whom(first: Reading, catalog: Catalog) -> Table | None:
    """Return the table of the subject: of "which countries' customers" it is the customers."""
    named = [chunk for chunk in first.chunks if chunk.chosen.startswith("name") and not chunk.possessive]
    if not named:
        return None
    if named[0].chosen == "name:table":
        return named[0].table
    column = named[0].column
    table = catalog.tables[column.table] if column else None
    return table if table and lemma(_said(first)) in table.words else None


def _said(first: Reading) -> str:
    named = [chunk for chunk in first.chunks if chunk.chosen.startswith("name") and not chunk.possessive]
    return named[0].text.split()[-1] if named else ""


def _about(rest: str, whom: str, prepared: Prepared) -> str:
    """Return *rest* as a question of its own. What is bought most is what brings in most, or goes out most."""
    if bought := _BOUGHT.match(rest):
        measured = what_is_bought(prepared.catalog, prepared.metrics, bought["what"] or "")
        if measured is None:
            raise NotUnderstood(f"I can't tell what “{rest}” is measured by here. Ask that apart, and name a figure.")
        return f"{measured}{bought['rest']}"
    if (spent := _SPENT.match(rest)) and (figure := income(prepared.metrics)):
        return f"{figure}{spent['rest']}"
    text = re.sub(r"\btheir\b", f"{whom}'", rest, flags=re.IGNORECASE)
    return re.sub(rf"\b{_THEY}\b", whom, text, flags=re.IGNORECASE)


def _names(rest: str, query: ir.Query) -> bool:
    """Say whether *query* shows names where "who", "where" and "which" ask for them, and not for how many."""
    word = rest.split(maxsplit=1)[0].lower()
    plain = [expr for expr in query.select if not ir.is_aggregate(expr)]
    if word in ("who", "whom", "whose", "where"):
        return any(isinstance(expr, ir.Col) and expr.column.kind == "text" for expr in plain)
    return bool(plain) or word != "which"


def _keys(groups: Sequence[ir.Expr], catalog: Catalog) -> list[ir.Expr]:
    """Return what tells groups apart that are shown by names, which may be those of several."""
    tables = [catalog.tables[one.column.table] for one in groups if isinstance(one, ir.Col)]
    named = [table for table in tables if any(ir.Col(column) in groups for column in table.display)]
    keys = [ir.Col(table.primary_columns[0]) for table in named if len(table.primary_columns) == 1]
    return [key for key in dict.fromkeys(keys) if key not in groups]


def _first(first: Reading, keys: Sequence[ir.Expr], groups: Sequence[ir.Expr]) -> ir.Query:
    """Return the first part with the figures that it is ordered by; of several, all of them are ranked."""
    query = first.query
    figures = [expr for expr in query.select if ir.is_aggregate(expr)]
    figures += [expr for expr, _ in query.order if ir.is_aggregate(expr) and expr not in figures]
    limit = None if query.limit == 1 and _several(first) else query.limit
    return replace(query, select=[*keys, *groups, *figures], distinct=not figures, limit=limit)


def _several(first: Reading) -> bool:
    """Say whether the question asks which *ones*, not which one."""
    named = next((chunk.text for chunk in first.chunks if chunk.chosen == "name:table"), "")
    last = named.split()[-1].lower() if named else ""
    return bool(last) and lemma(last) != last


def _second(second: Reading, first: ir.Query, whom: Table, groups: Sequence[ir.Expr]) -> ir.Query:
    query = second.query
    things = [expr for expr in query.select if not ir.is_aggregate(expr) and expr not in groups]
    figures = [expr for expr in query.select if ir.is_aggregate(expr)] or [ir.Agg("count", ir.Star(whom.id))]
    counted = [table for expr in first.select for table in tables_of(expr) if ir.is_aggregate(expr)]
    counted += [table for expr, _ in first.order for table in tables_of(expr) if ir.is_aggregate(expr)]
    shown = {whom.id, *(table for expr in groups for table in tables_of(expr))}
    needs = [table for table in dict.fromkeys([*first.needs, *counted]) if table not in shown]
    key = whom.primary_columns[0]
    among = ir.Member(key, ir.Query(select=[ir.Col(key)], where=list(first.where), needs=needs))
    where = [*query.where, among] if first.where or needs else query.where
    select, needs = [*groups, *things, *figures], [whom.id, *query.needs]
    return replace(query, select=select, where=where, order=[], limit=None, distinct=False, needs=needs)
