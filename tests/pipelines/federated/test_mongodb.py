"""MongoDB among the sources: values go to it and come from it, whatever their type."""

import datetime
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from bson import Decimal128, ObjectId

from core.identity import LOCAL
from core.models.plans import Operation
from levada.v1 import event_pb2 as events
from tests.mongodb import MongoDatabase
from tests.pipelines.federated import world
from tests.pipelines.federated.house import SpreadHouse, rows

PAGES = [(1, "/shoes"), (1, "/help"), (3, "/help"), (4, "/hats")]
VISITS = {page: ObjectId() for page in ("/shoes", "/help", "/hats")}


@pytest.fixture
async def house(tmp_path: Path, mongodb_database: MongoDatabase) -> AsyncIterator[SpreadHouse]:
    """A house that knows clicks of the customers, and pages that they name by their ObjectId."""
    day = datetime.datetime(2026, 2, 1, tzinfo=datetime.UTC)
    mongodb_database.fill(
        pages=[{"_id": key, "path": page, "weight": Decimal128("1.50")} for page, key in VISITS.items()],
        clicks=[{"customer": str(who), "page_id": VISITS[page], "at": day, "device": {}} for who, page in PAGES],
    )
    urls = world.write(tmp_path) | {"web": mongodb_database.url}
    async with SpreadHouse(tmp_path, urls) as made:
        yield made


def looks(name: str, collection: str, *stages: dict[str, Any], **values: str) -> Operation:
    """Return an operation over MongoDB to which *values* of others go."""
    params = {"collection": collection, "pipeline": list(stages), "values": values}
    needed = sorted({place.partition(".")[0] for place in values.values()})
    return Operation(id=name, source="web", kind="mongodb", params=params, depends_on=needed)


PEOPLE = world.asks("people", "crm", "SELECT id, name FROM customers WHERE country = 'Japan'")
CLICKS = looks("clicks", "clicks", {"$match": {"customer": {"$in": {"$value": "who"}}}}, who="people.id")
SHOWN = looks("shown", "pages", {"$match": {"_id": {"$in": {"$value": "ids"}}}}, ids="clicks.page_id")
JOINED = world.joins(
    "SELECT p.name, s.path, s.weight FROM people AS p JOIN clicks AS c ON c.customer = p.id "
    "JOIN shown AS s ON s._id = c.page_id ORDER BY 1"
)


async def test_numbers_find_texts_and_ids_shown_as_text_find_their_documents(house: SpreadHouse):
    house.plans(world.plan(PEOPLE, CLICKS, SHOWN, JOINED))
    seen = await house.ask(sources=["crm", "web"])

    assert seen.end.outcome == events.OUTCOME_ANSWERED, seen.end
    assert rows(seen) == [("Cleo", "/help", "1.50"), ("Dai", "/hats", "1.50")]


async def test_looking_at_a_database_tells_how_many_of_its_collections_are_known(house: SpreadHouse):
    await house.catalog.warmed()
    house.catalog.sources(LOCAL)["web"].forget()
    house.plans(world.plan(PEOPLE, world.joins("SELECT * FROM people")))
    seen = await house.ask(sources=["crm", "web"])

    looked = [told for told in seen.all("step_progressed", "search_schemas") if "Looking at web" in told.message]
    assert looked[0].message == "Looking at web: 1 of 2 tables."
