"""Decides together what the names and values of a question stand for: columns of tables that are mentioned near them
win over namesakes elsewhere."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from core.models.base import ValueMatch
from core.models.offline.catalog import Catalog, Column, Table
from core.models.offline.chunks import Chunk
from core.models.offline.joins import Joins
from core.models.offline.names import Link
from core.models.offline.settle import settle

_OWNING = {
    "of",
    "for",
    "in",
    "from",
    "the",
    "all",
    "each",
    "every",
    "a",
    "an",
    ",",
    "and",
    "their",
    "any",
    "those",
    "these",
}
_SAME = 0.02


@dataclass
class Context:
    """What the question mentions: *mentioned* tables with how surely, *margins* between the best two by chunk."""

    mentioned: dict[str, float] = field(default_factory=dict)
    support: dict[str, float] = field(default_factory=dict)
    margins: dict[int, float] = field(default_factory=dict)


def resolve(chunks: Sequence[Chunk], catalog: Catalog, joins: Joins) -> Context:
    """Choose table or column for every name and put its best meaning first."""
    context = Context()
    named = [chunk for chunk in chunks if chunk.chosen == "name"]
    for chunk in named:
        if chunk.table_score > chunk.column_score and chunk.table:
            score = context.mentioned.get(chunk.table.id, 0.0)
            context.mentioned[chunk.table.id] = max(score, chunk.table_score)
    context.support = _support(chunks, context)
    for place, chunk in enumerate(chunks):
        if chunk.chosen == "name":
            _choose(place, chunk, chunks, context, catalog, joins)
    for chunk in chunks:
        if chunk.chosen == "name:column" and chunk.column:
            context.mentioned.setdefault(chunk.column.table, 0.3)
    for place, chunk in enumerate(chunks):
        if chunk.values:
            chunk.values = _rank_values(place, chunk, chunks, context, catalog, joins)
    settle(chunks, joins)
    return context


def _support(chunks: Sequence[Chunk], context: Context) -> dict[str, float]:
    """Return how much of the question each table could explain."""
    support: dict[str, float] = defaultdict(float)
    for chunk in chunks:
        best: dict[str, float] = {}
        if chunk.chosen == "name":
            for link in chunk.columns:
                table = link.element.table
                best[table] = max(best.get(table, 0.0), link.score)
        elif chunk.values:
            for match in chunk.values:
                best[match.table] = max(best.get(match.table, 0.0), match.score * 0.8)
        for table, score in best.items():
            support[table] += score
    for table, score in context.mentioned.items():
        support[table] += score
    return dict(support)


def _choose(
    place: int, chunk: Chunk, chunks: Sequence[Chunk], context: Context, catalog: Catalog, joins: Joins
) -> None:
    near = _nearby(place, chunks)
    _stand_ins(chunk, near, catalog)
    ranked = sorted(
        (replace(link, score=link.score + _bonus(link.element, near, context, joins, chunk)) for link in chunk.columns),
        key=lambda link: -link.score,
    )
    tables = sorted(
        (replace(link, score=link.score + _table_bonus(link.element, context)) for link in chunk.tables),
        key=lambda link: -link.score,
    )
    before = chunk.column_score, chunk.table_score
    chunk.columns, chunk.tables = ranked, tables
    if len(ranked) > 1:
        context.margins[place] = ranked[0].score - ranked[1].score
    chunk.chosen = "name:table" if _is_table(chunk, before, context, catalog) else "name:column"


def _table_bonus(table: Table, context: Context) -> float:
    return (0.05 if table.id in context.mentioned else 0.0) - (0.05 if table.linking else 0.0)


def _stand_ins(chunk: Chunk, near: tuple, catalog: Catalog) -> None:
    """A bare "name" or "id" may mean what names or identifies the rows of the table spoken of."""
    word = chunk.text.lower().rstrip("s")
    table = near[1] or near[0] or near[2]
    if word not in ("name", "id") or table is None:
        return
    columns = table.display if word == "name" else table.primary_columns
    if len(columns) > (2 if word == "name" else 1):
        return
    known = {link.element: link.score for link in chunk.columns}
    for column in columns[:1]:
        if word == "name" and column.kind != "text":
            continue
        if known.get(column, 0.0) < 0.9 and (word == "id" or not {"detail", "description"} & set(column.words)):
            chunk.columns = [Link(column, 0.9), *(link for link in chunk.columns if link.element != column)]


def _is_table(chunk: Chunk, scores: tuple[float, float], context: Context, catalog: Catalog) -> bool:
    column_score, table_score = scores
    if not chunk.tables:
        return False
    if not chunk.columns:
        return True
    table = chunk.tables[0].element
    exact = next((link.element for link in chunk.columns if link.score >= 0.95), None)
    if column_score >= 0.95 and table_score >= 0.95 and exact is not None:
        others = {name for name, score in context.mentioned.items() if name != table.id and score > 0.5}
        best = next((link.element for link in chunk.columns if link.element.table in others), None)
        return not (best is not None and not best.foreign)
    return table_score >= column_score - 0.02


def _nearby(place: int, chunks: Sequence[Chunk]) -> tuple[Table | None, Table | None, Table | None]:
    """Return the table that owns the name at *place* ("of the students"), the one right before, the last one said."""
    owner = None
    for ahead, chunk in enumerate(chunks[place + 1 : place + 12]):
        if chunk.chosen.startswith("name") and chunk.tables and chunk.table_score >= chunk.column_score - 0.02:
            owner = chunk.table
            if not _compound(chunks, place + 1 + ahead):
                break
            continue
        if owner:
            break
        passing = (
            chunk.text.lower() in _OWNING or chunk.cue("distinct", "each", "and") or chunk.chosen.startswith("name")
        )
        unknown = not chunk.chosen and not chunk.filler
        if not (passing or unknown or chunk.chosen == "value" or chunk.cue("aggregate", "count")):
            break
    left = last = None
    for back, chunk in enumerate(reversed(chunks[:place])):
        tabled = (
            chunk.chosen in ("name", "name:table") and chunk.tables and chunk.table_score >= chunk.column_score - 0.02
        )
        if tabled or chunk.chosen == "name:table":
            last = chunk.table
            left = chunk.table if back == 0 else None
            break
    return owner, left, last


def _compound(chunks: Sequence[Chunk], place: int) -> bool:
    """Say whether the table at *place* only qualifies the one right after it: "product characteristics"."""
    if place + 1 >= len(chunks) or chunks[place].possessive:
        return False
    after = chunks[place + 1]
    return after.chosen.startswith("name") and after.table_score >= max(0.8, after.column_score - 0.02)


def _bonus(column: Column, near: tuple, context: Context, joins: Joins, chunk: Chunk) -> float:
    owner, left, last = near
    bonus = 0.1 * context.mentioned.get(column.table, 0.0)
    if left and column.table == left.id:
        bonus += 0.4
    elif owner and column.table == owner.id:
        bonus += 0.35
    elif last and column.table == last.id:
        bonus += 0.18
    if owner and column.table != owner.id and not left:
        bonus -= 0.04 * min(joins.distance(column.table, owner.id), 6)
    elif context.mentioned:
        bonus -= 0.04 * min(*(joins.distance(column.table, table) for table in context.mentioned), 6)
    top = max(context.support.values(), default=1.0) or 1.0
    bonus += 0.12 * context.support.get(column.table, 0.0) / top
    return bonus - (0.03 if column.foreign else 0.0)


def _rank_values(
    place: int, chunk: Chunk, chunks: Sequence[Chunk], context: Context, catalog: Catalog, joins: Joins
) -> list[ValueMatch]:
    near = [c.column for c in chunks[max(0, place - 4) : place + 3] if c.chosen == "name:column" and c.column]
    said = {c.column for c in chunks if c.chosen == "name:column" and c.column}
    hinted = {h for c in chunks[max(0, place - 3) : place] for h in _hints(c.text.lower())}
    beside = {
        link.element.id for c in chunks[max(0, place - 2) : place + 2] for link in c.tables[:3] if link.score > 0.8
    }

    def score(match: ValueMatch) -> float:
        column = catalog.column(match.table, match.column)
        total = match.score + 0.2 * context.mentioned.get(match.table, 0.0)
        if column in near:
            total += 0.4
        elif column in said:
            total += 0.2
        if match.table in beside:
            total += 0.15
        if column and hinted & set(column.words):
            total += 0.1
        if column and (column.key or column.foreign):
            total -= 0.08
        if column and column in catalog.tables[column.table].display:
            total += 0.03
        if match.value in (chunk.text, chunk.literal):
            total += 0.03
        if context.mentioned:
            total -= 0.05 * min(*(joins.distance(match.table, table) for table in context.mentioned), 6)
        return total

    ranked = sorted((replace(match, score=score(match)) for match in chunk.values), key=lambda match: -match.score)
    if len(ranked) > 1:
        context.margins[place] = ranked[0].score - ranked[1].score
    return ranked


def _hints(word: str) -> tuple[str, ...]:
    """Return words of columns that a preposition or verb before a value suggests."""
    if word in ("in", "from", "at", "live", "lives", "living", "located", "based", "near"):
        return ("city", "country", "location", "state", "region", "department", "address", "nationality", "hometown")
    if word in ("by", "named", "called", "name"):
        return ("name", "title")
    return ()
