"""How well a model does on questions with answers: coverage, precision, accuracy, time and cost per question.

    python -m benchmarks.nl2sql --questions FILE --databases DIR --out predictions.json [--limit N --seed S]
        [--held-out] [--skip-databases NAME ...]
        [--model NAME [--candidates K] [--parallel N] [--exchanges DIR] [--today DATE]]

FILE is a list of {database, question, sql (optional)}, DIR holds NAME.sqlite. Each question goes the way a user's does:
describe, index of values, ask, draft, trial runs under the guard. Predictions come in the questions' order. With
--limit a random part is asked, and predicted, alone.

Without --model the offline planner is asked. A language model (openai:NAME, anthropic:NAME, …, as in LEVADA_MODEL) is
given what `query` gives it, and a query of its that does not run is mended as there; what it was sent and what it said
is kept in DIR, a file for each call. Prices are those of levada.toml.
"""

import argparse
import asyncio
import datetime
import json
import random
import time
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.answers import answer, same_answer
from benchmarks.asked import mended, prepared
from benchmarks.exchanges import Exchanges, percentiles
from core.errors import ModelError, ModelUnavailable, NotUnderstood, QueryRefused, SourceError
from core.lookup import SourceLookup
from core.models import Models, calls, planner
from core.models.base import Ask, Draft, Model
from core.models.drafting import drafted
from core.models.language import LanguageModel
from core.pipelines.answering.prompted import Prompted
from core.settings import load
from core.sources import open_source
from levada.v1.catalog_pb2 import Schema

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
        of_answered = max(1, self.answered)
        return (
            f"questions {self.asked}  coverage {self.answered / max(1, self.asked):.1%}"
            f"  precision on answered {self.right / of_answered:.1%}  accuracy {self.right / max(1, self.asked):.1%}"
            f"  (duplicates ignored: {self.right_as_sets / of_answered:.1%},"
            f" {self.right_as_sets / max(1, self.asked):.1%})"
            f"  ms per question: {percentiles(self.seconds)}"
        )


@dataclass
class Asking:
    """Who is asked, and how. A language model has *exchanges*, in which its calls are kept."""

    model: Model
    exchanges: Exchanges | None = None
    parallel: int = 1
    candidates: int = 1
    today: datetime.date = TODAY

    async def ask(self, name: str, question: str, schema: Schema, lookup: SourceLookup) -> Draft:
        if self.exchanges is None:
            return await drafted(self.model, Ask(question=question, schema=schema, lookup=lookup, today=self.today))
        with calls.listening(self.exchanges.of(name)):
            asked = prepared(question, schema, lookup, self.today, self.candidates)
            draft = await mended(self.model, asked, await drafted(self.model, asked))
        if draft.author:
            raise ModelUnavailable("The planner stood in, which does not count.")
        return draft

    async def predict(self, name: str, question: str, schema: Schema, lookup: SourceLookup) -> dict[str, Any]:
        """Return the model's query for one question as a prediction; sql is None when there is none."""
        try:
            draft = await self.ask(name, question, schema, lookup)
        except NotUnderstood as refusal:
            return {"sql": None, "reading": refusal.message, "unused_words": list(refusal.unused)}
        except ModelError as error:
            return {"sql": None, "reading": f"failed: {error.message}", "unused_words": []}
        return {"sql": draft.sql, "reading": draft.explanation, "unused_words": draft.unused_words}


async def run(questions: Sequence[dict], databases: Path, asking: Asking) -> tuple[list[dict], Tally]:
    """Ask all *questions*, database by database; return predictions in their order, and the tally."""
    tally = Tally()
    predictions: list[dict] = [{} for _ in questions]
    places = asyncio.Semaphore(asking.parallel)
    for name in sorted({question["database"] for question in questions}):
        file = databases / f"{name}.sqlite"
        source = open_source(name, f"sqlite:///{file.resolve()}")
        lookup = SourceLookup(source)

        async def one(place: int, schema: Schema, name: str = name, lookup: SourceLookup = lookup) -> None:
            async with places:
                started = time.perf_counter()
                text = questions[place]["question"]
                predictions[place] = await asking.predict(f"{place:05}-{name}", text, schema, lookup)
                tally.seconds.append(time.perf_counter() - started)

        own = [place for place, question in enumerate(questions) if question["database"] == name]
        try:
            schema = await source.describe()
            await lookup.indexed()
            async with asyncio.TaskGroup() as group:
                for place in own:
                    group.create_task(one(place, schema))
            for place in own:
                score(tally, file, questions[place], predictions[place])
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
    parser.add_argument("--model", default="offline", help="who is asked, as in LEVADA_MODEL")
    parser.add_argument("--candidates", type=int, default=1, help="queries to choose from for each question")
    parser.add_argument("--parallel", type=int, default=4, help="questions asked of a language model at once")
    parser.add_argument("--exchanges", type=Path, default=Path("exchanges"), help="folder for what was said")
    parser.add_argument("--today", type=datetime.date.fromisoformat, default=TODAY, help="the day it is asked on")
    options = parser.parse_args()
    questions = [
        q for q in json.loads(options.questions.read_text("utf-8")) if q["database"] not in options.skip_databases
    ]
    if options.held_out:
        seen = development({question["database"] for question in questions})
        questions = [question for question in questions if question["database"] not in seen]
    if options.limit and options.limit < len(questions):
        questions = random.Random(options.seed).sample(questions, options.limit)
    asking = opened(options)
    predictions, tally = asyncio.run(run(questions, options.databases, asking))
    options.out.write_text(json.dumps(predictions, ensure_ascii=False, indent=1), "utf-8")
    print(tally)
    if asking.exchanges is not None:
        print(asking.exchanges)


def opened(options: argparse.Namespace) -> Asking:
    """Return who is to be asked."""
    model = Models(load().model_copy(update={"model": options.model, "roles": {}})).get()
    if not isinstance(model, LanguageModel):
        return Asking(model, today=options.today)
    prompted = Prompted(model, planner())
    return Asking(prompted, Exchanges(options.exchanges), options.parallel, options.candidates, options.today)


if __name__ == "__main__":
    main()
