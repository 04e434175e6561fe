"""The scripted language model plays what it is given, as any language model would stream it."""

import pytest

from core.errors import ModelRejected
from core.models.language import Delta, Finish, LanguageModel, Prompt, Stop, Thought, Usage
from core.models.scripted_language import Answer, LanguageScript, ScriptedLanguage


async def played(model: LanguageModel, key: str = "") -> list:
    return [piece async for piece in model.stream(Prompt("", [], key=key))]


async def test_answers_are_played_in_turn_delta_by_delta():
    model = ScriptedLanguage(["Two  words\n", Answer(text=["ab", "c"], thoughts="Hm.", usage=Usage(read=3, written=2))])
    first, second = await played(model), await played(model)
    assert first == [Delta("Two"), Delta("  words"), Delta("\n"), Finish(Stop.DONE, [], None, "scripted", "stop")]
    assert second[:3] == [Thought("Hm."), Delta("ab"), Delta("c")]
    assert second[-1].usage == Usage(read=3, written=2)


async def test_an_answer_with_a_key_waits_for_its_prompt():
    model = ScriptedLanguage([Answer(text="sql", key="nl2sql"), Answer(text="intent", key="classify")])
    assert (await played(model, "classify/1"))[0] == Delta("intent")
    assert (await played(model, "nl2sql/2"))[0] == Delta("sql")


async def test_a_script_at_its_end_says_so():
    with pytest.raises(ModelRejected, match="no answer left for a prompt “analysis/1”"):
        await played(ScriptedLanguage([]), "analysis/1")


async def test_a_file_of_answers_reads_as_people_write_it():
    script = LanguageScript.model_validate_json(
        '{"language": ["Hello.", {"value": {"sql": "SELECT 1"}, "key": "nl2sql"}, '
        '{"calls": [{"name": "run_query", "arguments": {"sql": "SELECT 2"}}], "usage": {"read": 9}}]}'
    )
    model = ScriptedLanguage(script.language)
    assert (await played(model))[0] == Delta("Hello.")
    assert "".join(p.text for p in (await played(model, "nl2sql"))[:-1]) == '{"sql": "SELECT 1"}'
    (finish,) = await played(model)
    assert (finish.stop, finish.calls[0].arguments, finish.usage.read) == (Stop.TOOLS, '{"sql": "SELECT 2"}', 9)
