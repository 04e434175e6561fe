"""A small shop in MongoDB."""

import datetime

import pytest

from tests.mongodb import MongoDatabase
from tests.sources.mongodb.asking import ADA, DAY, EVA


@pytest.fixture
def shop(mongodb_database: MongoDatabase) -> MongoDatabase:
    """Customers and 120 of their orders."""
    mongodb_database.fill(
        customers=[
            {"_id": ADA, "name": "Ada", "address": {"city": "Wien", "zip": "1010"}},
            {"_id": EVA, "name": "Eva", "address": {"city": "Graz", "zip": "8010"}},
        ],
        orders=[
            {
                "_id": number,
                "customer_id": (ADA, EVA)[number % 2],
                "amount": number / 2,
                "at": DAY + datetime.timedelta(days=number),
                "tags": ["new"],
                "items": [{"sku": f"s{number % 3}", "quantity": number % 4}],
                **({"note": "urgent"} if number % 10 == 0 else {}),
            }
            for number in range(120)
        ],
    )
    return mongodb_database
