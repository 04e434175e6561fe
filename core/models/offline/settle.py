"""Weighs the meanings of all names together: a slightly worse name in a table already in play beats a namesake that
would pull in tables nobody mentioned."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from core.models.offline.chunks import Chunk
from core.models.offline.joins import Joins, Unjoinable

_UNMENTIONED = 0.22
_JOIN = 0.08
_APART = 3.0
_CLOSE = 0.6
_PASSES = 2


@dataclass
class _Choice:
    """One meaning of a chunk: its *table*, how good it is, and how to take it."""

    table: str
    score: float
    take: Callable[[], None]
    mentions: bool


def settle(chunks: Sequence[Chunk], joins: Joins) -> None:
    """Put first the meanings that together fit best."""
    options = [(chunk, found) for chunk in chunks if (found := list(_choices(chunk)))]
    if len(options) < 2:
        return
    chosen = [0] * len(options)
    costs: dict[frozenset[str], float] = {}

    def cost(places: Sequence[int]) -> float:
        picked = [found[place] for (_, found), place in zip(options, places, strict=True)]
        tables = frozenset(choice.table for choice in picked)
        mentioned = {choice.table for choice in picked if choice.mentions}
        if tables not in costs:
            costs[tables] = _tree(joins, sorted(tables))
        unmentioned = len(tables - mentioned)
        return _JOIN * costs[tables] + _UNMENTIONED * unmentioned - sum(choice.score for choice in picked)

    best = cost(chosen)
    for _ in range(_PASSES):
        for place, (_, found) in enumerate(options):
            for option in range(len(found)):
                trial = [*chosen[:place], option, *chosen[place + 1 :]]
                if (value := cost(trial)) < best - 0.001:
                    best, chosen = value, trial
    for (_, found), place in zip(options, chosen, strict=True):
        if place:
            found[place].take()


def _tree(joins: Joins, tables: Sequence[str]) -> float:
    """Return how many joins *tables* need, those through tables nobody mentioned counted with them."""
    try:
        tree = joins.tree(tables)
    except Unjoinable:
        return _APART / _JOIN
    between = {join.table for join in tree} - set(tables)
    return len(tree) + len(between) * _UNMENTIONED / _JOIN * 0.5


def _choices(chunk: Chunk) -> Iterable[_Choice]:
    """Yield the meanings of *chunk* that are close to its best, the best first."""
    if chunk.chosen == "name:table":
        table = chunk.tables[0].element
        yield _Choice(table.id, chunk.table_score, lambda: None, True)
        for place, other in enumerate(chunk.tables[1:4], 1):
            if other.score > chunk.table_score - 0.2:
                yield _Choice(other.element.id, other.score, _table_taker(chunk, place), True)
        for place, link in enumerate(chunk.columns[:3]):
            if link.score > chunk.table_score - 0.1 and not link.element.foreign:
                yield _Choice(link.element.table, link.score - 0.1, _column_taker(chunk, place), False)
    elif chunk.chosen == "name:column":
        for place, link in enumerate(chunk.columns[:6]):
            if link.score > chunk.column_score - _CLOSE:
                yield _Choice(link.element.table, link.score, _column_taker(chunk, place), False)
    elif chunk.chosen in ("value", "literal") and chunk.values:
        for place, match in enumerate(chunk.values[:6]):
            if match.score > chunk.values[0].score - _CLOSE:
                yield _Choice(match.table, match.score, _value_taker(chunk, place), False)


def _table_taker(chunk: Chunk, place: int) -> Callable[[], None]:
    def take() -> None:
        chunk.tables.insert(0, chunk.tables.pop(place))

    return take


def _column_taker(chunk: Chunk, place: int) -> Callable[[], None]:
    def take() -> None:
        chunk.chosen = "name:column"
        chunk.columns.insert(0, chunk.columns.pop(place))

    return take


def _value_taker(chunk: Chunk, place: int) -> Callable[[], None]:
    def take() -> None:
        chunk.values.insert(0, chunk.values.pop(place))

    return take
