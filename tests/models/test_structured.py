"""Filling in a form: what a caller sees when a model writes well, badly, in other words, or not to the end."""

import asyncio
import json
from contextlib import aclosing

import pytest
from pydantic import BaseModel, field_validator

from core.errors import ModelOutputInvalid, ModelRefused, ModelRejected, ModelUnavailable
from core.models.language import Form, LanguageModel, Message, Prompt, Stop
from core.models.partial import Growth
from core.models.scripted_language import Answer, ScriptedCall, ScriptedLanguage
from core.models.structured import fill

PROMPT = Prompt("You write SQL.", [Message("user", "How many orders are there?")], key="nl2sql/1")
GOOD = {"sql": "SELECT count(*)\nFROM orders", "explanation": "Counts “orders” 🧮."}


class Query(BaseModel):
    sql: str
    explanation: str
    confidence: float | None = None


class Selecting(Query):
    @field_validator("sql")
    @classmethod
    def _select(cls, sql: str) -> str:
        if not sql.startswith("SELECT"):
            raise ValueError("it is not a query in PostgreSQL's dialect")
        return sql


async def filled(model: LanguageModel, form: type[BaseModel] = Query) -> list:
    async with aclosing(fill(model, PROMPT, form)) as pieces:
        return [piece async for piece in pieces]


def grown(pieces: list, field: str, attempt: int = 1) -> str:
    told = [piece for piece in pieces if isinstance(piece, Growth)]
    return "".join(piece.text for piece in told if (piece.field, piece.attempt) == (field, attempt))


async def test_strings_grow_as_they_are_written_and_the_value_comes_last():
    *growths, value = await filled(ScriptedLanguage([Answer(value=GOOD)]))
    assert value == Query(**GOOD)
    assert [growth.text for growth in growths if growth.field == "sql"] == ["SELECT", " count(*)\nFROM", " orders"]
    assert {field: grown(growths, field) for field in GOOD} == GOOD


async def test_a_growth_is_there_before_the_model_wrote_on():
    model = ScriptedLanguage([Answer(text=['{"sql": "SELECT', " 1"], pause=0), "never"])
    async with aclosing(fill(model, PROMPT, Query)) as pieces:
        assert await anext(pieces) == Growth("sql", "SELECT")
    assert model.left == 1, "leaving closes the model's stream, before its end"
    assert len(model.asked) == 1


@pytest.mark.parametrize(
    "text",
    [
        "```json\n{}\n```",
        "Of course! Here you are:\n{}\nAnything else?",
        "<think>Orders {{live}} in orders.</think>\n\n{}",
    ],
)
async def test_fences_prose_and_thoughts_around_it_do_no_harm(text):
    model = ScriptedLanguage([text.replace("{}", json.dumps(GOOD))])
    *growths, value = await filled(model)
    assert value == Query(**GOOD)
    assert grown(growths, "sql") == GOOD["sql"]
    assert len(model.asked) == 1


async def test_a_tool_called_instead_of_writing_text_is_read_like_the_text():
    call = ScriptedCall(name="Query", arguments=GOOD)
    *growths, value = await filled(ScriptedLanguage([Answer(text="I call it.", calls=[call])]))
    assert value == Query(**GOOD)
    assert grown(growths, "sql") == GOOD["sql"]


