"""What is Anthropic's alone: thoughts, forced tools, its reasons to stop, its errors, its keys."""

import json

import pytest
from anthropic.types import TextBlock, ToolUseBlock
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from core.errors import ModelRejected, ModelUnavailable
from core.models.anthropic import Anthropic
from core.models.anthropic.request import ANSWER
from core.models.language import Delta, Form, Message, Prompt, Stop, Thought, Tool, ToolCall, Usage
from core.settings import ModelSettings
from tests.models.wire.anthropic import AnthropicFormat
from tests.models.wire.format import KEY
from tests.models.wire.house import PROMPT, House, text

pytestmark = pytest.mark.parametrize("house", [AnthropicFormat], indirect=True, ids=["anthropic"])


class Query(BaseModel):
    """Run a query."""

    sql: str


HELD_BY_TOOL = Prompt("", [Message("user", "?")], form=Query, held=Form.TOOL)
HELD_BY_SCHEMA = Prompt("", [Message("user", "?")], form=Query)


async def test_it_is_asked_over_the_messages_api_with_the_key(house):
    house.answers("a")
    await house.read()

    [request] = house.wire.requests
    assert (request.method, request.path) == ("POST", "/v1/messages")
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert (request.json["model"], request.json["stream"]) == (house.model.name, True)
    assert request.json["system"] == [{"type": "text", "text": "You write SQL."}]
    assert "temperature" not in request.json


async def test_thoughts_are_told_apart_from_the_answer(house):
    house.sends(*house.format.thoughts(1, "Hm, ", "orders."), house.format.text("SELECT"), *house.format.end())

    assert (await house.read())[:-1] == [Thought("Hm, "), Thought("orders."), Delta("SELECT")]


async def test_a_form_held_by_a_tool_grows_as_text_and_is_no_call(house):
    house.sends(*house.format.call("a", ANSWER, ['{"sql": "SEL', "ECT", ' 1"}']))

    *pieces, finish = await house.read(HELD_BY_TOOL)

    assert pieces == [Delta('{"sql": "SEL'), Delta("ECT"), Delta(' 1"}')]
    assert (finish.stop, finish.calls) == (Stop.DONE, [])


async def test_an_answer_that_ends_for_no_reason_was_cut(house):
    house.sends(house.format.text("SELECT"), house.format.ended("end_turn")[-1])

    came, error = await house.fails()

    assert came == [Delta("SELECT")]
    assert isinstance(error, ModelUnavailable)


async def test_another_tool_called_before_the_form_is_filled_in_is_a_call(house):
    run = Tool("run_query", "Run a query.", Query)
    house.sends(*house.format.call("a", "run_query", ['{"sql": "SELECT 1"}']))

    pieces = await house.read(Prompt("", [Message("user", "?")], form=Query, held=Form.TOOL, tools=[run]))

    assert text(pieces) == ""
    assert (pieces[-1].stop, [call.name for call in pieces[-1].calls]) == (Stop.TOOLS, ["run_query"])


async def test_several_calls_keep_their_order_and_one_without_arguments_has_none(house):
    calls = [*house.format.tool(2, "b", "second", ['{"n"', ": 2}"]), *house.format.tool(1, "a", "first", [])]
    house.sends(house.format.stopped(0), *calls, *house.format.ended("tool_use"))

    assert list((await house.read())[-1].calls) == [ToolCall("a", "first", "{}"), ToolCall("b", "second", '{"n": 2}')]


@pytest.mark.parametrize("name", [ANSWER, "run_query"])
async def test_arguments_that_a_server_gives_whole_at_once_are_taken_too(house, name):
    block = ToolUseBlock(type="tool_use", id="a", name=name, input={"sql": "SELECT 1"})
    house.sends(house.format.block(1, block), house.format.stopped(1), *house.format.ended("tool_use"))

    pieces = await house.read(HELD_BY_TOOL)

    written = text(pieces) if name == ANSWER else pieces[-1].calls[0].arguments
    assert json.loads(written) == {"sql": "SELECT 1"}


async def test_text_that_comes_with_the_beginning_of_its_block_is_text(house):
    house.sends(house.format.block(1, TextBlock(type="text", text="SELECT")), *house.format.end())

    assert text(await house.read()) == "SELECT"


@pytest.mark.parametrize(
    ("reason", "stop"),
    [
        ("end_turn", Stop.DONE),
        ("stop_sequence", Stop.DONE),
        ("max_tokens", Stop.LENGTH),
        ("model_context_window_exceeded", Stop.LENGTH),
        ("pause_turn", Stop.LENGTH),
        ("refusal", Stop.REFUSAL),
    ],
)
async def test_each_reason_to_stop_says_whether_the_answer_is_whole(house, reason, stop):
    house.sends(house.format.text("a"), house.format.stopped(0), *house.format.ended(reason))

    finish = (await house.read())[-1]

    assert (finish.stop, finish.reason) == (stop, reason)
    assert bool(finish.refusal) is (stop is Stop.REFUSAL)  # also when the vendor has no words for it


