"""What kind of question it is, and follow-ups made whole."""

import pytest

from core.models.base import Intent, Turn
from core.models.offline import Offline

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def classified(asking, question: str, *before: str):
    return await Offline().classify(await asking(question, [Turn(question=said) for said in before]))


@pytest.mark.parametrize("question", ["hello", "Hi!", "good morning", "Thanks!"])
async def test_a_greeting_is_a_greeting(asking, question: str) -> None:
    assert (await classified(asking, question)).intent is Intent.GREETING


@pytest.mark.parametrize("question", ["What can I ask?", "who are you?", "help", "what data do you have?"])
async def test_a_question_about_the_service_needs_no_data(asking, question: str) -> None:
    assert (await classified(asking, question)).intent is Intent.ABOUT


@pytest.mark.parametrize(
    ("question", "course"),
    [
        ("Why did revenue drop in October 2025?", "revenue by month"),
        ("Why did revenue of espresso machines drop in Germany?", "revenue of espresso machines in Germany by month"),
        ("What happened to orders last month?", "orders by month"),
    ],
)
async def test_why_is_looked_into_over_time_and_keeps_what_it_is_about(asking, question: str, course: str) -> None:
    said = await classified(asking, question)
    assert (said.intent, said.question) == (Intent.INVESTIGATE, course)


@pytest.mark.parametrize(
    ("before", "follow_up", "whole"),
    [
        ("What was revenue last month?", "and last year?", "What was revenue last year?"),
        ("How many orders were placed in Germany?", "what about France?", "How many orders were placed in France?"),
        ("Revenue by month", "by country instead", "Revenue by country"),
        ("Top 5 products by revenue", "top 10", "Top 10 products by revenue"),
        ("Revenue by month", "only in Germany", "Revenue by month in Germany"),
        ("Revenue by country 2025", "in 2024", "Revenue by country in 2024"),
        ("Revenue by country in 2024 for Germany", "by month", "Revenue by month in 2024 for Germany"),
        ("Revenue by month in 2024", "what about orders instead?", "number of orders by month in 2024"),
        ("orders per month in 2024", "and revenue?", "revenue per month in 2024"),
        ("Top 5 products by revenue", "and the worst?", "bottom 5 products by revenue"),
        ("Orders by country", "and only the cancelled ones?", "Orders by country for cancelled"),
        ("Orders by country for cancelled", "and by month?", "Orders by month for cancelled"),
    ],
)
async def test_a_follow_up_takes_what_it_leaves_out_from_the_question_before(
    asking, before: str, follow_up: str, whole: str
) -> None:
    said = await classified(asking, follow_up, before)
    assert (said.intent, said.question.lower()) == (Intent.FOLLOW_UP, whole.lower())


async def test_a_whole_question_is_left_as_it_is(asking) -> None:
    said = await classified(asking, "How many customers are there?", "What was revenue last month?")
    assert said.question == "How many customers are there?"
    assert said.intent is Intent.SIMPLE


async def test_a_ranking_without_a_figure_asks_by_which(asking) -> None:
    said = await classified(asking, "best customers")
    assert said.intent is Intent.CLARIFY
    assert 2 <= len(said.options) <= 4
    assert all("customers" in option for option in said.options)
