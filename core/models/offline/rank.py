"""Which reading is best, and how sure: trial runs under the guard, then weights fitted on questions with answers."""

import math
from collections.abc import Mapping, Sequence

import sqlglot
from sqlglot import exp

from core.errors import QueryTimeout
from core.models.base import Ask
from core.models.offline.planner import Reading

# Logistic regression of "the answer was right" on what was measured of the reading, over the development part of a
# set of questions with answers: python -m benchmarks.fit_ranking says how. Three are set by hand: "metric", because
# configured figures are sure and the questions had none; "empty_bounded", because a period may well hold nothing;
# "failed".
BIAS = -5.52
WEIGHTS: Mapping[str, float] = {
    "bounded": -0.12,
    "clean": -0.46,
    "combined": 1.97,
    "conditions": 0.4,
    "deep": -0.7,
    "denied": 0.62,
    "empty": -5.9,
    "empty_bounded": -2.0,
    "failed": -6.0,
    "having": 0.71,
    "joins": -0.18,
    "length": -0.54,
    "loose": -0.67,
    "margin": 0.69,
    "mean": 6.85,
    "metric": 1.0,
    "penalties": 0.43,
    "plain": 0.48,
    "selected": -0.34,
    "unresolved": -1.63,
    "unsure": -0.2,
    "unused": -0.47,
    "unused_share": -4.27,
    "weak": 0.66,
    "weakest": 1.0,
}
THRESHOLD = 0.72
"""Readings less sure than this are not answered."""

_FIRST = 0.3


async def ranked(ask: Ask, readings: Sequence[Reading]) -> list[Reading]:
    """Return *readings*, most likely first, each with its confidence; one that is very sure stands alone."""
    for place, reading in enumerate(readings):
        if place and readings[0].confidence >= 0.8:
            return [readings[0]]
        await _try(ask, reading)
        reading.confidence = confidence(reading.features, -_FIRST if place else 0.0)
    return sorted(readings, key=lambda reading: -reading.confidence)


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
