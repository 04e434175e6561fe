"""A language model asked over the sample shop: what it writes is streamed, guarded, mended, or clearly refused."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.models import planner
from core.models.scripted_language import Answer, ScriptedLanguage
from core.prompts import tokens
from levada.v1 import event_pb2 as events
from levada.v1.error_reason_pb2 import ErrorReason
from tests.pipelines.query.house import STEPS, House, Seen

QUESTION = "How many orders were cancelled?"
CANCELLED = "SELECT count(*) AS cancelled_orders\nFROM orders\nWHERE status = 'cancelled'"


@pytest.fixture
async def shop(tmp_path: Path, shop_file: Path) -> AsyncIterator[House]:
    async with House(tmp_path, shop=shop_file) as made:
        yield made


def sorted_as(intent: str = "simple", question: str = QUESTION) -> Answer:
    return Answer(
        value={"cause": "It asks for one figure.", "intent": intent, "question": question}, key="answering/cl"
    )


def written(sql: str, explanation: str = "It counts orders.", missing: str = "") -> Answer:
    value = {"explanation": explanation, "sql": sql, "confidence": 0.9, "missing": missing}
    return Answer(value=value, key="answering/nl2sql")


def mended(sql: str, diagnosis: str = "A name was wrong.") -> Answer:
    value = {"diagnosis": diagnosis, "sql": sql, "explanation": "It counts orders.", "confidence": 0.8}
    return Answer(value=value, key="answering/repair")


def told(text: str = "That is all.") -> Answer:
    return Answer(text=text, key="answering/analysis")


def authors(seen: Seen) -> list[str]:
    return [proposed.author for proposed in seen.all("query_proposed")]


def reason(seen: Seen) -> str:
    return ErrorReason.Name(seen.end.reason).removeprefix("ERROR_REASON_")


def templates(model: ScriptedLanguage) -> list[str]:
    """Return the templates of the prompts that *model* got, whatever their versions."""
    return [prompt.key.partition("@")[0] for prompt in model.asked]


async def test_a_question_is_answered_and_its_query_streams_as_it_is_written(shop: House):
    model = shop.speaks(sorted_as(), written(CANCELLED), told())
    seen = await shop.ask(QUESTION)
    assert seen.end.outcome == events.OUTCOME_ANSWERED
    assert seen.steps == STEPS
    assert seen.text(events.CHANNEL_SQL) == CANCELLED
    assert seen.text(events.CHANNEL_EXPLANATION) == "It counts orders."
    assert [done.text for done in seen.all("text_completed", "generate_sql")] == [CANCELLED, "It counts orders."]
    assert authors(seen) == ["scripted"]
    assert seen.one("query_proposed").confidence == 0.9
    assert templates(model)[:2] == ["answering/classify", "answering/nl2sql"]


async def test_a_prompt_says_what_the_data_is_and_when_it_ends(shop: House):
    model = shop.speaks(sorted_as(), written(CANCELLED), told())
    await shop.ask("How many orders from Germany were cancelled?")
    text = model.asked[1].messages[0].text
    assert "table orders, about 94,923 rows" in text
    assert "  customer_id INTEGER not null -> customers.customer_id\n" in text
    assert '  status TEXT not null: "delivered, shipped, processing or cancelled"; e.g. "delivered"' in text
    assert '"Germany" is "Germany" in countries.name' in text
    assert '"revenue" (also "sales"' in text
    assert "Most of the data ends on 2026-06-30." in text
    assert "SQLite" in model.asked[1].system


async def test_a_follow_up_is_made_whole_and_shown_with_what_it_follows(shop: House):
    model = shop.speaks(sorted_as(), written(CANCELLED), told(), sorted_as("follow_up", "How many were delivered?"))
    await shop.ask(QUESTION, conversation_id="c")
    await shop.ask("And delivered?", conversation_id="c", options={"dry_run": True})
    sorting, writing = model.asked[-2:]
    assert f'"{QUESTION}" was answered by "SELECT count(*)' in sorting.messages[0].text
    assert '"How many were delivered?"' in writing.messages[0].text
    assert f'"{QUESTION}" was answered by' in writing.messages[0].text


async def test_an_unclear_question_is_asked_back_with_whole_readings(shop: House):
    choice = Answer(value={"prompt": "Which date?", "options": ["Orders by day placed?", "Orders by day paid?"]})
    shop.speaks(sorted_as("clarify"), choice.model_copy(update={"key": "answering/clarify"}))
    seen = await shop.ask("Orders by day?", options={"interactive": False})
    assert seen.end.outcome == events.OUTCOME_CLARIFICATION_NEEDED
    assert [option.value for option in seen.end.clarification.options] == [
        "Orders by day placed?",
        "Orders by day paid?",
    ]


async def test_a_model_that_finds_nothing_to_ask_back_goes_on(shop: House):
    choice = Answer(value={"prompt": "Which?", "options": ["Orders?"]}, key="answering/clarify")
    shop.speaks(sorted_as("clarify"), choice, written(CANCELLED), told())
    assert (await shop.ask(QUESTION)).end.outcome == events.OUTCOME_ANSWERED


async def test_what_the_data_lacks_is_said(shop: House):
    shop.speaks(sorted_as(), written("", missing="The shop does not record the weather."))
    seen = await shop.ask("Did rain sell umbrellas?")
    assert reason(seen) == "QUESTION_NOT_UNDERSTOOD"
    assert "does not record the weather" in seen.end.message
    assert "Questions that work here" in seen.end.message


async def test_a_wrong_column_is_mended_by_rule_without_asking_again(shop: House):
    model = shop.speaks(sorted_as(), written("SELECT count(*) AS n FROM orders WHERE state = 'cancelled'"), told())
    seen = await shop.ask(QUESTION)
    assert seen.end.outcome == events.OUTCOME_ANSWERED
    assert authors(seen) == ["scripted", "repair"]
    assert "answering/repair" not in templates(model)


async def test_what_no_rule_mends_the_model_does_and_is_told_what_is_known(shop: House):
    wrong = "SELECT count(*) AS n FROM orders WHERE zzqx = 'cancelled'"
    model = shop.speaks(sorted_as(), written(wrong), mended(CANCELLED), told())
    seen = await shop.ask(QUESTION)
    assert seen.end.outcome == events.OUTCOME_ANSWERED
    assert authors(seen) == ["scripted", "scripted"]
    asked = next(prompt for prompt in model.asked if prompt.key.startswith("answering/repair@")).messages[0].text
    assert wrong.replace('"', '\\"') in asked
    assert "There is no column zzqx" in asked


async def test_another_dialect_is_put_into_the_sources_own(shop: House):
    postgres = "SELECT date_trunc('month', ordered_at) AS month, count(*) AS n FROM orders GROUP BY 1 ORDER BY 1"
    shop.speaks(sorted_as(), written(postgres), told())
    seen = await shop.ask("Orders by month?")
    assert seen.end.outcome == events.OUTCOME_ANSWERED
    assert authors(seen) == ["scripted", "repair"]


@pytest.mark.parametrize(
    ("sql", "rule"),
    [
        ("DELETE FROM orders", "not-a-query"),
        ("UPDATE orders SET status = 'paid'", "not-a-query"),
        ("DROP TABLE customers", "not-a-query"),
        ("SELECT 1; DROP TABLE customers", "one-statement"),
        ("SELECT * FROM sqlite_master", "unreadable-table"),
        ("ATTACH DATABASE '/tmp/x.db' AS x", "not-a-query"),
    ],
)
async def test_a_model_that_insists_on_more_than_reading_is_refused(shop: House, sql: str, rule: str):
    shop.speaks(sorted_as(), written(sql), mended(f"{sql} "), told())
    seen = await shop.ask(QUESTION)
    assert reason(seen) == "QUERY_REFUSED"
    assert {refused.rule for refused in seen.all("query_refused")} == {rule}
    assert "execute_sql" not in seen.steps
    assert seen.end.tried == ["A name was wrong."]


async def test_after_three_rounds_of_mending_the_run_says_what_was_tried(shop: House):
    model = shop.speaks(sorted_as(), written("SELECT zzq0 FROM orders"), *[
        mended(f"SELECT zzq{n} FROM orders", f"Try {n}.") for n in range(1, 6)
    ])  # fmt: skip
    seen = await shop.ask(QUESTION)
    assert list(seen.end.tried) == ["Try 1.", "Try 2.", "Try 3."]
    last = [prompt for prompt in model.asked if prompt.key.startswith("answering/repair@")][-1].messages[0].text
    assert "This failed before: SELECT zzq0 FROM orders" in last


async def test_words_that_break_off_are_not_passed_off_as_the_whole_answer(shop: House):
    cut = Answer(text="Orders were cancelled. Of these the most", stop="length", key="answering/analysis")
    shop.speaks(sorted_as(), written(CANCELLED), cut)
    seen = await shop.ask(QUESTION)
    answer = seen.text(events.CHANNEL_ANSWER)
    assert answer.startswith("Orders were cancelled. ")
    assert "Of these" not in answer
    assert seen.one("finding").text in answer
    said = [one for one in seen.all("step_progressed", "analyze_results") if "breaks off" in one.message]
    assert [one.lasting for one in said] == [True]


async def test_rows_that_do_not_exist_are_said_not_to(shop: House):
    nowhere = "SELECT o.order_id FROM orders o JOIN customers c USING (customer_id) WHERE c.city = 'Atlantis'"
    shop.speaks(sorted_as(), written(nowhere), told("No order from Atlantis is in the data."))
    seen = await shop.ask("Orders from Atlantis?")
    assert seen.end.outcome == events.OUTCOME_ANSWERED
    assert seen.one("finding").kind == events.FINDING_KIND_EMPTY
    assert "No rows" in seen.end.summary


async def test_prose_in_place_of_a_query_fails_clearly(shop: House):
    prose = Answer(text="Sure! Just look at the orders table, it is all there.", key="answering/nl2sql")
    shop.speaks(sorted_as(), prose, prose)
    seen = await shop.ask(QUESTION)
    assert reason(seen) == "MODEL_OUTPUT_INVALID"
    assert "did not answer in the form that was asked for" in seen.end.message


async def test_an_answer_of_the_wrong_form_is_written_anew_before_all_eyes(shop: House):
    half = Answer(text='{"explanation": "It counts.", "sql": "SELECT 2", "confidence": "sure"}', key="answering/nl2sql")
    shop.speaks(sorted_as(), half, written(CANCELLED, "It counts."), told())
    seen = await shop.ask(QUESTION)
    assert seen.one("query_proposed").text == CANCELLED
    assert seen.text(events.CHANNEL_SQL).startswith("SELECT 2\n-- ")
    assert seen.text(events.CHANNEL_SQL).endswith(f"\n{CANCELLED}")


async def test_while_the_model_is_away_the_planner_answers_and_says_so(shop: House):
    away = Answer(fails="unavailable")
    shop.speaks(away, away, away)
    seen = await shop.ask("What was revenue by month last year?")
    assert seen.end.outcome == events.OUTCOME_ANSWERED
    assert authors(seen) == ["offline"]
    said = [progressed.message for progressed in seen.all("step_progressed", "generate_sql")]
    assert any("the offline planner answers in its place" in message for message in said)


async def test_a_model_that_breaks_off_gives_way_in_the_same_text(shop: House):
    broken = Answer(
        text='{"explanation": "It counts.", "sql": "SELECT coun', fails="unavailable", key="answering/nl2sql"
    )
    shop.speaks(sorted_as(), broken, told())
    seen = await shop.ask(QUESTION)
    assert seen.end.outcome == events.OUTCOME_ANSWERED
    before, _, after = seen.text(events.CHANNEL_SQL).partition("\n-- ")
    assert before == "SELECT coun"
    assert after.partition("\n")[2].strip() == seen.one("query_proposed").text


async def test_when_the_planner_does_not_understand_either_both_are_said(shop: House):
    away = Answer(fails="unavailable")
    shop.speaks(away, away)
    seen = await shop.ask("Wie oft blubbert der Quastenflosser?")
    assert reason(seen) == "QUESTION_NOT_UNDERSTOOD"
    assert "The offline planner, in its place, did not understand" in seen.end.message
    assert seen.end.retryable


async def test_a_rejected_request_is_not_hidden_behind_the_planner(shop: House):
    shop.speaks(sorted_as(), Answer(fails="rejected", key="answering/nl2sql"))
    seen = await shop.ask(QUESTION)
    assert seen.kinds[-1] == "failed"
    assert not seen.all("query_proposed")


async def test_the_fast_role_sorts_questions_and_may_be_the_planner(shop: House):
    model = shop.speaks(written(CANCELLED), told())
    shop.catalog.in_role["fast"] = planner()
    seen = await shop.ask(QUESTION)
    assert authors(seen) == ["scripted"]
    assert "answering/classify" not in templates(model)


async def test_what_a_small_model_has_no_room_for_is_left_out_and_said(shop: House):
    model = shop.speaks(sorted_as(), written(CANCELLED), told())
    model.context = 6_000
    seen = await shop.ask(QUESTION)
    assert tokens("".join([model.asked[1].system, model.asked[1].messages[0].text])) <= 3_000
    assert "table orders" in model.asked[1].messages[0].text
    said = [progressed.message for progressed in seen.all("step_progressed", "generate_sql")]
    assert any(re.search(r"room for 3,000 tokens\. Left out: details of \d+ tables", one) for one in said)
