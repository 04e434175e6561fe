"""Questions over the sample shop, in the words people use."""

import json
from pathlib import Path

import pytest

from benchmarks.answers import answer, same_answer
from core.errors import NotUnderstood
from core.models.base import Draft
from core.models.offline import Offline

pytestmark = pytest.mark.asyncio(loop_scope="module")

GOLDEN = json.loads(Path("tests/golden/shop_questions.json").read_text(encoding="utf-8"))


async def drafted(asking, question: str) -> Draft:
    pieces = [piece async for piece in Offline().draft(await asking(question))]
    assert isinstance(pieces[-1], Draft)
    assert "".join(pieces[:-1]) == pieces[-1].sql, "what streams is the query that comes last"
    return pieces[-1]


async def test_nine_of_ten_questions_get_the_answer_that_the_reference_gets(asking, shop_file: Path) -> None:
    wrong = []
    for golden in GOLDEN:
        try:
            sql = (await drafted(asking, golden["question"])).sql
        except NotUnderstood as refusal:
            sql = f"refused: {refusal.message}"
        given, expected = answer(shop_file, sql), answer(shop_file, golden["sql"])
        if given is None or not same_answer(expected, given, bool(golden.get("ordered"))):
            wrong.append(f"{golden['question']}\n{sql}")
    assert len(wrong) <= len(GOLDEN) // 10, "\n\n".join(wrong)


SHARE = """
    SELECT {part}, 100.0 * count(DISTINCT returns.order_item_id) / count(DISTINCT order_items.order_item_id)
    FROM order_items JOIN orders USING (order_id) LEFT JOIN returns USING (order_item_id) {rest}
"""


@pytest.mark.parametrize(
    ("question", "part", "rest"),
    [
        ("Return rate by month", "substr(ordered_at, 1, 7)", "GROUP BY 1 ORDER BY 1"),
        ("Return rate in 2025", "2025", "WHERE substr(ordered_at, 1, 4) = '2025'"),
    ],
)
async def test_a_share_goes_by_the_date_of_what_it_is_a_share_of(asking, shop_file: Path, question, part, rest) -> None:
    given = answer(shop_file, (await drafted(asking, question)).sql)
    expected = answer(shop_file, SHARE.format(part=part, rest=rest))
    assert expected
    assert [row[-1] for row in given] == pytest.approx([row[-1] for row in expected])


async def test_the_reading_tells_what_a_relative_time_was_counted_from(asking) -> None:
    draft = await drafted(asking, "What was revenue last month?")
    assert "2026-06-30" in draft.explanation
    assert "'2026-05-01'" in draft.sql


@pytest.mark.parametrize("question", ["How many flurbs were gronked?", "asdf qwer", "🦙🦙🦙", "drop table customers"])
async def test_what_it_does_not_understand_it_refuses(asking, question: str) -> None:
    with pytest.raises(NotUnderstood) as refusal:
        await drafted(asking, question)
    assert refusal.value.message
    assert not refusal.value.message.startswith("not understood")


async def test_words_without_a_meaning_are_named(asking) -> None:
    with pytest.raises(NotUnderstood, match="flurbs"):
        await drafted(asking, "How many flurbs did customers in Germany buy?")


async def test_the_same_question_gets_the_same_query(asking) -> None:
    question = "Top 5 products by revenue in France"
    assert (await drafted(asking, question)).sql == (await drafted(asking, question)).sql
