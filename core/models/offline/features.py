"""What is measured of a reading, for judging how likely it is right."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from core.models.offline import ir
from core.models.offline.chunks import Chunk
from core.models.offline.cues import STOP
from core.models.offline.reader import Reader
from core.models.offline.words import Token

_LIGHT = 20_000
_WEIGHTY = ("compare", "super", "frequent", "aggregate", "count", "negate", "like", "order", "time", "each")


def measure(query: ir.Query, sql: str, unused: Sequence[str], r: Reader, tokens: Sequence[Token]) -> dict[str, float]:
    """Return the figures that rank.py weighs, by name."""
    content = [token for token in tokens if token.kind != "mark" and token.lower not in STOP]
    used = [r.chunks[place] for place in sorted(r.used) if place < len(r.chunks)]
    scores = list(_scores(used))
    margins = [m for p, m in r.context.margins.items() if p in r.used and r.chunks[p].chosen != "name:table"]
    margin = min(margins, default=1.0)
    loose = sum(1 for pending in r.pending if not pending.projected)
    expressions = [*query.select, *(expr for expr, _ in query.order)]
    figures = [expr for expr in map(ir.innermost, expressions) if isinstance(expr, ir.Metric)]
    joins = sql.split().count("JOIN") - sum(len(figure.tables) - 1 for figure in figures[:1])
    weakest = min(scores, default=0.5)
    lost = [c for place, c in enumerate(r.chunks) if place not in r.used]
    return {
        "lost_cues": float(sum(1 for chunk in lost if chunk.chosen == "cue" and chunk.cue(*_WEIGHTY))),
        "lost_values": float(sum(1 for chunk in lost if _tells(chunk))),
        "unused": float(len(unused)),
        "unused_share": len(unused) / max(1, len(content)),
        "clean": float(not unused),
        "weakest": weakest,
        "weak": float(weakest < 0.7),
        "mean": sum(scores) / len(scores) if scores else 0.5,
        "joins": float(joins),
        "plain": float(joins <= 0),
        "deep": float(joins >= 3),
        "margin": margin,
        "unsure": float(margin < 0.1),
        "loose": float(loose),
        "tight": float(not unused and not loose and not r.penalties and margin >= 0.1),
        "penalties": float(len(r.penalties)),
        "length": len(tokens) / 10,
        "selected": float(len(query.select)),
        "conditions": float(len(query.where)),
        "combined": float(query.combined is not None),
        "having": float(bool(query.having)),
        "detours": float(_detours(sql, r.chunks)),
        "bounded": float(any(_bounded(condition) for condition in [*query.where, *query.having])),
        "metric": float(bool(figures)),
        "entity": float(any(pending.entity for pending in r.pending)),
        "denied": float(any(isinstance(condition, ir.Member) for condition in query.where)),
        "unresolved": float(r.negated) + float(r.connector == "or") + float(r.unranked) + float(bool(r.aggregate)),
    }


def _tells(chunk: Chunk) -> bool:
    """Say whether *chunk* must mean something: a quoted text, a number, a name in capitals."""
    if chunk.literal is not None or chunk.chosen in ("number", "value", "period"):
        return True
    return not chunk.chosen and not chunk.filler and chunk.start > 0 and chunk.text[:1].isupper()


def large(r: Reader, sql: str) -> bool:
    """Say whether the query reads tables so large that a trial run should not read them whole."""
    rows = {table.name: table.rows for table in r.catalog.tables.values()}
    return any((rows.get(name) or 0) > _LIGHT for name in _read_tables(sql))


def _scores(used: Iterable[Chunk]) -> Iterable[float]:
    for chunk in used:
        if chunk.chosen == "name:table":
            yield chunk.tables[0].base
        elif chunk.chosen == "name:column":
            yield chunk.columns[0].base
        elif chunk.chosen == "metric":
            yield 1.0
        elif chunk.chosen == "value" and chunk.values:
            yield min(1.0, chunk.values[0].score)


def _bounded(condition: ir.Condition) -> bool:
    """Say whether a condition may well leave nothing over: times and comparisons, unlike values found in the data."""
    if isinstance(condition, ir.Within):
        return True
    return isinstance(condition, ir.Compare) and condition.op not in ("=", "!=", "like", "not like")


def _read_tables(sql: str) -> set[str]:
    return {word.strip('"`') for before, word in pairwise(sql.split()) if before in ("FROM", "JOIN")}


def _detours(sql: str, chunks: Sequence[Chunk]) -> int:
    """Return how many tables the query joins that nothing in the question names."""
    named = {c.table.id for c in chunks if c.chosen == "name:table" and c.table}
    named |= {c.column.table for c in chunks if c.chosen == "name:column" and c.column}
    named |= {c.values[0].table for c in chunks if c.chosen in ("value", "literal") and c.values}
    named |= {table for chunk in chunks if chunk.metric for table in chunk.metric.tables}
    return sum(1 for name in _read_tables(sql) if not any(name == table.rpartition(".")[2] for table in named))
