"""Qdrant among the sources: values of a database filter its points, likeness joins the rest."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from qdrant_client import QdrantClient, models

from core.models.plans import Operation
from core.settings import SourceSettings
from core.sources.embedding.hashing import hashed
from levada.v1 import event_pb2 as events
from tests.pipelines.federated import world
from tests.pipelines.federated.house import SpreadHouse, rows
from tests.qdrant_server import QdrantServer, qdrant_server

SAID = [
    (1, "My parcel came two weeks late"),
    (2, "Soft wool, lovely colour"),
    (3, "Delivered late, and the box was open"),
    (4, "Late again"),
    (3, "Lovely hat"),
]
SIZE = 64


@pytest.fixture
async def reviews() -> AsyncIterator[QdrantServer]:
    """Reviews of the customers, who are texts there."""
    client = QdrantClient(":memory:")
    client.create_collection("reviews", vectors_config=models.VectorParams(size=SIZE, distance=models.Distance.COSINE))
    client.upsert(
        "reviews",
        [
            models.PointStruct(id=number, vector=hashed(text, SIZE), payload={"customer": str(who), "text": text})
            for number, (who, text) in enumerate(SAID)
        ],
    )
    async with qdrant_server(client) as server:
        yield server
    client.close()


@pytest.fixture
async def house(tmp_path: Path, reviews: QdrantServer) -> AsyncIterator[SpreadHouse]:
    made = SpreadHouse(tmp_path)
    points = SourceSettings(url=reviews.url, embedder=f"hashing:{SIZE}")
    made.settings = made.settings.model_copy(update={"sources": {**made.settings.sources, "reviews": points}})
    async with made:
        yield made


def finds(params: dict[str, Any], **values: str) -> Operation:
    """Return a search to which *values* of others go."""
    needed = sorted({place.partition(".")[0] for place in values.values()})
    document = {"collection": "reviews", **params, "values": values}
    return Operation(id="said", source="reviews", kind="vector", params=document, depends_on=needed)


PEOPLE = world.asks("people", "crm", "SELECT id, name FROM customers WHERE country = 'Japan'")
THEIRS = {"filter": {"must": [{"key": "customer", "match": {"any": {"$value": "who"}}}]}}
JOINED = world.joins("SELECT p.name, s.text FROM people AS p JOIN said AS s ON s.customer = p.id ORDER BY 1, 2")


async def test_numbers_of_a_database_find_points_whose_keys_are_texts(house: SpreadHouse):
    house.plans(world.plan(PEOPLE, finds(THEIRS, who="people.id"), JOINED))
    seen = await house.ask(sources=["crm", "reviews"])

    assert seen.end.outcome == events.OUTCOME_ANSWERED, seen.end
    assert rows(seen) == [
        ("Cleo", "Delivered late, and the box was open"),
        ("Cleo", "Lovely hat"),
        ("Dai", "Late again"),
    ]


async def test_what_is_alike_is_joined_with_who_said_it(house: SpreadHouse):
    said = finds({"text": "late parcels", "score_threshold": 0.1, **THEIRS}, who="people.id")
    house.plans(world.plan(PEOPLE, said, JOINED))
    seen = await house.ask(sources=["crm", "reviews"])

    assert [text for _, text in rows(seen)] == ["Delivered late, and the box was open", "Late again"], seen.end
