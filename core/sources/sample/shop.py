"""The whole sample shop as a stream of rows, the same ones every time."""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from random import Random

from core.sources.sample import goods, people, trading
from core.sources.sample.assortment import COUNTRIES, LINES, SUPPLIERS, WAREHOUSES
from core.sources.sample.goods import Row
from core.sources.sample.orders import Chunk, Orders

SEED = 1461
# Raise it when the generator changes: databases written by an older one are then written anew.
GENERATION = 2


@cache
def schema_sql() -> str:
    """The CREATE statements: plain enough for SQLite, PostgreSQL and DuckDB alike."""
    return files(__package__).joinpath("schema.sql").read_text("utf-8")


def chunks() -> Iterator[Chunk]:
    """Yield rows by table, parents before their children, a month of orders at a time."""
    products = goods.products(_draw(0))
    customers = people.customers(_draw(1))
    countries = {name: number for number, (name, _, _) in enumerate(COUNTRIES, 1)}
    yield {
        "countries": [(number, *country) for number, country in enumerate(COUNTRIES, 1)],
        "warehouses": [(number, city, countries[land]) for number, (city, land) in enumerate(WAREHOUSES, 1)],
        "suppliers": list(_supplier_rows(countries)),
        "categories": [(number, line.category, line.department) for number, line in enumerate(LINES, 1)],
        "products": list(goods.product_rows(_draw(2), products)),
        "customers": list(people.customer_rows(_draw(3), customers)),
        "campaigns": [
            (number, one.name, one.medium, one.budget, one.discount_percent, str(one.first_day), str(one.last_day))
            for number, one in enumerate(trading.CAMPAIGNS_DATED, 1)
        ],
        "supply_deliveries": list(goods.delivery_rows(_draw(4), products)),
    }
    yield from Orders(_draw(5), customers, products).chunks()


def _draw(part: int) -> Random:
    """Each part draws from a stream of its own, so that a change in one leaves the others as they were."""
    return Random(SEED + part)  # noqa: S311 - sample data, no secrets


def _supplier_rows(countries: dict[str, int]) -> Iterator[Row]:
    for number, (name, country, days) in enumerate(SUPPLIERS, 1):
        word = people.ascii_word(name.split()[0])
        yield number, name, countries[country], f"orders@{word}.example" if number != len(SUPPLIERS) else None, days
