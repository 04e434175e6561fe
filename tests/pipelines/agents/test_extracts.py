"""What is quoted is cut between words, never within one."""

import pytest

from core.pipelines.agents.extracts import LONGEST, extract, opening

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
