"""Which reading is best, and how sure it is: trial runs under the guard, then weights fitted on questions with answers."""

import math
from collections.abc import Mapping, Sequence

from core.models.base import Ask
from core.models.offline.planner import Reading

# Logistic regression of "the answer was right" on what was measured of the reading, over the development part of a
# set of questions with answers (benchmarks/README.md says how it was made).
BIAS = -2.99
WEIGHTS: Mapping[str, float] = {
    "combined": 2.16,
    "conditions": 0.39,
    "detours": 0.29,
    "empty": -5.54,
    "empty_bounded": -2.0,
    "failed": -6.0,
    "having": 0.74,
    "joins": -0.52,
    "length": -0.53,
    "loose": -0.84,
    "margin": 0.67,
    "mean": 5.03,
    "penalties": -0.37,
    "selected": -0.33,
    "unresolved": -1.64,
    "unused": -0.29,
    "unused_share": -3.77,
}
THRESHOLD = 0.68
"""Readings less sure than this are not answered."""

_FIRST = 0.3


async def ranked(ask: Ask, readings: Sequence[Reading], every: bool = False) -> list[Reading]:
    """Return *readings*, most likely first, each with its confidence; one that is very sure stands alone unless *every*."""
    for place, reading in enumerate(readings):
        if place and not every and readings[0].confidence >= 0.8:
            return [readings[0]]
        await _try(ask, reading)
        reading.confidence = confidence(reading.features, -_FIRST if place else 0.0)
    return sorted(readings, key=lambda reading: -reading.confidence)


async def _try(ask: Ask, reading: Reading) -> None:
    """Run *reading* for a few rows; note whether it failed or found nothing."""
    probe = await ask.lookup.probe(reading.sql)
    rows = [row for row in probe.rows if any(value is not None for value in row)]
    nothing = not rows and not probe.error
    reading.features["failed"] = float(bool(probe.error))
    reading.features["empty"] = float(nothing and not reading.features["bounded"])
    reading.features["empty_bounded"] = float(nothing and bool(reading.features["bounded"]))


def confidence(features: Mapping[str, float], start: float = 0.0) -> float:
    """Return how likely the reading is right, 0 to 1, from its *features*."""
    score = BIAS + start + sum(weight * features.get(name, 0.0) for name, weight in WEIGHTS.items())
    return 1 / (1 + math.exp(-score))
