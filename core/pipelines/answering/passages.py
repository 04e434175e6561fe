"""What a run may read of documents: passages about a text, from every source of language `knowledge` it may ask."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from itertools import chain, zip_longest

from pydantic import BaseModel

from core.pipeline import Run
from core.pipelines.answering.languages import KNOWLEDGE
from core.pipelines.answering.span import query_span
from core.sources.base import Limits, Source

LANGUAGE = KNOWLEDGE
LONGEST_PASSAGE = 4_000
"""Characters of a passage that are kept of it for whoever reads it; there are rarely half as many."""


class Passage(BaseModel):
    """A piece of a document, and where it stands: *place* is "lines 10-24" or "page 3", *title* its headings' path.

    *text* is as the document has it: data, whoever wrote it, and quoted as such wherever a model reads it.
    *score* compares passages of one *source* with each other.
    """

    file: str
    place: str
    title: str
    text: str
    score: float
    source: str

    @property
    def cited(self) -> str:
        """Return where it stands, as people cite it."""
        return f"{self.file}, {self.place}" if self.place else self.file


def knowledge_sources(run: Run) -> Mapping[str, Source]:
    """Return the documents that *run* may read by the names of their sources; those it was asked for, if it was."""
    named = run.request.sources
    return {
        name: source
        for name, source in run.services.sources(run.owner).items()
        if source.language == LANGUAGE and (not named or name in named)
    }


async def passages(run: Run, text: str, limit: int = 6) -> list[Passage]:
    """Return up to *limit* passages about *text*, the nearest first, each source's best in turn; none: nothing is.

    Belongs into a step, as all that touches the outside. Raises SourceError.
    """
    try:
        async with asyncio.TaskGroup() as group:
            asked = [group.create_task(_found(run, source, text, limit)) for source in knowledge_sources(run).values()]
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from failed
    in_turn = chain.from_iterable(zip_longest(*(task.result() for task in asked)))
    return [passage for passage in in_turn if passage is not None][:limit]


async def _found(run: Run, source: Source, text: str, limit: int) -> Sequence[Passage]:
    schema = await source.describe()
    if not schema.tables:
        return []
    query = await asyncio.to_thread(source.check, json.dumps({"text": text, "limit": limit}), schema, limit)
    with query_span(source, query):
        async with source.query(query, Limits(limit, run.services.limits.query_seconds)) as rows:
            names = [column.name for column in rows.columns]
            return [
                Passage(source=source.name, **dict(zip(names, row, strict=True)))
                async for batch in rows
                for row in zip(*batch.columns, strict=True)
            ]
