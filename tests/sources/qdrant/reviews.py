"""Reviews as points, and how tests ask for them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from qdrant_client import models

from core.sources.base import Limits, Source
from core.sources.embedding.hashing import hashed

DIMENSIONS = 128
EMBEDDER = f"hashing:{DIMENSIONS}"
COUNT = 200
TEXTS = (
    "My delivery came two weeks late",
    "Lovely soft wool, just as shown",
    "The teapot broke after a week",
    "Good price, and friendly support",
)


def review(number: int) -> models.PointStruct:
    """Every twentieth is of somebody who left a phone number; all else is there always."""
    text = TEXTS[number % 4]
    payload = {
        "customer_id": number % 30,
        "text": text,
        "rating": 1 + number % 5,
        "weight": number / 4,
        "verified": number % 2 == 0,
        "at": f"2026-03-{1 + number % 28:02d}T10:00:00Z",
        "day": f"2026-03-{1 + number % 28:02d}",
        "tags": ["late", "post"] if number % 4 == 0 else [],
        "address": {"city": "Oslo" if number % 3 else "Rome", "geo": {"lat": 59.9}},
        "items": [{"sku": f"S{number % 7}", "quantity": 1}, {"sku": "S9"}],
        "score": number % 11,
        "reply": None,
    }
    if number % 20 == 0:
        payload["phone"] = f"+47 {number}"
    return models.PointStruct(id=number, vector=hashed(text, DIMENSIONS), payload=payload)


def reviews(count: int = COUNT) -> list[models.PointStruct]:
    return [review(number) for number in range(count)]


async def ask(
    source: Source,
    query: Mapping[str, Any],
    rows: int = 1_000,
    values: Mapping[str, Sequence[Any]] | None = None,
    **limits,
) -> list[dict[str, Any]]:
    """Return the rows of *query*, past the guard."""
    checked = source.check(json.dumps(query), await source.describe(), rows, values or {})
    async with source.query(checked, Limits(rows=rows, **limits)) as result:
        names = [column.name for column in result.columns]
        found = [row async for batch in result for row in zip(*batch.columns, strict=True)]
    return [dict(zip(names, row, strict=True)) for row in found]


async def ids(source: Source, *must: Mapping[str, Any], **more) -> list[int]:
    """Return the ids of the reviews that meet all conditions, in order."""
    rows = await ask(source, {"collection": "reviews", "fields": ["id"], "filter": {"must": list(must)}}, **more)
    return sorted(row["id"] for row in rows)
