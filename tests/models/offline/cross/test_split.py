"""A query that is split over sources gives the rows that it gives where everything is in one place."""

import datetime
import math
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.models.offline.cross.queries import queries
from tests.models.offline.cross.standing_in import HOMES, StandingIn, joint

COUNTRIES = ("PT", "DE", None)
KINDS = ("view", "buy", "Basket")
DAY = datetime.date(2024, 1, 1)
WORLD = StandingIn()


@st.composite
def worlds(draw: st.DrawFn) -> dict[str, list[tuple[Any, ...]]]:
    """Return rows for every table; keys may be missing, or lead nowhere."""
    people = draw(st.integers(0, 6))
    who = st.one_of(st.none(), st.integers(1, people + 2))
    ages = st.one_of(st.none(), st.integers(18, 60))
    days = st.integers(0, 70)
    orders = draw(st.lists(st.tuples(who, st.sampled_from((10.0, 40.0, 60.0, None)), days), max_size=8))
    clicks = draw(st.lists(st.tuples(who, st.sampled_from(KINDS), days), max_size=8))
    stars = draw(st.lists(st.tuples(who, st.integers(1, 5)), max_size=6))
    moment = datetime.datetime.combine(DAY, datetime.time(12, 30))
    return {
        "customers": [(n, f"c{n % 3}", draw(st.sampled_from(COUNTRIES)), draw(ages)) for n in range(1, people + 1)],
        "orders": [(n, who, total, DAY + datetime.timedelta(d)) for n, (who, total, d) in enumerate(orders)],
        "events": [(n, who, kind, moment + datetime.timedelta(d)) for n, (who, kind, d) in enumerate(clicks)],
        "reviews": [(n, None if who is None else str(who), count) for n, (who, count) in enumerate(stars)],
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
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(sql=queries(), rows=worlds())
def test_a_split_query_gives_the_same_rows(homes: dict[str, str], sql: str, rows: dict[str, Any]) -> None:
    WORLD.fill(rows)
    found, operations = WORLD.splitted(sql, joint(homes, rows))
    assert _alike(found) == _alike(WORLD.unsplit(sql)), [operation.params for operation in operations]
