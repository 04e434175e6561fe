"""A query that is split over sources gives the rows that it gives where everything is in one place."""

import datetime
import math
import random
from typing import Any

import pytest

from tests.models.offline.cross.queries import query
from tests.models.offline.cross.standing_in import HOMES, StandingIn, joint

COUNTRIES = ("PT", "DE", None)
KINDS = ("view", "buy", "Basket")
DAY = datetime.date(2024, 1, 1)
NOON = datetime.time(12, 30)
QUERIES = 80
WORLD = StandingIn()


def rows(any_: random.Random) -> dict[str, list[tuple[Any, ...]]]:
    """Return rows for every table; keys may be missing, or lead nowhere."""
    people = any_.randint(0, 6)
    who = [None, *range(1, people + 3)]

    def some(most: int) -> range:
        return range(any_.randint(0, most))

    def day() -> datetime.date:
        return DAY + datetime.timedelta(any_.randint(0, 70))

    def number() -> str | None:
        found = any_.choice(who)
        return None if found is None else str(found)

    ages, totals = (None, 19, 25, 35, 50), (10.0, 40.0, 60.0, None)
    return {
        "customers": [(n, f"c{n % 3}", any_.choice(COUNTRIES), any_.choice(ages)) for n in range(1, people + 1)],
        "orders": [(n, any_.choice(who), any_.choice(totals), day()) for n in some(8)],
        "events": [(n, any_.choice(who), any_.choice(KINDS), datetime.datetime.combine(day(), NOON)) for n in some(8)],
        "reviews": [(n, number(), any_.randint(1, 5)) for n in some(6)],
    }


def _alike(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Return *rows* in one order, their figures without the noise of a different order of adding."""
    return sorted((tuple(map(_plain, row)) for row in rows), key=repr)


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | datetime.date):
        return value
    return "nan" if math.isnan(value) else round(float(value), 6)


@pytest.mark.parametrize(
    "homes",
    [
        HOMES,
        dict.fromkeys(HOMES, "shop") | {"reviews": "opinions"},
        {"customers": "people", "orders": "trade", "events": "trade", "reviews": "people"},
        {"customers": "a", "orders": "b", "events": "c", "reviews": "d"},
    ],
    ids=["shop and two more", "one apart", "two by two", "all apart"],
)
def test_a_split_query_gives_the_same_rows(homes: dict[str, str]) -> None:
    for number in range(QUERIES):
        any_ = random.Random(number)
        sql, held = query(any_), rows(any_)
        WORLD.fill(held)
        right = _alike(WORLD.unsplit(sql))
        for wide in (False, True):
            found, operations = WORLD.splitted(sql, joint(homes, held), wide=wide)
            told = (number, sql, wide, [operation.params for operation in operations])
            assert _alike(found) == right, told


LEFT = "customers LEFT JOIN events ON events.customer_id = customers.id"


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT customers.name FROM {LEFT} WHERE events.kind = 'buy'",
        f"SELECT customers.name FROM {LEFT} WHERE events.kind IS NULL",
        f"SELECT COUNT(*) FROM {LEFT} WHERE customers.name = 'c1'",
    ],
)
def test_what_may_be_missing_is_compared_after_the_join(sql: str) -> None:
    held = {name: [] for name in HOMES} | {
        "customers": [(1, "c1", "PT", 30), (2, "c2", "PT", 40), (3, "c3", None, None)],
        "events": [(1, 1, "buy", datetime.datetime.combine(DAY, NOON)), (2, 2, "view", None)],
    }
    WORLD.fill(held)
    found, _ = WORLD.splitted(sql, joint(HOMES, held))
    assert _alike(found) == _alike(WORLD.unsplit(sql))
