"""What a user gets who asks the library in plain words, without a language model."""

import pytest

from tests.models.offline.house import INCOME, Library

QUESTIONS = {
    "How many books are there?": [(4,)],
    "What are the titles of all novels?": [("River",), ("Delta",)],
    "List the titles of books with more than 350 pages": [("Delta",), ("Atlas",)],
    "Which book is the most expensive?": [("Atlas",)],
    "What is the average price of books?": [(24.125,)],
    "What are the minimum and maximum price of books?": [(9, 55)],
    "How many readers live in Berlin?": [(2,)],
    "number of books per genre": [("novel", 2), ("poetry", 1), ("reference", 1)],
    "Which readers have never borrowed a book?": [("Kim", "Dahl")],
    "readers without loans": [("Kim", "Dahl")],
    "Which author has the most books?": [("Ana Luz",)],
    "What are the names of authors from Germany?": [("Ben Ode",), ("Cleo Park",)],
    "Which authors have at least 2 books?": [("Ana Luz",)],
    "titles of books whose price is above the average": [("Atlas",)],
    "Show the titles of books published in 2024": [("Atlas",)],
    "Show the titles of books published between 2020 and 2024": [("Delta",), ("Atlas",)],
    "What is the most common genre of books?": [("novel",)],
    "How many readers have no email?": [(1,)],
    "List the cities of readers in alphabetical order": [("Berlin",), ("Berlin",), ("Lisbon",)],
    "How many different cities do readers come from?": [(2,)],
    "titles of the 2 cheapest books": [("Spring",), ("River",)],
    "titles of books starting with 'D'": [("Delta",)],
    "What is the title of the book by Ana Luz with the most pages?": [("Delta",)],
}


@pytest.mark.parametrize("question", QUESTIONS)
async def test_a_plain_question_gets_its_answer(question: str) -> None:
    assert sorted(await Library().answer(question)) == sorted(QUESTIONS[question])


async def test_rows_that_have_no_name_are_listed_whole() -> None:
    assert [len(row) > 2 for row in await Library().answer("List all loans")] == [True] * 5
    assert {len(row) for row in await Library().answer("List all books")} == {1}


@pytest.mark.parametrize("question", ["Which author has the most books?", "titles of books by authors from Germany"])
async def test_keys_that_nobody_declared_are_found_by_their_names(question: str) -> None:
    assert await Library(keys=False).answer(question) == await Library().answer(question)


async def test_the_same_question_always_gets_the_same_query() -> None:
    drafts = {(await Library().draft("number of books per genre")).sql for _ in range(3)}
    assert len(drafts) == 1


async def test_relative_times_are_counted_from_the_last_day_in_the_data_and_that_is_said() -> None:
    library = Library([INCOME])
    draft = await library.draft("What was income last month?")
    assert library.connection.execute(draft.sql).fetchall() == [(1.5,)]
    assert "2026-06-30" in draft.explanation


async def test_a_figure_of_the_business_is_computed_as_configured() -> None:
    library = Library([INCOME])
    assert await library.answer("earnings by city") == [("Berlin", 6.5), ("Lisbon", 5)]
    assert await library.answer("income by year") == [("2025", 1), ("2026", 10.5)]


async def test_columns_that_say_yes_or_no_are_conditions_by_themselves() -> None:
    assert await Library().answer("How many readers are active?") == [(2,)]


async def test_the_reading_is_told_in_words() -> None:
    draft = await Library().draft("How many readers live in Berlin?")
    assert draft.explanation == "The number of readers where city of readers is “Berlin”."
    assert draft.confidence is not None
    assert 0.5 < draft.confidence <= 1
