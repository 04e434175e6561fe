"""Which tables of a source a question needs, found in the index over all that the run's owner may ask."""

import asyncio
from collections.abc import Sequence

from core.pipeline import Run
from core.pipelines.answering.relevance import tables
from levada.v1.catalog_pb2 import Schema


async def relevant(run: Run, schema: Schema, question: str, wanted: Sequence[str] = ()) -> list[str]:
    """Return the tables of *schema* to keep for *question*, best first, *wanted* before all."""
    found = await run.services.schemas(run.owner, [schema.source])
    if found.schemas.get(schema.source) is schema:
        return await asyncio.to_thread(found.relevant, schema.source, question, wanted)
    # It changed this very moment, or tells what it holds anew each time.
    return await asyncio.to_thread(tables.relevant, schema, question, wanted)
