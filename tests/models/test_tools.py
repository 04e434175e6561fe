"""A conversation with tools: calls are checked, answered by whoever holds it, told back; and it comes to an end."""

from contextlib import aclosing

import pytest
from pydantic import BaseModel

from core.errors import ModelOutputInvalid, ModelRefused, ModelUnavailable
from core.models.language import Delta, Finish, Message, Prompt, Stop, Tool
from core.models.scripted_language import Answer, ScriptedCall, ScriptedLanguage
from core.models.tools import LAST_ANSWER, Calling, Miscalled, converse

PROMPT = Prompt("You look into data.", [Message("user", "Why did sales fall?")])


class RunQuery(BaseModel):
    sql: str
    limit: int = 10


class Nothing(BaseModel):
    pass


TOOLS = [Tool("run_query", "Runs a query.", RunQuery), Tool("get_schema", "Tells the tables.", Nothing)]


def calling(name: str, **arguments) -> Answer:
    return Answer(calls=[ScriptedCall(name=name, arguments=arguments)])


async def talked(model: ScriptedLanguage, most: int = 5) -> list:
    seen = []
    async with aclosing(converse(model, PROMPT, TOOLS, most)) as pieces:
        async for piece in pieces:
            seen.append(piece)
            if isinstance(piece, Calling):
                piece.answer = f"{piece.call.name} gave rows"
    return seen


def told(model: ScriptedLanguage, number: int) -> list[Message]:
    return list(model.asked[number].messages)


async def test_calls_are_answered_until_the_model_calls_no_more():
    model = ScriptedLanguage(
        [Answer(text="Let me look.", calls=[ScriptedCall(name="run_query", arguments={"sql": "SELECT 1"})]), "It fell."]
    )
    seen = await talked(model)
    assert "".join(piece.text for piece in seen if isinstance(piece, Delta)) == "Let me look.It fell."
    assert [piece.arguments for piece in seen if isinstance(piece, Calling)] == [RunQuery(sql="SELECT 1")]
    assert isinstance(seen[-1], Finish)
    question, theirs, answer = told(model, 1)
    assert (question, theirs.role, theirs.text) == (PROMPT.messages[0], "assistant", "Let me look.")
    assert answer == Message("tool", "run_query gave rows", call_id=theirs.calls[0].id)
    assert all(asked.tools == TOOLS for asked in model.asked)


async def test_several_calls_of_one_answer_are_answered_each_in_order():
    calls = [
        ScriptedCall(name="get_schema", arguments=""),
        ScriptedCall(name="run_query", arguments={"sql": "SELECT 2"}),
    ]
    model = ScriptedLanguage([Answer(calls=calls), "Done."])
    await talked(model)
    _, theirs, *answers = told(model, 1)
    assert [answer.text for answer in answers] == ["get_schema gave rows", "run_query gave rows"]
    assert [answer.call_id for answer in answers] == [call.id for call in theirs.calls]


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        (ScriptedCall(name="drop_table", arguments={}), "no tool “drop_table”. There are: run_query, get_schema"),
        (ScriptedCall(name="run_query", arguments={"limit": 5}), "sql: Field required"),
        (ScriptedCall(name="run_query", arguments={"sql": "SELECT 1", "limit": "many"}), "limit: Input should be"),
        (ScriptedCall(name="run_query", arguments='{"sql": "SELECT'), "Invalid JSON"),
        (ScriptedCall(name="run_query", arguments='{"sql": "\ud83d"}'), "unicode"),
        (ScriptedCall(name="run_query", arguments=""), "sql: Field required"),
    ],
)
async def test_a_call_that_cannot_be_done_is_told_the_model_and_never_done(call, problem):
    model = ScriptedLanguage([Answer(calls=[call]), calling("run_query", sql="SELECT 1"), "Done."])
    seen = await talked(model)
    (wrong,) = [piece for piece in seen if isinstance(piece, Miscalled)]
    assert problem in wrong.problem
    assert told(model, 1)[-1].text == wrong.problem
    assert [piece.arguments for piece in seen if isinstance(piece, Calling)] == [RunQuery(sql="SELECT 1")]


async def test_a_model_that_calls_for_ever_is_warned_and_then_stopped():
    model = ScriptedLanguage([calling("get_schema")] * 9)
    with pytest.raises(ModelOutputInvalid, match="no end within 3 answers"):
        await talked(model, most=3)
    assert len(model.asked) == 3
    assert [LAST_ANSWER in told(model, number)[-1].text for number in range(3)] == [False, False, True]


async def test_calls_that_cannot_be_done_count_too():
    model = ScriptedLanguage([calling("drop_table")] * 9)
    with pytest.raises(ModelOutputInvalid):
        await talked(model, most=2)
    assert len(model.asked) == 2


async def test_a_call_may_end_the_conversation_even_in_the_last_answer():
    model = ScriptedLanguage([calling("get_schema"), calling("run_query", sql="SELECT 3")])
    async with aclosing(converse(model, PROMPT, TOOLS, 2)) as pieces:
        calls = [piece async for piece in _until(pieces, "run_query")]
    assert calls[-1].arguments == RunQuery(sql="SELECT 3")


async def _until(pieces, name: str):
    async for piece in pieces:
        if isinstance(piece, Calling):
            yield piece
            if piece.call.name == name:
                return


async def test_leaving_while_the_model_speaks_closes_its_stream():
    model = ScriptedLanguage(["many many words"])
    async with aclosing(converse(model, PROMPT, TOOLS, 2)) as pieces:
        await anext(pieces)
    assert model.left == 1


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(refusal="I must not."), ModelRefused),
        (Answer(text="I", stop=Stop.FILTER), ModelRefused),
        (Answer(text="It is", fails="unavailable"), ModelUnavailable),
    ],
)
async def test_refusals_and_failures_end_it(answer, error):
    with pytest.raises(error):
        await talked(ScriptedLanguage([calling("get_schema"), answer]))
