"""The wordings that shopkeepers use, over the sample shop: each is answered rightly or not at all."""

import sqlite3
from pathlib import Path

import pytest

from core.errors import NotUnderstood
from core.models.base import Draft
from core.models.offline import Offline

pytestmark = pytest.mark.asyncio(loop_scope="module")

BEST = [("Brisa Espresso Machine",), ("Brisa Lever Machine",)]


@pytest.fixture
def rows(asking, shop_file: Path):
    async def ask(question: str) -> list[tuple]:
        return sqlite3.connect(shop_file).execute((await drafted(asking, question)).sql).fetchall()

    return ask


async def drafted(asking, question: str) -> Draft:
    *_, draft = [piece async for piece in Offline().draft(await asking(question))]
    return draft


@pytest.mark.parametrize(
    "question",
    [
        "Which products sold best?",
        "What sells best?",
        "What did we sell the most?",
        "Which ones sell best?",
        "What is being sold most?",
        "top 10 best selling products",
        "top sellers",
        "best-selling products",
        "bestsellers",
    ],
)
async def test_what_sells_best_is_ranked_by_revenue_and_never_by_its_lines(rows, question: str) -> None:
    found = await rows(question)
    assert [row[:1] for row in found[:2]] == BEST
    assert len(found) == 10
    assert found[0][1] == pytest.approx(1_352_457.09)


async def test_one_best_seller_stands_alone_with_its_figure(rows) -> None:
    [(name, revenue)] = await rows("best selling product in Germany")
    assert name == "Brisa Espresso Machine"
    assert revenue == pytest.approx(822_379.94)


@pytest.mark.parametrize(
    ("question", "first", "groups"),
    [
        ("orders per month", ("2023-07", 1589), 36),
        ("customers per country", ("Germany", 12_214), 3),
        ("products by category", ("Espresso machines", 18), 12),
        ("show orders per month", ("2023-07", 1589), 36),
    ],
)
async def test_things_per_something_are_counted(rows, question: str, first: tuple, groups: int) -> None:
    found = await rows(question)
    assert found[0] == first
    assert len(found) == groups


async def test_things_of_one_period_against_another_are_counted_for_each(rows) -> None:
    assert await rows("orders in Q1 2026 vs Q1 2025") == [("2025-Q1", 6961), ("2026-Q1", 8424)]


async def test_between_two_months_of_a_year_takes_both_and_what_lies_between(rows) -> None:
    [(revenue,)] = await rows("revenue between January and March 2026")
    assert revenue == pytest.approx(1_529_323.32)


@pytest.mark.parametrize(
    "question",
    [
        "which products were returned most",
        "top customers",
        "who is our worst supplier",
        "average number of items per order",
        "how many shipments took more than 5 days",
    ],
)
async def test_what_it_cannot_rank_or_measure_it_refuses(asking, question: str) -> None:
    with pytest.raises(NotUnderstood):
        await drafted(asking, question)


async def test_the_oldest_is_somebody_whose_age_is_known(rows) -> None:
    assert await rows("what is the oldest customer?") == [("Petra", "Nowak")]


async def test_how_many_is_answered_with_a_number_also_when_they_are_chosen_by_a_count(rows) -> None:
    assert await rows("how many customers ordered more than 10 times?") == [(1897,)]


async def test_the_number_asked_for_beside_the_first_is_what_it_is_first_in(rows) -> None:
    assert await rows("which country has the most customers and how many?") == [("Germany", 12_214)]


@pytest.mark.parametrize("question", ["least popular product", "how many orders over 500 EUR"])
async def test_rows_are_never_ranked_by_how_many_of_themselves_there_are(asking, question: str) -> None:
    with pytest.raises(NotUnderstood):
        await drafted(asking, question)


async def test_older_than_is_counted_back_from_today(asking) -> None:
    assert "birth_date < '1966-11-21'" in (await drafted(asking, "customers in Germany older than 60")).sql


async def test_a_figure_is_dated_by_its_orders_and_not_by_its_products(rows) -> None:
    found = await rows("gross profit by month in 2026")
    assert [month for month, _ in found] == ["2026-01", "2026-02", "2026-03", "2026-04", "2026-05", "2026-06"]


async def test_revenue_by_supplier_adds_up_to_the_revenue(rows) -> None:
    [(whole,)] = await rows("revenue in Portugal in March 2026")
    parts = await rows("revenue by supplier in Portugal in March 2026")
    assert len(parts) > 3
    assert sum(part for _, part in parts) == pytest.approx(whole)


async def test_a_relative_time_is_told_with_the_days_it_means(asking) -> None:
    assert "last month (May 2026)" in (await drafted(asking, "What was revenue last month?")).explanation
    assert "this week (2026-06-29 to 2026-07-05)" in (await drafted(asking, "revenue this week")).explanation


async def test_growth_is_told_in_words_and_every_word_of_it_is_used(asking) -> None:
    draft = await drafted(asking, "Which country grew fastest this year?")
    assert draft.explanation.startswith(
        "The growth of revenue in percent, 2026-01-01 to 2026-06-30 against 2025-01-01 to 2025-06-30"
    )
    assert draft.unused_words == []


async def test_what_is_sold_most_of_is_not_taken_for_revenue(asking) -> None:
    with pytest.raises(NotUnderstood):
        await drafted(asking, "Which category sells the most units?")


RANKED = {
    "top 5 products by rating": """SELECT name FROM products JOIN reviews USING (product_id)
        GROUP BY product_id, name ORDER BY avg(rating) DESC LIMIT 5""",
    "top 3 suppliers by price": """SELECT suppliers.name FROM suppliers JOIN products USING (supplier_id)
        GROUP BY supplier_id, suppliers.name ORDER BY avg(price) DESC LIMIT 3""",
    "top 5 products by reviews": """SELECT name FROM products JOIN reviews USING (product_id)
        GROUP BY product_id, name ORDER BY count(*) DESC LIMIT 5""",
}


@pytest.mark.parametrize("question", RANKED)
async def test_things_ranked_by_what_belongs_to_them_come_once_each(rows, shop_file: Path, question: str) -> None:
    assert await rows(question) == sqlite3.connect(shop_file).execute(RANKED[question]).fetchall()


async def test_things_come_into_being_when_they_are_registered_and_not_when_they_are_born(rows) -> None:
    assert min(await rows("number of customers by month"))[0] >= "2020"
