"""What is true of the sample world, worked out in plain Python from the rows that the generators made.

No query and nothing of the code under test takes part: the shop's tables are read whole, the rest is counted here.
"""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from core.sources.sample.siblings import LEGAL_TENDER, clicks, community, feedback, rates, searches

Row = tuple[Any, ...]


class Said(NamedTuple):
    """A message: who wrote it, from which address, where."""

    author: str
    email: str
    channel: str
    text: str


class Truth:
    """The rows of the world, and whose and of what they are."""

    def __init__(self, shop: Path) -> None:
        with closing(sqlite3.connect(shop)) as connection:
            connection.row_factory = sqlite3.Row
            read = ("countries", "customers", "categories", "suppliers", "products", "orders", "order_items")
            self.tables = {name: list(connection.execute(f"SELECT * FROM {name}")) for name in read}
        self.feedback, self.clicks, self.searches = feedback(shop), clicks(shop), searches(shop)
        self.rates = {(rate.rate_date.isoformat(), rate.currency): rate.rate for rate in rates()}
        self.tender = {country: currency for country, _, currency in LEGAL_TENDER}
        self.said = _said(community(shop))
        self.customers = {row["customer_id"]: row for row in self.tables["customers"]}
        self.products = {row["product_id"]: row for row in self.tables["products"]}
        self.orders = {row["order_id"]: row for row in self.tables["orders"]}
        self._by_email = {row["email"]: row["customer_id"] for row in self.tables["customers"] if row["email"]}
        self._countries = {row["country_id"]: row["name"] for row in self.tables["countries"]}
        self._categories = {row["category_id"]: row for row in self.tables["categories"]}
        self._suppliers = {row["supplier_id"]: row for row in self.tables["suppliers"]}

    def country(self, customer: int) -> str:
        return str(self._countries[self.customers[customer]["country_id"]])

    def category(self, product: int) -> str:
        return str(self._categories[self.products[product]["category_id"]]["name"])

    def department(self, product: int) -> str:
        return str(self._categories[self.products[product]["category_id"]]["department"])

    def supplier(self, product: int) -> str:
        return str(self._suppliers[self.products[product]["supplier_id"]]["name"])

    def member(self, email: str) -> int | None:
        """Return which customer has that address; the shop's own people are none."""
        return self._by_email.get(email)

    def cents(self) -> Iterable[tuple[sqlite3.Row, sqlite3.Row, int]]:
        """Yield order, line and cents of what was not cancelled."""
        for line in self.tables["order_items"]:
            order = self.orders[line["order_id"]]
            if order["status"] != "cancelled":
                yield order, line, line["quantity"] * round(line["unit_price"] * 100)


def counted(keys: Iterable[Hashable]) -> list[Row]:
    """Return how often each of *keys* comes."""
    return [(*key, n) if isinstance(key, tuple) else (key, n) for key, n in Counter(keys).items()]


def mean(pairs: Iterable[tuple[Hashable, float]]) -> list[Row]:
    """Return the mean of the values of each key."""
    found: dict[Hashable, list[float]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return [(key, sum(values) / len(values)) for key, values in found.items()]


def best(rows: Iterable[Row], count: int) -> list[Row]:
    """Return the *count* rows with the highest last value."""
    return sorted(rows, key=lambda row: -row[-1])[:count]


def _said(made: Any) -> list[Said]:
    users = {user["id"]: user for user in made.users}
    names = {channel["id"]: channel["name"] for channel in made.channels}
    return [
        Said(users[one["user"]]["real_name"], users[one["user"]]["profile"]["email"], names[key], one["text"])
        for key, messages in made.messages.items()
        for one in messages
    ]


Answer = Callable[[Truth], list[Row]]
