"""Documents of a small shop, and pipelines asked of a source as a pipeline does: past the guard."""

import datetime
import json

from bson import ObjectId

from core.sources.base import Limits, Source

DAY = datetime.datetime(2026, 1, 31, 13, 5, tzinfo=datetime.UTC)
ADA, EVA = ObjectId(), ObjectId()


async def ask(source: Source, collection: str, *pipeline: dict, rows: int = 10_000, **more) -> list[dict]:
    """Return the rows of a pipeline by column names, through the guard."""
    limits = more.pop("limits", Limits())
    text = json.dumps({"collection": collection, "pipeline": pipeline})
    query = source.check(text, await source.describe(), rows, more.pop("parameters", {}))
    async with source.query(query, limits) as result:
        names = [column.name for column in result.columns]
        return [
            dict(zip(names, row, strict=True)) async for batch in result for row in zip(*batch.columns, strict=True)
        ]
