"""Things ranked by a column of rows that belong to them: each once, by the total or the average of its rows."""

from core.models.offline import ir
from core.models.offline.joins import Unjoinable
from core.models.offline.reader import Reader

# What is told of one thing and makes no sense added up.
_LEVELS = frozenset(
    word
    for line in (
        "age average discount grade height level percent percentage price rank rate rating ratio score share",
        "size speed star temperature weight",
    )
    for word in line.split()
)


def rank_each_once(r: Reader) -> None:
    """Rank "top 5 companies by amount of invoices" by what the invoices of each come to, not by single ones."""
    query = r.query
    if (query.limit or 0) < 2 or query.group or len(query.order) != 1 or query.combined:
        return
    (by, down), shown = query.order[0], [expr.column for expr in query.select if isinstance(expr, ir.Col)]
    owners = {column.table for column in shown}
    if not isinstance(by, ir.Col) or not by.column.numeric or len(owners) != 1 or len(shown) < len(query.select):
        return
    owner = r.catalog.tables[owners.pop()]
    if any(column not in owner.display for column in shown) or not _has_many(r, owner.id, by.column.table):
        return
    function = "avg" if _LEVELS & set(by.column.words) else "sum"
    query.order = [(ir.Agg(function, by), down)]


def _has_many(r: Reader, owner: str, table: str) -> bool:
    """Say whether several rows of *table* may belong to one of *owner*."""
    try:
        return table != owner and any(join.multiplies for join in r.joins.tree([owner, table]))
    except Unjoinable:
        return False