BAD = {
    "empty": Answer(),
    "blank": Answer(text=" \n"),
    "prose": Answer(text="There are many orders in that table, I am sure."),
    "another language": Answer(text="Hay muchos pedidos en la tabla. No sé cuántos {quizá mil}."),
    "only SQL": Answer(text="```sql\nSELECT count(*) FROM orders\n```"),
    "not closed": Answer(text='{"sql": "SELECT 1", "explanation": "One.'),
    "cut off": Answer(text='{"sql": "SELECT ' + "1, " * 5_000, stop=Stop.LENGTH),
    "bad escape": Answer(text=r'{"sql": "SELECT \%", "explanation": "x"}'),
    "lone surrogate": Answer(text=r'{"sql": "SELECT \ud83d", "explanation": "x"}'),
    "a field missing": Answer(value={"sql": "SELECT 1"}),
    "wrong type": Answer(value={**GOOD, "confidence": "high"}),
    "a list": Answer(text="[1, 2]"),
    "wrapped": Answer(value={"query": GOOD}),
    "another tool": Answer(calls=[ScriptedCall(name="search", arguments='{"words": ')]),
    "rubbish": Answer(text='{{{"sql": }} \x00 [}] "\\u{'),
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
async def test_a_bad_answer_is_asked_for_once_more_with_what_is_wrong(bad):
    model = ScriptedLanguage([bad, Answer(value=GOOD)])
    *growths, value = await filled(model)
    assert value == Query(**GOOD)
    assert grown(growths, "sql", attempt=2) == GOOD["sql"]
    first, again = model.asked
    assert list(again.messages[: len(first.messages)]) == list(first.messages)
    theirs, ours = again.messages[-2:]
    assert (theirs.role, ours.role) == ("assistant", "user")
    assert theirs.text.strip()
    assert len(theirs.text) <= 8_000
    assert "can't be used" in ours.text


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
async def test_two_bad_answers_are_a_clear_failure(bad):
    model = ScriptedLanguage([bad, bad, Answer(value=GOOD)])
    with pytest.raises(ModelOutputInvalid, match="did not answer in the form") as raised:
        await filled(model)
    assert raised.value.details["model"] == "scripted"
    assert raised.value.details["problem"] in raised.value.message
    assert len(model.asked) == 2


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        ("empty", "the answer is empty"),
        ("prose", "no JSON object"),
        ("another language", "no JSON object"),
        ("cut off", "cut off because it is too long.*max_tokens"),
        ("a field missing", "explanation: Field required"),
        ("wrong type", "confidence: Input should be a valid number"),
        ("bad escape", "invalid escape"),
        ("not closed", "EOF while parsing"),
    ],
)
async def test_the_model_and_the_user_are_told_what_is_wrong(bad, problem):
    model = ScriptedLanguage([BAD[bad], BAD[bad]])
    with pytest.raises(ModelOutputInvalid, match=problem):
        await filled(model)
    assert problem.partition(".*")[0] in model.asked[1].messages[-1].text


async def test_sql_of_another_dialect_fails_by_the_words_of_the_forms_own_check():
    other = {**GOOD, "sql": "db.orders.countDocuments({})"}
    with pytest.raises(ModelOutputInvalid, match="not a query in PostgreSQL's dialect"):
        await filled(ScriptedLanguage([Answer(value=other), Answer(value=other)]), Selecting)
    *_, value = await filled(ScriptedLanguage([Answer(value=other), Answer(value=GOOD)]), Selecting)
    assert value == Selecting(**GOOD)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(text="I can't help with that.", refusal="I can't help with that."),
        Answer(text='{"sql": "SEL', stop=Stop.REFUSAL),
        Answer(text='{"sql": "SEL', stop=Stop.FILTER),
    ],
)
async def test_a_refusal_is_said_and_not_asked_again(answer):
    model = ScriptedLanguage([answer, Answer(value=GOOD)])
    with pytest.raises(ModelRefused, match="other words"):
        await filled(model)
    assert len(model.asked) == 1


async def test_an_answer_that_was_whole_before_its_limit_counts():
    *_, value = await filled(ScriptedLanguage([Answer(text=json.dumps(GOOD) + " And so on", stop=Stop.LENGTH)]))
    assert value == Query(**GOOD)


@pytest.mark.parametrize(("fails", "error"), [("unavailable", ModelUnavailable), ("rejected", ModelRejected)])
async def test_a_model_that_fails_in_the_middle_fails_the_filling_and_nothing_is_asked_again(fails, error):
    model = ScriptedLanguage([Answer(text='{"sql": "SELECT', fails=fails, retry_after=7), Answer(value=GOOD)])
    pieces = fill(model, PROMPT, Query)
    assert await anext(pieces) == Growth("sql", "SELECT")
    with pytest.raises(error) as raised:
        await anext(pieces)
    assert raised.value.retry_after == 7
    assert len(model.asked) == 1


class Cut(ScriptedLanguage):
    """Its stream ends without a word of why."""

    async def stream(self, prompt: Prompt):
        async with aclosing(super().stream(prompt)) as pieces:
            async for piece in pieces:
                if hasattr(piece, "text"):
                    yield piece


async def test_a_stream_that_ends_without_its_end_is_no_success():
    with pytest.raises(ModelUnavailable, match="in the middle"):
        await filled(Cut([Answer(value=GOOD)]))


async def test_cancelling_closes_the_models_stream():
    model = ScriptedLanguage([Answer(value=GOOD, pause=3_600)])
    task = asyncio.create_task(filled(model))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert model.left == 1


@pytest.mark.parametrize("form", Form)
async def test_the_form_is_asked_for_in_the_best_way_the_model_has(form):
    ways = list(Form)[list(Form).index(form) :]
    model = ScriptedLanguage([Answer(value=GOOD)], forms=ways)
    await filled(model)
    asked = model.asked[0]
    assert (asked.held, asked.form, asked.key) == (form, Query, "nl2sql/1")
    in_words = form in {Form.JSON, Form.TEXT}
    assert ('"explanation"' in asked.system) == in_words, "the form in words only where nothing else holds to it"
