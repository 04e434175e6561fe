"""A language model words the answer and the chart: what it says is held against the figures, else the rules speak."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.models.conduct import Conducted
from core.models.language import Form, Usage
from core.models.scripted_language import Answer, ScriptedLanguage
from levada.v1 import event_pb2 as events
from tests.pipelines.query.house import House, Seen

BY_FLAG = "SELECT flag, count(*) AS ships FROM ships GROUP BY flag ORDER BY ships DESC, flag"
OPENING = (
    Answer(value={"cause": "One figure.", "intent": "simple", "question": "Ships by flag?"}, key="answering/classify"),
    Answer(value={"explanation": "Counts.", "sql": BY_FLAG, "confidence": 1, "missing": ""}, key="answering/nl2sql"),
)
QUIET = Answer(text="That is all.", key="answering/analysis")


async def told(house: House, **answer: object) -> str:
    house.speaks(*OPENING, Answer(key="answering/analysis", **answer), captioned("Ships by flag"))
    seen = await house.ask("Ships by flag?")
    assert seen.end.outcome == events.OUTCOME_ANSWERED
    assert seen.all("text_completed", "analyze_results")[0].text == seen.text(events.CHANNEL_ANSWER)
    return seen.text(events.CHANNEL_ANSWER)


def captioned(title: str, explanation: str = "") -> Answer:
    return Answer(value={"title": title, "explanation": explanation}, key="answering/chart")


async def test_the_answer_is_the_models_and_comes_a_sentence_at_a_time(house: House):
    house.speaks(*OPENING, Answer(text="Norway has 2 ships. Greece has 1.", pause=0.2, key="answering/analysis"), QUIET)
    seen = await house.ask("Ships by flag?")
    said = [delta.text for delta in seen.all("text_delta", "analyze_results")]
    assert said == ["Norway has 2 ships. ", "Greece has 1."]


async def test_the_model_is_given_findings_and_rows_to_quote_from(house: House):
    model = house.speaks(*OPENING, QUIET, captioned("Ships by flag"))
    await house.ask("Ships by flag?")
    (prompt,) = [prompt for prompt in model.asked if prompt.key.startswith("answering/analysis")]
    assert '["Norway", 2]\n["Greece", 1]\n["Panama", 1]' in prompt.messages[0].text
    assert "<findings>\n- " in prompt.messages[0].text


async def test_a_sentence_with_a_figure_that_was_not_computed_is_left_out_and_that_is_said(house: House):
    answer = await told(house, text="Norway has 2 ships. Together they carry 900 containers. Greece has 1.")
    assert answer == (
        "Norway has 2 ships. Greece has 1.\n\n"
        "*One sentence of the model's is left out: it named a figure that was not computed.*"
    )


async def test_an_answer_of_false_figures_only_gives_way_to_the_computed_ones(house: House):
    answer = await told(house, text="There are 17 ships. Norway has 11.")
    assert "Norway" in answer
    assert "17" not in answer
    assert "2 sentences of the model's are left out" in answer


async def test_a_model_that_is_down_leaves_the_words_to_the_offline_planner(house: House):
    answer = await told(house, fails="unavailable")
    assert answer.startswith("**")
    assert "Norway" in answer


async def test_a_model_that_breaks_off_leaves_what_it_told_and_the_figures(house: House):
    answer = await told(house, text="Norway has 2 ships. Gree", fails="unavailable")
    assert answer.startswith("Norway has 2 ships. \n\n- ")


async def chart_of(house: House, caption: Answer) -> tuple[events.Chart, Seen]:
    house.speaks(*OPENING, QUIET, caption)
    seen = await house.ask("Ships by flag?")
    return seen.one("chart"), seen


async def test_a_chart_has_the_models_title_and_explanation(house: House):
    chart, _ = await chart_of(house, captioned("Norway's ships and others", "Norway's slice is 2 of the ships."))
    assert (chart.title, chart.explanation) == ("Norway's ships and others", "Norway's slice is 2 of the ships.")
    assert json.loads(chart.vega_lite)["title"] == "Norway's ships and others"


async def test_words_of_a_chart_with_figures_that_were_not_computed_are_not_shown(house: House):
    chart, _ = await chart_of(house, captioned("All 17 ships", "A ring of flags. Norway has 61 %."))
    assert (chart.title, chart.explanation) == ("Ships by flag", "A ring of flags.")


async def test_a_title_is_cut_at_sixty_characters(house: House):
    chart, _ = await chart_of(house, captioned("The number of ships that call at the harbour, by the flag they fly"))
    assert len(chart.title) <= 60
    assert chart.title.endswith("…")


@pytest.mark.parametrize("bad", [Answer(fails="unavailable"), Answer(text="no"), Answer(refusal="I won't.")])
async def test_a_chart_without_the_models_words_has_the_questions(house: House, bad: Answer):
    chart, seen = await chart_of(house, bad.model_copy(update={"key": "answering/chart"}))
    assert (chart.title, chart.explanation) == ("Ships by flag", "")
    assert any("so it has the question's" in one.message for one in seen.all("step_progressed", "generate_viz"))


async def test_an_answer_that_was_paid_for_is_given_where_the_budget_leaves_no_words_for_it(budgeted: House):
    dear = Usage(read=900, written=100)
    said = ScriptedLanguage([answer.model_copy(update={"usage": dear}) for answer in OPENING], forms=tuple(Form))
    budgeted.catalog.at_hand = Conducted(said)
    seen = await budgeted.ask("Ships by flag?")
    assert seen.end.outcome == events.OUTCOME_ANSWERED
    assert "Norway" in seen.text(events.CHANNEL_ANSWER)
    told = [one.message for one in seen.all("step_progressed") if one.lasting]
    assert all("the budget is 1,500, so no more calls are made" in message for message in told)
    assert len(told) == 2
    assert len(said.asked) == 2


@pytest.fixture
async def budgeted(tmp_path: Path, harbour_url: str) -> AsyncIterator[House]:
    async with House(tmp_path, harbour_url, run_tokens=1_500) as made:
        yield made