async def test_what_goes_into_the_cache_is_counted_apart(house):
    house.answers("a")

    assert (await house.read())[-1].usage == Usage(read=100, written=7, cached=60, stored=10)


async def test_a_server_that_turns_down_structured_outputs_gets_a_tool_from_then_on(house):
    no = "output_config: Extra inputs are not permitted"
    filled_in = [house.format.head, *house.format.start(), *house.format.call("a", ANSWER, ['{"sql": "1"}'])]
    house.wire.plays(house.format.problem(400, no), filled_in, filled_in)

    assert [text(await house.read(HELD_BY_SCHEMA)) for _ in range(2)] == ['{"sql": "1"}'] * 2

    assert ["output_config" in request.json for request in house.wire.requests] == [True, False, False]
    assert house.model.forms[0] is Form.TOOL


async def test_what_is_wrong_in_itself_is_not_asked_in_another_way(house):
    house.wire.plays(house.format.problem(400, "prompt is too long: 210000 tokens > 200000 maximum"))

    _, error = await house.fails(HELD_BY_SCHEMA)

    assert "prompt is too long: 210000 tokens > 200000 maximum" in error.message
    assert len(house.wire.requests) == 1


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (401, "Check ANTHROPIC_API_KEY."),
        (402, "Check the account."),
        (403, "does not let you use claude-sonnet-5: no. Check ANTHROPIC_API_KEY."),
        (404, "has no model “claude-sonnet-5”: no. Check its name"),
        (413, "too long"),
        (418, "turned down"),
    ],
)
async def test_an_error_says_what_to_do(house, status, told):
    house.wire.plays(house.format.problem(status, "no"))

    _, error = await house.fails()

    assert isinstance(error, ModelRejected)
    assert told in error.message


async def test_a_limit_that_the_vendor_says_will_not_pass_is_not_tried_again(house):
    house.wire.plays(house.format.problem(429, "The spend limit is reached", x_should_retry="false"))

    _, error = await house.fails()

    assert (type(error), "The spend limit is reached" in error.message) == (ModelRejected, True)


@pytest.mark.parametrize(
    ("kind", "ours"),
    [
        ("overloaded_error", ModelUnavailable),
        ("api_error", ModelUnavailable),
        ("something_new", ModelUnavailable),
        ("invalid_request_error", ModelRejected),
        ("authentication_error", ModelRejected),
    ],
)
async def test_an_error_in_the_middle_of_an_answer_is_what_its_type_says(house, kind, ours):
    error = json.dumps({"type": "error", "error": {"type": kind, "message": f"no {KEY}"}})
    house.sends(house.format.text("a"), house.format.framed("error", error.encode()))

    came, error = await house.fails()

    assert (text(came), type(error)) == ("a", ours)


async def test_without_a_key_nothing_is_asked_and_the_variable_is_named(house, monkeypatch, tmp_path):
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    monkeypatch.setenv("HOME", str(tmp_path))

    _, error = await House(house.format, house.wire, Anthropic("claude-sonnet-5")).fails()

    assert (type(error), "set ANTHROPIC_API_KEY" in error.message) == (ModelRejected, True)
    assert not house.wire.requests


async def test_credentials_in_files_that_are_not_there_are_missed_by_name(house, monkeypatch, tmp_path):
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    monkeypatch.setenv("ANTHROPIC_CONFIG_DIR", str(tmp_path))

    _, error = await House(house.format, house.wire, Anthropic("claude-sonnet-5")).fails()

    assert (type(error), "ANTHROPIC_CONFIG_DIR" in error.message) == (ModelRejected, True)


async def test_another_server_gets_its_own_key_or_none_but_not_anthropics(house, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "https://api.anthropic.com")
    monkeypatch.setenv("THEIR_KEY", "their-own-key")
    for key_variable, sent in (("THEIR_KEY", "Bearer their-own-key"), ("", "Bearer none")):
        model = Anthropic("qwen", ModelSettings(base_url=house.wire.url, key_variable=key_variable))
        there = House(house.format, house.wire, model)
        there.answers("a")
        await there.read()
        assert house.wire.requests[-1].headers["authorization"] == sent
        await model.close()


async def test_a_key_that_is_not_where_the_settings_say_is_missed_by_name(house):
    model = Anthropic("qwen", ModelSettings(base_url=house.wire.url, key_variable="THEIR_KEY"))

    _, error = await House(house.format, house.wire, model).fails()

    assert "THEIR_KEY" in error.message


names = st.sampled_from(["type", "index", "delta", "content_block", "message", "usage", "text", "model", "stop_reason"])
kinds = st.sampled_from(["message_start", "message_delta", "content_block_start", "content_block_delta", "text_delta"])
anything = st.recursive(
    st.none() | st.integers() | st.text(max_size=3) | kinds,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(names, inner, max_size=5),
    max_leaves=10,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(kinds, anything), max_size=5))
async def test_events_of_any_shape_break_nothing(house, events):
    said = [house.format.framed(kind, json.dumps(event).encode()) for kind, event in events]
    house.sends(*said, house.format.text("whole"), *house.format.end())

    pieces = await house.read(PROMPT)

    assert text(pieces).endswith("whole")
