"""What one source that speaks no SQL is asked: the planner's SQL in its own language, when that says all of it."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sqlglot
from sqlglot import exp

from core.errors import NotAlone
from core.models.base import Ask
from core.models.offline.cross.joint import DIALECT
from core.models.offline.cross.planning import Together, read_together
from core.models.offline.cross.scope import qualified
from core.models.offline.cross.titles import titled
from core.models.offline.cross.writing import Writer
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
            document = _document(reading, read)
            # Of what is near only the nearest are asked for, though nobody said how many.
            nearest = "text" in document and "limit" in document and reading.query.limit is None
            meaning = f"{reading.sql}\nLIMIT {document['limit']}" if nearest else reading.sql
            text = json.dumps(document, indent=2, ensure_ascii=False)
            said.append(replace(reading, sql=text, meaning=meaning, large=False))
        except CannotSay as error:
            sure = not ignored(reading) and confidence(reading.features) >= THRESHOLD
            problem = problem or (str(error) if sure else "")
    if problem and not said:
        raise NotAlone(
            f"{source} can't answer this by itself: {problem}. Ask the same with the pipeline “federated”, which"
            " fetches what is needed and works out the rest."
        )
    return said


def _document(reading: Reading, read: Together) -> dict[str, Any]:
    if read.compound:
        raise CannotSay("it can't look at what it found for more")
    tree = qualified(sqlglot.parse_one(reading.sql, read=DIALECT), read.joint)
    if not isinstance(tree, exp.Query):
        raise CannotSay("it is not a query")
    shown = [] if reading.query.counted else reading.query.select
    return Writer(read.joint).params(titled(tree, shown, read.prepared.catalog))
