"""What comes of an answer that a vendor sends in a way that no reader could use: broken characters, figures, names."""

import asyncio
import json

import pytest

from core.errors import ModelOutputInvalid, ModelUnavailable
from core.models.conduct import Conducted, sound
from core.models.language import Delta, Finish, Message, Prompt, Thought, Usage
from core.models.scripted_language import Answer, ScriptedLanguage
from core.settings import ModelSettings
from tests.models.conducting import heard, opened
from tests.models.wire.house import PROMPT, text

__all__ = ["heard", "opened"]


async def played(**answer):
    model = Conducted(ScriptedLanguage([Answer(**answer)]))
    return [piece async for piece in model.stream(PROMPT)]


def chunk(**said):
    """Return a chunk as servers write it that spell out what is no ASCII, half by half."""
    choice = {"index": 0, "delta": {}, **said}
    return b"data: %b\n\n" % json.dumps({"choices": [choice]}).encode()


async def test_a_character_that_came_in_halves_is_whole_again_in_what_is_handed_on(opened, heard):
    async with opened() as house:
        thought = [chunk(delta={"reasoning": half}) for half in ("\ud83d", "\ude00")]
        said = [chunk(delta={"content": half}) for half in ("so \ud83d", "\ude00!")]
        house.sends(*thought, *said, *house.format.end())

        pieces = await house.read()

    assert [piece for piece in pieces if isinstance(piece, Thought)] == [Thought("\U0001f600")]
    assert [piece for piece in pieces if isinstance(piece, Delta)] == [Delta("so "), Delta("\U0001f600!")]
    assert heard.calls[0].response == "so \U0001f600!"


async def test_a_half_that_stays_alone_is_replaced_and_nothing_is_lost():
    assert text(await played(text=["a\ud83d", "b", "c\ud83d"])) == "a\ufffdbc\ufffd"


async def test_halves_in_calls_and_reasons_and_reasons_without_end_break_nothing(opened, heard):
    call = {"index": 0, "id": "\ud83d", "function": {"name": "look", "arguments": '{"a": "\ud83d'}}
    rest = {"index": 0, "function": {"arguments": '\ude00"}'}}
    async with opened() as house:
        parts = [chunk(delta={"tool_calls": [one]}) for one in (call, rest)]
        house.sends(*parts, chunk(finish_reason="\ud83d" + "x" * 100_000), b"data: [DONE]\n\n")

        finish = (await house.read())[-1]

    assert isinstance(finish, Finish)
    assert [(one.id, one.arguments) for one in finish.calls] == [("\ufffd", '{"a": "\U0001f600"}')]
    assert finish.reason.encode() == ("\ufffd" + "x" * 299).encode()


@pytest.mark.parametrize("usage", [Usage(-100, 7), Usage(0, 0), Usage(100, -7), Usage(2**70, 1), Usage(100, 7, -60)])
async def test_figures_that_cannot_be_count_as_none_told(heard, usage):
    await played(text="SELECT 1", usage=usage)

    (call,) = heard.calls
    assert call.estimated
    assert 0 < call.usage.read < 1_000
    assert (call.usage.written, call.usage.cached) == (3, 0)


async def test_what_is_counted_beside_what_was_read_never_makes_a_call_cheaper(opened, heard):
    usage = {"prompt_tokens": 100, "completion_tokens": 7, "prompt_tokens_details": {"cached_tokens": 900}}
    async with opened(input=10.0, cached_input=0.0, output=0.0) as house:
        told = b"data: %b\n\n" % json.dumps({"choices": [], "usage": usage}).encode()
        house.sends(chunk(delta={"content": "a"}), chunk(finish_reason="stop"), told, b"data: [DONE]\n\n")
        await house.read()

    (call,) = heard.calls
    assert (call.usage.read, call.usage.cached) == (1_000, 900)
    assert call.cost == pytest.approx(100 * 10 / 1e6)


async def test_a_call_that_is_being_written_is_a_sign_of_life_and_not_handed_on(opened, heard):
    async with opened(first_token_seconds=60, between_tokens_seconds=1, retries=0) as house:
        house.sends(*house.format.tool(0, "c1", "look", ['{"a": ']), asyncio.Event())

        came, error = await house.fails(Prompt("", [Message("user", "?")]))

    assert came == []
    assert "stopped in the middle of its answer: nothing came for 1 second" in error.message
    assert heard.calls[0].usage.read > 0


async def test_a_call_that_broke_off_before_anything_was_handed_on_is_made_again(opened, heard):
    async with opened(between_tokens_seconds=1) as house:
        house.sends(*house.format.tool(0, "c1", "look", ['{"a": ']), asyncio.Event())
        house.sends(*house.format.call("c2", "look", ["{}"]))

        assert [call.id for call in (await house.read())[-1].calls] == ["c2"]

    assert [call.attempt for call in heard.calls] == [1, 2]


async def test_an_answer_may_be_no_longer_than_what_fits_beside_its_prompt():
    model = ScriptedLanguage(["a", "b", "c"])
    conducted = Conducted(model, ModelSettings(context=4_000))

    for length in (300, 6_000, 60_000):
        await anext(conducted.stream(Prompt("", [Message("user", "x" * length)], max_tokens=3_500)))

    free, fitted, least = (prompt.max_tokens for prompt in model.asked)
    assert free == 3_500
    assert 1_900 < fitted < 2_000  # three characters a token, and who says it
    assert least == 500


async def test_an_answer_without_end_is_left(opened, heard, monkeypatch):
    monkeypatch.setattr(sound, "_LONGEST", 10)
    async with opened() as house:
        house.sends(*(house.format.text("123456") for _ in range(3)), asyncio.Event())

        came, error = await house.fails()
        await house.wire.requests[0].gone.wait()

    assert came == [Delta("123456")]
    assert isinstance(error, ModelOutputInvalid)
    assert (heard.calls[0].estimated, heard.calls[0].usage.written) == (True, 2)


async def test_what_a_server_gave_up_is_not_the_whole_answer(opened, heard):
    async with opened() as house:
        house.sends(chunk(delta={"content": "SELECT"}), chunk(finish_reason="abort"), b"data: [DONE]\n\n")

        assert isinstance((await house.fails())[1], ModelUnavailable)


async def test_who_can_not_be_reached_costs_nothing_whatever_its_price(opened, heard):
    async with opened(retries=0) as house:
        house.wire.plays(house.format.problem(500, "Oops."))
        await house.fails()

    assert heard.calls[0].cost == 0.0
