"""A language model asked the way `query` asks it: what matters looked up, a query drafted, run, and mended."""

import asyncio
import datetime
from dataclasses import replace
from typing import cast

from core.errors import ModelError, QueryRefused
from core.lookup import SourceLookup
from core.models.base import Ask, Draft, Model
from core.pipelines.answering.asking import part
from core.pipelines.answering.relevance import links
from core.pipelines.answering.relevance.tables import relevant
from core.pipelines.query.repair import rules
from core.pipelines.query.repair.diagnosis import known
from core.pipelines.query.rounds import MOST_REPAIRS
from core.sources import guard
from levada.v1.catalog_pb2 import Schema

ROWS = 10_000


def prepared(question: str, schema: Schema, lookup: SourceLookup, today: datetime.date, candidates: int) -> Ask:
    """Return what fetch_context would make of *question*."""
    return Ask(
        question=question,
        schema=part(schema, relevant(schema, question)),
        lookup=lookup,
        today=today,
        linked_values=links.values(lookup, question),
        candidates=candidates,
    )


async def mended(model: Model, ask: Ask, draft: Draft) -> Draft:
    """Return *draft* as it would be run in the end, mended where it does not work."""
    for _ in range(MOST_REPAIRS):
        error = (await ask.lookup.probe(draft.sql)).error
        if not error:
            break
        better = await asyncio.to_thread(_by_rule, draft, error, ask.schema)
        better = better or await _by_model(model, ask, draft, error)
        if better is None:
            break
        draft = better
    return draft


def _by_rule(draft: Draft, error: str, schema: Schema) -> Draft | None:
    readable, dialect = guard.Readable.of(schema), cast("guard.SqlDialect", schema.dialect)

    def passes(sql: str) -> bool:
        try:
            guard.check(sql, dialect=dialect, readable=readable, row_limit=ROWS)
        except QueryRefused:
            return False
        return True

    found = rules.mended(draft.sql, error, schema, passes)
    return draft.model_copy(update={"sql": found[0]}) if found and found[0] != draft.sql else None


async def _by_model(model: Model, ask: Ask, draft: Draft, error: str) -> Draft | None:
    try:
        return (await model.correct(replace(ask, hints=tuple(known(error, ask.schema))), draft, error)).draft
    except ModelError:
        return None
