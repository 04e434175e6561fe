"""Values far from the others, by standard deviations and by quartiles."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from math import log

# Below this many values, "far from the others" means nothing.
FEWEST = 8


@dataclass(frozen=True)
class Far:
    """A value's place among the values, and how many standard deviations it lies from their mean."""

    place: int
    z: float


def far_from_mean(values: Sequence[float]) -> list[Far]:
    """Return what lies beyond 2 standard deviations, or beyond the quartiles by 1.5 of their distance; farthest first.

    What only the quartiles call far gets a z just above 2: worth a look.
    """
    if len(values) < FEWEST:
        return []
    mean, deviation = statistics.fmean(values), statistics.pstdev(values)
    if deviation <= abs(mean) * 1e-9:
        return []
    low, _, high = statistics.quantiles(values, n=4)
    fence = 1.5 * (high - low)
    far = []
    for place, value in enumerate(values):
        z = (value - mean) / deviation
        if abs(z) <= 2 and fence > 0 and not low - fence <= value <= high + fence:
            z = 2.01 if value > mean else -2.01
        if abs(z) > 2:
            far.append(Far(place, z))
    return sorted(far, key=lambda one: -abs(one.z))


def far_from_usual(ratios: Sequence[float]) -> list[Far]:
    """Return ratios unlike the others: deviations of their logarithms from the median, measured robustly.

    The scatter counts as at least 5 %, so that a very even series has no outliers of no weight.
    """
    if len(ratios) < 6:
        return []
    logs = [log(max(ratio, 0.001)) for ratio in ratios]
    middle = statistics.median(logs)
    scatter = max(1.4826 * statistics.median(abs(one - middle) for one in logs), 0.05)
    far = [Far(place, (one - middle) / scatter) for place, one in enumerate(logs) if abs(one - middle) > 2 * scatter]
    return sorted(far, key=lambda one: -abs(one.z))


def around_line(values: Sequence[float]) -> tuple[float, float, list[float]]:
    """Fit a line through equally spaced *values*; return its slope, its fit (R²) and what it leaves."""
    places = range(len(values))
    slope, intercept = statistics.linear_regression(places, values)
    left = [value - slope * place - intercept for place, value in zip(places, values, strict=True)]
    variance = statistics.pvariance(values)
    return slope, 1 - statistics.fmean(one * one for one in left) / variance if variance else 0.0, left
