"""Prose is held against what was computed: a figure passes however it is written, one that nothing gave does not."""

import pytest

from core.models.base import Excerpt
from core.pipelines.answering.prose import Citations, Facts, Prose
from core.pipelines.answering.prose.figures import figures
from levada.v1.event_pb2 import Figure, Finding

TOTAL = Figure(name="total", value=1234567.891, unit="EUR")
SHARE = Figure(name="share", value=57.93, unit="%", label="Germany")
FINDINGS = [
    Finding(text="Total revenue is 1,234,568 EUR.", figures=[TOTAL]),
    Finding(text="Germany has the highest: 57.9 % of the total, 2.4 times the next.", figures=[SHARE]),
    Finding(text="In June 2025 it fell by 12.3 %.", figures=[Figure(name="change", value=-12.345, unit="%")]),
]
ROWS = Excerpt(
    columns=["country", "month", "revenue", "return rate", "orders"],
    units=["", "", "EUR", "", ""],
    rows=[
        ["Germany", "2025-06", 715_000.5, 0.081, 12],
        ["Spain", "2025-Q3", 4_711.0, 0.25, 25],
        ["X-200", "", 1, 0, 3],
    ],
    total=48,
)


@pytest.fixture
def facts() -> Facts:
    return Facts.of(FINDINGS, ROWS, "SELECT country FROM sales WHERE amount > 1000 AND day >= '2025-01-01' LIMIT 5")


@pytest.mark.parametrize(
    "said",
    [
        "Revenue was 1,234,567.89 EUR.",
        "Revenue was €1.23 million.",
        "Revenue was 1.2M EUR.",
        "Revenue was 1,235k.",
        "Revenue was EUR 1,234,568.",
        "Der Umsatz war 1.234.567,89 EUR, davon 57,9 % in Deutschland.",
        "Germany has 58 percent, 2.4 times the next.",
        "More than half of revenue came from Germany, nearly 60 %.",
        "Germany brought about 700,000 EUR and over 700k.",
        "It fell by 12 % in June 2025, by 12.3 percentage points.",
        "8.1 % of German orders came back, a quarter of the Spanish ones.",
        "Twelve orders from Germany, twenty-five from Spain, 48 rows in all.",
        "In 2025-06 and in 2025-Q3, X-200 was among the top 5.",
        "The 3rd and the 1st orders over 1,000 EUR.",
        "1. Germany\n2. Spain\n## 3. Others",
        "No figures here, and one more thing.",
    ],
)
def test_a_figure_passes_however_it_is_written(facts: Facts, said: str):
    assert [quoted.text for quoted in figures(said) if not facts.hold(quoted)] == []


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ("Revenue was 1,234,768 EUR.", "1,234,768 EUR"),
        ("Revenue was €1.3 million.", "€1.3 million"),
        ("Revenue was 1.23 billion.", "1.23 billion"),
        ("Revenue was $1.23 million.", "$1.23 million"),
        ("Germany has 58.5 %.", "58.5 %"),
        ("Spain has 42.1 %.", "42.1 %"),
        ("Twelve is 13 percent.", "13 percent"),
        ("48 % of them.", "48 %"),
        ("It doubled.", "doubled"),
        ("Three quarters of the orders.", "Three quarters"),
        ("More than 60 % came from Germany.", "60 %"),
        ("Nearly 50 % came from Germany.", "50 %"),
        ("About 900,000 EUR.", "900,000 EUR"),
        ("In July 2019 it rose.", "2019"),
        ("Nineteen orders.", "Nineteen"),
        ("X-300 sold best.", "300"),
        ("In Q4 it rose.", "4"),
    ],
)
def test_a_figure_that_nothing_gave_does_not(facts: Facts, said: str, wrong: str):
    assert wrong in [quoted.text for quoted in figures(said) if not facts.hold(quoted)]


def through(facts: Facts, text: str, size: int) -> tuple[list[str], int]:
    prose = Prose(lambda sentence: sentence if facts.hold_all(sentence) else None)
    told = [said for at in range(0, len(text), size) for said in prose.add(text[at : at + size])]
    return [*told, *prose.rest()], prose.left_out


TEXT = (
    "**Germany has 57.9 %. It leads.** Spain has 99 %. Approx. 12 orders, e.g. from St. Pauli, came back!\n\n"
    "- Germany: 715,000 EUR\n- Spain: 3,000 EUR\n\nIt fell by 12.3 %. It will be 900 EUR.\n\nDone"
)


@pytest.mark.parametrize("size", [1, 2, 7, 1_000])
def test_what_does_not_check_out_is_left_out_by_sentence_and_line_whatever_the_pieces(facts: Facts, size: int):
    told, left_out = through(facts, TEXT, size)
    assert "".join(told) == (
        "**Germany has 57.9 %. It leads.** Approx. 12 orders, e.g. from St. Pauli, came back!\n\n"
        "- Germany: 715,000 EUR\n\nIt fell by 12.3 %. \n\nDone"
    )
    assert left_out == 3


def test_a_sentence_is_told_as_soon_as_the_next_one_begins(facts: Facts):
    prose = Prose(lambda sentence: sentence)
    assert list(prose.add("Germany has 57.9 %.")) == []
    assert list(prose.add(" It")) == ["Germany has 57.9 %. "]


def test_ten_thousand_pieces_without_an_end_are_read_once(facts: Facts):
    prose, reads = Prose(lambda sentence: sentence), 0
    for _ in range(10_000):
        reads += len(list(prose.add("word ")))
    assert (reads, len("".join(prose.rest()))) == (0, 50_000)


@pytest.mark.parametrize(
    "text", ["** A. ", "no. No. ", "-", "a", "1a", "1,", "1 ", " ", "| ", ".", "[q1, ", "twenty-"], ids=repr
)
def test_a_text_of_any_kind_is_checked_in_time_that_grows_with_its_length_alone(text: str):
    text *= 200_000 // len(text)
    facts = Facts()
    facts.add_text(text[:100_000])
    prose = Prose(Citations({"q1": facts}).admit)
    said = "".join([*prose.add(f"{text}x. "), *prose.rest()])
    assert said or prose.left_out
