"""How well the offline planner does on questions with answers: coverage, precision, accuracy, time per question.

    python -m benchmarks.nl2sql --questions FILE --databases DIR --out predictions.json [--limit N --seed S]
        [--held-out] [--skip-databases NAME ...]

FILE is a list of {database, question, sql (optional)}, DIR holds NAME.sqlite. Each question goes the way a user's does:
describe, index of values, ask, draft, trial runs under the guard. Predictions come in the questions' order. With
--limit a random part is asked, and predicted, alone.
"""

import argparse
import asyncio
import datetime
import json
import random
import statistics
import time
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.answers import answer, same_answer
from core.errors import NotUnderstood, QueryRefused, SourceError
from core.lookup import SourceLookup
from core.models.base import Ask, Draft
from core.models.offline import Offline
from core.sources import open_source

TODAY = datetime.date(2026, 1, 1)


def development(names: AbstractSet[str], seed: int = 7) -> set[str]:
    """Return the databases to develop on: 60 % of *names*, chosen by *seed*."""
    shuffled = sorted(names)
    random.Random(seed).shuffle(shuffled)
    return set(shuffled[: int(len(shuffled) * 0.6)])


@dataclass
class Tally:
    """What was counted over the questions asked."""

    asked: int = 0
    answered: int = 0
    right: int = 0
    right_as_sets: int = 0
    seconds: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        times = sorted(self.seconds) or [0.0]
        p95 = times[min(len(times) - 1, int(len(times) * 0.95))]
        of_answered = max(1, self.answered)
        return (
            f"questions {self.asked}  coverage {self.answered / max(1, self.asked):.1%}"
            f"  precision on answered {self.right / of_answered:.1%}  accuracy {self.right / max(1, self.asked):.1%}"
            f"  (duplicates ignored: {self.right_as_sets / of_answered:.1%},"
            f" {self.right_as_sets / max(1, self.asked):.1%})"
            f"  ms per question: median {1000 * statistics.median(times):.0f}, p95 {1000 * p95:.0f}"
        )


async def predict(model: Offline, ask: Ask) -> dict[str, Any]:
    """Return the model's query for one question as a prediction; sql is None when it refused."""
    draft: Draft | None = None
    try:
        async for piece in model.draft(ask):
            draft = piece if isinstance(piece, Draft) else draft
    except NotUnderstood as refusal:
        return {"sql": None, "reading": refusal.message, "unused_words": list(refusal.unused)}
    assert draft
    return {"sql": draft.sql, "reading": draft.explanation, "unused_words": draft.unused_words}


async def run(questions: Sequence[dict], databases: Path) -> tuple[list[dict], Tally]:
    """Ask all *questions*, database by database; return predictions in their order, and the tally."""
    model, tally = Offline(), Tally()
    predictions: list[dict] = [{} for _ in questions]
    for name in sorted({question["database"] for question in questions}):
        file = databases / f"{name}.sqlite"
        source = open_source(name, f"sqlite:///{file.resolve()}")
        lookup = SourceLookup(source)
        try:
            schema = await source.describe()
            await lookup.indexed()
            for place, question in enumerate(questions):
                if question["database"] != name:
                    continue
                started = time.perf_counter()
                ask = Ask(question=question["question"], schema=schema, lookup=lookup, today=TODAY)
                predictions[place] = await predict(model, ask)
                tally.seconds.append(time.perf_counter() - started)
                score(tally, file, question, predictions[place])
        except (SourceError, QueryRefused) as error:
            print(f"{name}: {error.message}")
        finally:
            await lookup.close()
            await source.close()
    return predictions, tally


def score(tally: Tally, file: Path, question: dict, prediction: dict) -> None:
    """Count *prediction*, and whether it is right when the question comes with its answer."""
    tally.asked += 1
    if prediction["sql"] is None:
        return
    tally.answered += 1
    if gold := question.get("sql"):
        expected, given = answer(file, gold), answer(file, prediction["sql"])
        ordered = "order by" in gold.lower()
        if given is not None and expected is not None:
            tally.right += same_answer(expected, given, ordered)
            tally.right_as_sets += same_answer(expected, given, ordered, as_sets=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--questions", type=Path, required=True)
    parser.add_argument("--databases", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--limit", type=int, help="ask only so many, chosen at random")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--skip-databases", nargs="*", default=(), metavar="NAME")
    parser.add_argument("--held-out", action="store_true", help="ask only of databases that nothing was fitted on")
    options = parser.parse_args()
    questions = [
        q for q in json.loads(options.questions.read_text("utf-8")) if q["database"] not in options.skip_databases
    ]
    if options.held_out:
        seen = development({question["database"] for question in questions})
        questions = [question for question in questions if question["database"] not in seen]
    if options.limit and options.limit < len(questions):
        questions = random.Random(options.seed).sample(questions, options.limit)
    predictions, tally = asyncio.run(run(questions, options.databases))
    options.out.write_text(json.dumps(predictions, ensure_ascii=False, indent=1), "utf-8")
    print(tally)


if __name__ == "__main__":
    main()
