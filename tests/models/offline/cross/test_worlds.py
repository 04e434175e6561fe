"""What people get who ask several sources at once in plain words, without a language model."""

import datetime
from collections.abc import Mapping
from typing import Any

import pytest

from core.errors import NotAlone, NotUnderstood
from tests.models.offline.cross.asking import World

Answers = Mapping[str, list[tuple[Any, ...]]]

SHOP: Answers = {
    "how many clicks by country": [("Germany", 4), ("Portugal", 3), ("Spain", 1)],
    "number of clicks per customer name": [("Ana", 3), ("Ben", 3), ("Cleo", 1), ("Dan", 1)],
    "customers with more than 2 clicks": [("Ana",), ("Ben",)],
    "average stars by country": [("Germany", 1.5), ("Portugal", 4.5)],
    "how many reviews per product name": [("Chair", 1), ("Desk", 2), ("Lamp", 1)],
    "customers with reviews below 3 stars": [("Ben",), ("Cleo",)],
    "names of customers who have no reviews": [("Dan",)],
    "which country has the most clicks": [("Germany",)],
    "customers from Germany with clicks in April 2024": [("Ben",)],
    "how many different customers clicked in March 2024": [(1,)],
    "number of messages per author": [("Ana", 1), ("Ben", 2)],
    "how many messages per country": [("Germany", 2), ("Portugal", 1)],
    "which countries have the most reviews about late delivery": [("Germany",)],
    "which customers complain about late delivery": [("Ben",), ("Cleo",)],
    "how many reviews about late delivery are there": [(2,)],
    "comments about late delivery by country": [("Germany", 2)],
    "clicks in March 2024 by country": [("Germany", 2)],
    "how many clicks of kind view": [(6,)],
    "countries of customers with clicks of kind cart": [("Germany",), ("Portugal",)],
}
TWO_PARTS: Answers = {
    "which customers complain about late delivery, and what did they buy?": [("Ben", "Chair", 1), ("Cleo", "Desk", 1)],
    "which countries' customers complain most about late delivery? How many orders do they have?": [("Germany", 2, 3)],
    "which countries' customers have the most clicks, and what did they order?": [
        ("Germany", 4, "Chair", 1),
        ("Portugal", 3, "Desk", 1),
        ("Spain", 1, None, None),
    ],
    "which customers have the most clicks, and which products did they review?": [
        ("Ana", 3, "Desk, Lamp"),
        ("Ben", 3, "Chair"),
        ("Cleo", 1, "Desk"),
        ("Dan", 1, None),
    ],
    "how many customers have clicks of kind cart, and what are their names?": [(2, "Ana, Cleo")],
    "which customers have more than 2 clicks, and what is their email?": [
        ("Ana", "ana@acme.example"),
        ("Ben", "ben@acme.example"),
    ],
    "customers with reviews below 3 stars, and how many clicks do they have": [("Ben", 3), ("Cleo", 1)],
    "which customers have no reviews, and how many clicks do they have?": [("Dan", 1)],
    "what did customers from Germany order?": [("Chair", 1), ("Desk", 1), ("Lamp", 1)],
}
LIBRARY: Answers = {
    "number of loans per author name": [("Ana Luz", 4), ("Ben Ode", 1)],
    "total fee by genre": [("novel", 7.5), ("reference", 4.0)],
    "average fee by author country": [("Germany", 4.0), ("Portugal", 1.875)],
    "which author has the most loans": [("Ana Luz",)],
    "how many loans are there of books with more than 350 pages": [(2,)],
    "average age of readers by genre": [("novel", 38.25), ("reference", 51.0)],
    "number of loans by city": [("Berlin", 3), ("Lisbon", 2)],
    "how many readers live in Berlin": [(2,)],
    "titles of books with loans of readers from Lisbon": [("Atlas",), ("River",)],
}
HOSPITAL: Answers = {
    "total cost by city": [("Berlin", 50.0), ("Lisbon", 110.0)],
    "number of visits per patient name": [("Ida", 1), ("Jon", 3)],
    "patients without visits": [("Kim",)],
    "names of patients with visits in the heart ward": [("Ida",), ("Jon",)],
    "which city has the highest total cost": [("Lisbon",)],
    "number of visits by month": [
        (datetime.date(2024, 1, 1), 2),
        (datetime.date(2024, 2, 1), 1),
        (datetime.date(2024, 3, 1), 2),
    ],
}
FLEET: Answers = {
    "total distance per driver name": [("Ida", 200), ("Jon", 300)],
    "total litres by depot": [("North", 60), ("South", 120)],
    "drivers without trips": [("Kim",)],
    "which driver has the most trips": [("Ida",)],
    "names of drivers with trips and refuels in Oslo": [("Ida",), ("Jon",)],
    "how many trips by depot": [("North", 2), ("South", 1)],
    "average litres of drivers from North": [(30.0,)],
    "drivers with more than 1 refuel": [("Jon",)],
}

