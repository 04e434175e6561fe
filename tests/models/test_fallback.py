"""Several models in order: when the next one answers, and when not."""

import pytest
from pydantic import BaseModel

from core.errors import ModelRejected, ModelUnavailable
from core.models.calls import listening
from core.models.fallback import Fallback
from core.models.language import Form, Message, Prompt, Stop
from core.models.scripted_language import Answer, ScriptedLanguage
from tests.models.conducting import Heard
from tests.models.wire.house import text

PROMPT = Prompt("You count.", [Message("user", "One?")])
DOWN, WRONG = Answer(fails="unavailable", retry_after=30), Answer(fails="rejected")


class Number(BaseModel):
    number: int


def model(name: str, *answers: Answer | str, forms: tuple[Form, ...] = tuple(Form)) -> ScriptedLanguage:
    return ScriptedLanguage(answers, name=name, forms=forms)


async def read(*models: ScriptedLanguage, prompt: Prompt = PROMPT) -> tuple[str, list[str]]:
    """Return the answer, and what was told meanwhile."""
    heard = Heard()
    with listening(heard):
        return text([piece async for piece in Fallback(models).stream(prompt)]), heard.words


async def test_while_the_first_one_answers_no_other_is_asked():
    other = model("other", "two")
    assert await read(model("first", "one"), other) == ("one", [])
    assert not other.asked


@pytest.mark.parametrize("failure", [DOWN, WRONG])
async def test_the_next_one_answers_when_one_can_not_and_that_is_said(failure):
    answer, told = await read(model("a", failure), model("b", failure), model("c", "three"))
    assert answer == "three"
    assert [words.rpartition(". ")[2] for words in told] == ["Going on with b…", "Going on with c…"]


async def test_an_answer_that_was_begun_is_never_gone_on_with_by_another():
    other = model("other", "two")
    with pytest.raises(ModelUnavailable):
        await read(model("first", Answer(text="one", fails="unavailable")), other)
    assert not other.asked


async def test_that_a_model_declines_is_its_answer():
    answer, told = await read(model("first", Answer(text="no", stop=Stop.REFUSAL)), model("other", "two"))
    assert (answer, told) == ("no", [])


async def test_when_none_can_answer_all_are_told_of_and_when_to_come_back():
    with pytest.raises(ModelUnavailable, match="None of the 2 models can answer") as caught:
        await read(model("a", WRONG), model("b", DOWN))
    assert caught.value.retry_after == 30

    with pytest.raises(ModelRejected):
        await read(model("a", WRONG), model("b", WRONG))


async def test_each_is_held_to_a_form_as_it_can_be():
    prompt = Prompt("", PROMPT.messages, form=Number, held=Form.SCHEMA)
    older = model("older", Answer(value={"number": 1}), forms=(Form.TOOL, Form.TEXT))
    assert (await read(model("newer", DOWN), older, prompt=prompt))[0] == '{"number": 1}'
    assert older.asked[0].held is Form.TOOL
