"""When the planner is not sure, it says so and why; it never guesses."""

import pytest

from core.errors import NotUnderstood
from tests.models.offline.house import INCOME, Library


async def test_words_without_a_meaning_are_named() -> None:
    with pytest.raises(NotUnderstood) as refusal:
        await Library().draft("How many penguins waddle through the archive?")
    assert "penguins" in refusal.value.unused
    assert "“penguins”" in refusal.value.message


async def test_a_refusal_says_what_the_data_is_about() -> None:
    with pytest.raises(NotUnderstood) as refusal:
        await Library([INCOME]).draft("What is the airspeed of an unladen swallow?")
    for known in ("books", "readers", "loans", "authors", "income"):
        assert known in refusal.value.message


@pytest.mark.parametrize(
    "question", ["Delete all books", "please remove every loan", "Update the readers", "drop books"]
)
async def test_who_wants_data_changed_is_told_that_it_is_only_read(question: str) -> None:
    with pytest.raises(NotUnderstood, match="only read here and never changed"):
        await Library().draft(question)


@pytest.mark.parametrize(
    "question", ["?", "...", "asdf qwer zxcv", "the of and", "SELECT", "💥", "a" * 2_000, "1 2 3 4"]
)
async def test_nonsense_is_refused_and_never_an_error(question: str) -> None:
    with pytest.raises(NotUnderstood):
        await Library().draft(question)


async def test_an_empty_schema_is_refused_in_words() -> None:
    library = Library()
    library.schema.ClearField("tables")
    with pytest.raises(NotUnderstood, match="no tables"):
        await library.draft("How many books are there?")


async def test_another_language_is_told_that_only_english_is_understood() -> None:
    with pytest.raises(NotUnderstood, match="English only"):
        await Library().draft("wie viele Bestellungen gibt es")