MONEY: Answers = {
    "average rate by payer": [("Ida", 3.0), ("Jon", 8.0)],
    "how many payments with rate above 3": [(2,)],
    "highest rate of payments of Ida": [(4.0,)],
}


async def _wrong(world: World, answers: Answers) -> list[Any]:
    found = {question: sorted(await world.answer(question)) for question in answers}
    return [(question, rows) for question, rows in found.items() if rows != answers[question]]


async def test_a_shop_whose_clicks_reviews_and_support_are_elsewhere(shop: World) -> None:
    assert await _wrong(shop, SHOP) == []


async def test_the_second_part_of_a_question_is_about_whom_the_first_finds(shop: World) -> None:
    assert await _wrong(shop, TWO_PARTS) == []


async def test_a_library_whose_loans_are_documents(library: World) -> None:
    assert await _wrong(library, LIBRARY) == []


async def test_a_hospital_whose_visits_are_a_file_with_numbers_as_text(hospital: World) -> None:
    assert await _wrong(hospital, HOSPITAL) == []


async def test_a_fleet_in_three_databases(fleet: World) -> None:
    assert await _wrong(fleet, FLEET) == []


async def test_payments_whose_rates_are_those_of_a_currency_on_a_day(money: World) -> None:
    assert await _wrong(money, MONEY) == []


async def test_mongodb_answers_by_itself_what_it_can(shop: World) -> None:
    assert await shop.alone("how many clicks are there", "clicks") == [(8,)]
    assert sorted(await shop.alone("number of clicks per kind", "clicks")) == [("cart", 2), ("view", 6)]
    assert await shop.alone("how many clicks in June 2023", "clicks") == [(0,)]
    assert sorted(await shop.alone("clicks by customer", "clicks")) == [(1, 3), (2, 3), (3, 1), (4, 1)]
    assert await shop.alone("kinds with more than 2 clicks", "clicks") == [("view",)]


async def test_slack_and_qdrant_answer_by_themselves_what_they_can(shop: World) -> None:
    assert await shop.alone("messages about chair", "support") == [("My chair is late",)]
    assert len(await shop.alone("which messages were sent in June 2024", "support")) == 3
    assert await shop.alone("text of reviews with 5 stars", "reviews") == [("Lovely lamp, bright and warm",)]
    nearest = await shop.alone("reviews about late delivery", "reviews")
    assert {text for (text,) in nearest[:2]} == {
        "The chair came with late delivery, two weeks",
        "Late delivery again, the desk was scratched",
    }


async def test_what_a_source_cannot_do_alone_is_sent_to_where_it_can_be_done(shop: World) -> None:
    for question in ("how many reviews are there", "average stars", "number of reviews per stars"):
        with pytest.raises(NotAlone, match=r"can't count, add up or compare what it finds\. .*federated"):
            await shop.draft(question, "reviews")


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("which products have the most reviews, and what do they sing?", "not “what do they sing”.*“sing”"),
        ("which products have the most reviews, and who wrote them?", "not “who wrote them”"),
        ("which countries have the most clicks, and what do they order?", "can't tell whom"),
    ],
)
async def test_a_second_part_that_is_not_understood_is_not_left_out(shop: World, question: str, said: str) -> None:
    with pytest.raises(NotUnderstood, match=said):
        await shop.plan(question)


async def test_one_source_does_not_answer_half_a_question(shop: World) -> None:
    with pytest.raises(NotAlone, match="federated"):
        await shop.draft("which kinds have the most clicks, and how many products do they have?", "clicks")


async def test_words_without_a_meaning_anywhere_are_named(fleet: World) -> None:
    with pytest.raises(NotUnderstood) as refused:
        await fleet.plan("how many unicorns by depot")
    assert "unicorns" in refused.value.unused


async def test_of_what_is_near_not_more_is_said_than_that_it_is_nearest(shop: World) -> None:
    """The nearest few are not all there are: whoever words the answer has to know."""
    assert (await shop.draft("reviews about late delivery", "reviews")).meaning.endswith("LIMIT 10")
    assert "LIMIT" not in (await shop.draft("text of reviews with 5 stars", "reviews")).meaning
