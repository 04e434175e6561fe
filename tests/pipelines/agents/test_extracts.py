"""What is quoted is cut between words, never within one."""

import pytest

from core.pipelines.agents.extracts import LONGEST, clearly_about, extract, opening

FIGURES = " ".join(f"{number:,}" for number in range(40_600, 40_700))


@pytest.mark.parametrize("longest", range(20, 40))
def test_an_opening_without_sentences_ends_after_a_whole_figure(longest: int):
    kept = opening(FIGURES, longest)
    assert len(kept) <= longest
    assert kept.endswith("…")
    assert set(kept[:-1].split()) <= set(FIGURES.split())


def test_a_long_sentence_is_quoted_up_to_a_whole_figure():
    kept = extract("figures", FIGURES)
    assert len(kept) <= LONGEST
    assert set(kept[:-1].split()) <= set(FIGURES.split())


def test_a_word_that_never_ends_is_cut_all_the_same():
    assert opening("x" * 500, 20) == "x" * 19 + "…"


RETURNS = "Goods can be returned within 30 days of the month in which they came."


@pytest.mark.parametrize(
    ("question", "clearly"),
    [
        ("What was revenue last month?", False),
        ("How many goods were returned?", True),
        ("Returns", True),
        ("Top 5 products by revenue, and how long may they be returned?", True),
        ("Revenue by month, and who brings most?", False),
    ],
)
def test_a_passage_is_about_a_question_when_more_than_a_chance_word_says_so(question: str, clearly: bool):
    assert clearly_about(question, RETURNS) is clearly
