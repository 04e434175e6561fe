"""Amounts of several currencies in one figure: the answer says so, unless the question keeps them apart."""

import pytest

from tests.models.offline.house import Library

PAYMENTS = """
CREATE TABLE payments (payment_id INTEGER PRIMARY KEY, reader_id INTEGER REFERENCES readers, amount DECIMAL(8,2),
  currency TEXT, pieces INTEGER);
INSERT INTO payments VALUES (1,1,10,'EUR',1),(2,1,20,'USD',2),(3,2,1000,'JPY',1),(4,3,7,'GBP',3);
"""
ONE = "CREATE TABLE payments (payment_id INTEGER PRIMARY KEY, amount DECIMAL(8,2), currency TEXT);\n"


def library(rows: str = PAYMENTS) -> Library:
    return Library(more=rows)


@pytest.mark.parametrize(
    ("question", "put"),
    [
        ("What is the total amount of payments?", "added"),
        ("What is the average amount of payments?", "averaged"),
        ("total amount of payments by city of readers", "added"),
    ],
)
async def test_a_figure_over_several_currencies_says_so(question: str, put: str) -> None:
    explanation = (await library().draft(question)).explanation
    assert f"amount is in several currencies (EUR, GBP, JPY and others), {put} as they stand" in explanation
    assert "ask by currency" in explanation


@pytest.mark.parametrize(
    "question",
    [
        "total amount of payments by currency",
        "What is the total amount of payments in EUR?",
        "What is the total number of pieces of payments?",
        "How many payments are there?",
    ],
)
async def test_figures_that_mix_none_say_nothing_of_it(question: str) -> None:
    assert "currencies" not in (await library().draft(question)).explanation


async def test_amounts_of_one_currency_need_no_remark() -> None:
    told = await library(ONE + "INSERT INTO payments VALUES (1,10,'EUR'),(2,20,'EUR');").draft(
        "total amount of payments"
    )
    assert "currencies" not in told.explanation
