"""Fits the weights by which the offline planner tells how sure a reading is (core/models/offline/rank.py).

    python -m benchmarks.fit_ranking --questions FILE --databases DIR [--seed 7]

Logistic regression with a small ridge, on the first reading of every question of the development databases: 60 % of
the names, shuffled by the seed. The others are for `benchmarks.nl2sql --held-out`, which never helps to fit anything.
Prints BIAS, WEIGHTS, and what thresholds would give on the questions fitted on.
"""

import argparse
import asyncio
import json
import math
from collections.abc import Sequence
from pathlib import Path

from benchmarks.answers import answer, same_answer
from benchmarks.nl2sql import TODAY, development
from core.lookup import SourceLookup
from core.models.base import Ask
from core.models.offline.planner import Preparation, readings
from core.models.offline.rank import confidence, ranked
from core.sources import open_source

BY_HAND = {"failed": -6.0, "lost_cues": -1.0, "lost_values": -2.0, "metric": 1.0}
MOST_FOR_EMPTY_BOUNDED = -2.0
RIDGE = 1.0
STEPS = 400
Sample = tuple[dict[str, float], bool]


async def samples(questions: Sequence[dict], databases: Path) -> list[Sample]:
    """Return what was measured of each question's best reading, and whether its answer was right."""
    preparation, found = Preparation(), []
    for name in sorted({question["database"] for question in questions}):
        file = databases / f"{name}.sqlite"
        source = open_source(name, f"sqlite:///{file.resolve()}")
        lookup = SourceLookup(source)
        schema = await source.describe()
        await lookup.indexed()
        for question in (question for question in questions if question["database"] == name):
            ask = Ask(question=question["question"], schema=schema, lookup=lookup, today=TODAY)
            best = (await ranked(ask, readings(ask, preparation.of(schema))))[:1]
            for reading in best:
                expected, given = answer(file, question["sql"]), answer(file, reading.sql)
                ordered = "order by" in question["sql"].lower()
                right = expected is not None and given is not None and same_answer(expected, given, ordered)
                found.append((reading.features, right))
        await lookup.close()
        await source.close()
    return found


def fit(found: Sequence[Sample]) -> tuple[float, dict[str, float]]:
    """Return bias and weights by gradient descent over standardised figures."""
    found = [(features, right) for features, right in found if not features.get("failed")]
    names = sorted({name for features, _ in found for name in features} - set(BY_HAND) - {"entity"})
    means = [sum(features.get(name, 0.0) for features, _ in found) / len(found) for name in names]
    spreads = [
        math.sqrt(sum((features.get(name, 0.0) - mean) ** 2 for features, _ in found) / len(found)) or 1.0
        for name, mean in zip(names, means, strict=True)
    ]
    rows = [
        [(features.get(n, 0.0) - m) / s for n, m, s in zip(names, means, spreads, strict=True)] for features, _ in found
    ]
    weights, bias = [0.0] * len(names), 0.0
    for _ in range(STEPS):
        slopes, slope = [RIDGE * weight / len(rows) for weight in weights], 0.0
        for row, (_, right) in zip(rows, found, strict=True):
            score = bias + sum(weight * value for weight, value in zip(weights, row, strict=True))
            miss = (1 / (1 + math.exp(-score)) - right) / len(rows)
            slope += miss
            for place, value in enumerate(row):
                slopes[place] += miss * value
        bias -= slope
        weights = [weight - change for weight, change in zip(weights, slopes, strict=True)]
    plain = {name: weight / spread for name, weight, spread in zip(names, weights, spreads, strict=True)}
    bias -= sum(plain[name] * mean for name, mean in zip(names, means, strict=True))
    plain["empty_bounded"] = max(plain.get("empty_bounded", 0.0), MOST_FOR_EMPTY_BOUNDED)
    return round(bias, 2), {name: round(weight, 2) for name, weight in plain.items() if abs(weight) >= 0.1} | BY_HAND


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--questions", type=Path, required=True)
    parser.add_argument("--databases", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    questions = json.loads(options.questions.read_text("utf-8"))
    chosen = development({question["database"] for question in questions}, options.seed)
    found = asyncio.run(samples([q for q in questions if q["database"] in chosen], options.databases))
    bias, weights = fit(found)
    print(f"BIAS = {bias}\nWEIGHTS = {json.dumps(dict(sorted(weights.items())), indent=4)}")
    for threshold in (0.6, 0.65, 0.7, 0.75, 0.8):
        sure = [right for features, right in found if confidence(features, bias=bias, weights=weights) >= threshold]
        print(f"threshold {threshold}: covers {len(sure) / len(found):.1%}, right {sum(sure) / max(1, len(sure)):.1%}")


if __name__ == "__main__":
    main()
