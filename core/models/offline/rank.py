"""Which reading is best, and how sure: trial runs under the guard, then weights fitted on questions with answers."""

import math
from collections.abc import Mapping, Sequence

import sqlglot
from sqlglot import exp

from core.errors import QueryTimeout
from core.models.base import Ask
from core.models.offline.planner import Reading
from core.models.offline.words import lemma

# Logistic regression of "the answer was right" on what was measured of the reading, over the development part of a
# set of questions with answers: python -m benchmarks.fit_ranking says how. Set by hand are "metric", because
# configured figures are sure and the questions had none; "empty_bounded", because a period may well hold nothing;
# "failed"; and "lost_values" and "lost_cues", because an answer that leaves out a condition is worse than none.
BIAS = -5.64
WEIGHTS: Mapping[str, float] = {
    "bounded": -0.12,
    "clean": -0.32,
    "combined": 2.04,
    "conditions": 0.44,
    "deep": -0.74,
    "denied": 0.51,
    "detours": 0.11,
    "empty": -5.88,
    "empty_bounded": -2.0,
    "failed": -6.0,
    "having": 0.71,
    "joins": -0.21,
    "length": -0.59,
    "loose": -0.64,
    "lost_cues": -1.0,
    "lost_values": -2.0,
    "margin": 0.73,
    "mean": 7.08,
    "metric": 1.0,
    "plain": 0.43,
    "selected": -0.32,
    "unresolved": -1.54,
    "unsure": -0.19,
    "unused": -0.39,
    "unused_share": -3.52,
    "weak": 0.61,
    "weakest": 0.81,
}
THRESHOLD = 0.71
"""Readings less sure than this are not answered."""

_FIRST = 0.3
_TYING = frozenset(
    word
    for line in (
        "live work belong offer receive hold share occur happen contain own use come go attend participate take keep",
        "bring show appear exist stay reside serve join possess include involve make get produce run last",
    )
    for word in line.split()
)


async def ranked(ask: Ask, readings: Sequence[Reading]) -> list[Reading]:
    """Return *readings*, most likely first, each with its confidence; one that is very sure stands alone."""
    for place, reading in enumerate(readings):
        if place and readings[0].confidence >= 0.8:
            return [readings[0]]
        await _try(ask, reading)
        reading.confidence = 0.0 if ignored(reading) else confidence(reading.features, -_FIRST if place else 0.0)
    return sorted(readings, key=lambda reading: -reading.confidence)


def ignored(reading: Reading) -> bool:
    """Tell whether *reading* leaves out a word that narrows the question: a thing, a name, a time, a number, a column.

    An answer to less than what was asked looks right and is wrong, however sure the rest is. Verbs that only tie things
    together may go unsaid: "orders placed", "members who live in Rome".
    """
    return bool(reading.dropped) or any(not _ties(word) for word in reading.unused)


def _ties(word: str) -> bool:
    return word.islower() and (word.endswith(("ed", "ing")) or lemma(word) in _TYING)


async def _try(ask: Ask, reading: Reading) -> None:
    """Run *reading* for a few rows; note whether it failed or found nothing."""
    probe = await ask.lookup.probe(_light(reading.sql, ask.schema.dialect) if reading.large else reading.sql)
    if probe.error == QueryTimeout().message:
        return
    rows = [row for row in probe.rows if any(value is not None for value in row)]
    nothing = not rows and not probe.error
    reading.features["failed"] = float(bool(probe.error))
    reading.features["empty"] = float(nothing and not reading.features["bounded"])
    reading.features["empty_bounded"] = float(nothing and bool(reading.features["bounded"]))


def _light(sql: str, dialect: str) -> str:
    """Return a query that finds one row of those that *sql* would read, without gathering them all."""
    tree = sqlglot.parse_one(sql, read=dialect or "sqlite")
    if not isinstance(tree, exp.Select) or tree.find(exp.Subquery, exp.Having):
        return sql
    for clause in ("group", "order", "having", "distinct"):
        tree.set(clause, None)
    return tree.select("1", append=False, dialect=dialect).limit(1).sql(dialect=dialect)


def confidence(
    features: Mapping[str, float], start: float = 0.0, bias: float = BIAS, weights: Mapping[str, float] = WEIGHTS
) -> float:
    """Return how likely the reading is right, 0 to 1, from its *features*."""
    score = bias + start + sum(weight * features.get(name, 0.0) for name, weight in weights.items())
    return 1 / (1 + math.exp(-score))
