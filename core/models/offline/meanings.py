"""Questions with a double meaning, and the whole questions to choose from: asked only where the difference matters."""

from collections.abc import Sequence

from core.models.base import Ask, ValueMatch
from core.models.offline.catalog import Column, Table
from core.models.offline.chunks import Chunk, cut
from core.models.offline.planner import Prepared
from core.models.offline.rewording import reworded
from core.models.offline.words import Token, plain, tokenize

_MOST = 4
_SURE = 0.97
_RANKING = frozenset({"best", "worst", "top", "biggest", "strongest", "weakest"})
_DECIDING = frozenset({"by", "sell", "selling", "sold", "rated", "rating", "paid", "paying", "with", "performing"})


def meanings(question: str, ask: Ask, prepared: Prepared) -> Sequence[str]:
    """Return 2 to 4 whole questions that *question* may mean, or none when one meaning leads."""
    text = plain(reworded(question, prepared.catalog, prepared.metrics), prepared.first_and_last)
    tokens = tokenize(text)
    chunks = cut(text, tokens, prepared.names, ask.lookup, prepared.metrics, prepared.aliases)
    return _rankings(text, tokens, chunks, prepared) or _homes(text, chunks)


def _rankings(text: str, tokens: Sequence[Token], chunks: Sequence[Chunk], prepared: Prepared) -> Sequence[str]:
    """ "The best products": by which figure? Only the business's own figures are offered."""
    said = {token.lower for token in tokens}
    if not said & _RANKING or said & _DECIDING or any(chunk.metric or _measure(chunk) for chunk in chunks):
        return ()
    figures = list(dict.fromkeys(metric.name for metric in prepared.metrics.values()))
    bare = text.rstrip("?.! ")
    return [f"{bare} by {figure}" for figure in figures[:_MOST]] if len(figures) > 1 else ()


def _measure(chunk: Chunk) -> bool:
    return chunk.column is not None and chunk.column.numeric and chunk.column_score > chunk.table_score


def _homes(text: str, chunks: Sequence[Chunk]) -> Sequence[str]:
    """The same text in columns of different kinds, none of them named: "Victoria", a city or a customer?"""
    named = {link.element for chunk in chunks for link in chunk.tables} | {
        link.element for chunk in chunks for link in chunk.columns
    }
    for chunk in chunks:
        homes = _equal(chunk.values) if chunk.chosen == "value" else []
        if 2 <= len(homes) <= _MOST and not any(_is_named(home, named) for home in homes):
            return [text.replace(chunk.text, f"{_words(home.column)} {chunk.text}", 1) for home in homes]
    return ()


def _equal(values: Sequence[ValueMatch]) -> list[ValueMatch]:
    """Return one match per column name, of those that are the text itself; several tables may share a column's name."""
    homes: dict[str, ValueMatch] = {}
    for match in values:
        if match.score >= _SURE:
            homes.setdefault(match.column.casefold(), match)
    return list(homes.values())


def _is_named(home: ValueMatch, named: set[Table | Column]) -> bool:
    return any(home.column == element.name or home.table == getattr(element, "id", None) for element in named)


def _words(column: str) -> str:
    return column.replace("_", " ")
