"""What one source that speaks no SQL is asked: the planner's SQL in its own language, when that says all of it."""

import json
from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from core.errors import NotAlone
from core.models.base import Ask
from core.models.offline.cross.planning import Together, read_together
from core.models.offline.cross.split import split
from core.models.offline.native import CannotSay
from core.models.offline.planner import Preparation, Reading, Readings, readings
from core.models.offline.rank import THRESHOLD, confidence, ignored
from core.models.plans import CrossAsk

LANGUAGES = {"mongodb": "mongodb", "qdrant": "vector", "slack": "slack"}
"""The languages of those that speak no SQL, by what they are."""


def read_alone(ask: Ask, preparation: Preparation) -> Readings:
    """Return how *ask* can be understood, each reading as its source's own query. Raises NotAlone.

    Takes a processor's time: call it in a thread.
    """
    if ask.schema.dialect not in LANGUAGES:
        prepared = preparation.of(ask.schema)
        return Readings(ask, prepared, readings(ask, prepared))
    source = ask.schema.source
    several = CrossAsk(
        question=ask.question,
        schemas={source: ask.schema},
        lookups={source: ask.lookup},
        languages={source: LANGUAGES[ask.schema.dialect]},
        forms={},
        today=ask.today,
        turns=ask.turns,
        hints=ask.hints,
    )
    found = read_together(several, preparation)
    return replace(found, ask=replace(found.ask, lookup=ask.lookup), found=_said(found, source))


def _said(read: Together, source: str) -> Sequence[Reading]:
    said, problem = [], ""
    for reading in read.found:
        try:
            said.append(replace(reading, sql=_document(reading.sql, read), large=False))
        except CannotSay as error:
            sure = not ignored(reading) and confidence(reading.features) >= THRESHOLD
            problem = problem or (str(error) if sure else "")
    if problem and not said:
        raise NotAlone(
            f"{source} can't answer this by itself: {problem}. Ask the same with the pipeline “federated”, which"
            " fetches what is needed and works out the rest."
        )
    return said


def _document(sql: str, read: Together) -> str:
    operations, combined = split(sql, read.joint)
    if len(operations) > 1 or combined.find(exp.AggFunc, exp.Where, exp.Order, exp.Limit, exp.Distinct):
        raise CannotSay("it takes more than one query")
    return json.dumps(operations[0].params, indent=2, ensure_ascii=False)
