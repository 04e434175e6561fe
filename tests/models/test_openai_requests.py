"""What OpenAI and servers like it are sent: where, with which key, in which words."""

import asyncio
from typing import Any

import pytest
from pydantic import BaseModel

from core.errors import ModelRejected
from core.models.language import Form, Message, Prompt, Tool, ToolCall
from core.models.openai import OpenAI
from core.settings import ModelSettings
from tests.models.wire.format import KEY, Format
from tests.models.wire.house import House, text
from tests.models.wire.openai_chat import MODEL, ChatFormat
from tests.models.wire.openai_responses import ResponsesFormat
from tests.servers import until

chat = pytest.mark.parametrize("house", [ChatFormat], indirect=True, ids=["chat"])
responses = pytest.mark.parametrize("house", [ResponsesFormat], indirect=True, ids=["responses"])
both = pytest.mark.parametrize("house", [ChatFormat, ResponsesFormat], indirect=True, ids=["chat", "responses"])


class Answer(BaseModel):
    sql: str
    notes: list[str] = []


STRICT = {
    "type": "object",
    "properties": {"sql": {"type": "string"}, "notes": {"type": "array", "items": {"type": "string"}}},
    "required": ["sql", "notes"],
    "additionalProperties": False,
}
LOOK = Tool("look", "Looks.", Answer)
TALK = Prompt(
    "You write SQL.",
    [
        Message("user", "How many?"),
        Message("assistant", "Let me see.", [ToolCall("c1", "look", '{"sql": "x"}')]),
        Message("tool", "12", call_id="c1"),
        Message("user", "Go on."),
    ],
    tools=[LOOK],
    max_tokens=500,
)


async def sent(house: House, prompt: Prompt, model: OpenAI | None = None, answered: Format | None = None) -> Any:
    """Return the body that *model*, or that of the house, sends for *prompt*."""
    asked = House(answered or house.format, house.wire, model or house.model)
    asked.answers("a")
    try:
        await asked.read(prompt)
    finally:
        if model is not None:
            await model.close()
    return house.wire.requests[-1].json


def asks(form: Form) -> Prompt:
    return Prompt("", [Message("user", "?")], form=Answer, held=form, temperature=None)


@chat
async def test_a_conversation_in_the_words_of_chat_completions(house):
    assert await sent(house, TALK) == {
        "model": MODEL,
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": 0.0,
        "max_tokens": 500,
        "messages": [
            {"role": "system", "content": "You write SQL."},
            {"role": "user", "content": "How many?"},
            {
                "role": "assistant",
                "content": "Let me see.",
                "tool_calls": [
                    {"id": "c1", "type": "function", "function": {"name": "look", "arguments": '{"sql": "x"}'}}
                ],
            },
            {"role": "tool", "tool_call_id": "c1", "content": "12"},
            {"role": "user", "content": "Go on."},
        ],
        "tools": [
            {
                "type": "function",
                "function": {"name": "look", "description": "Looks.", "parameters": STRICT, "strict": True},
            }
        ],
    }


@responses
async def test_a_conversation_in_the_words_of_the_responses_api_stores_nothing_there(house):
    assert await sent(house, TALK) == {
        "model": MODEL,
        "stream": True,
        "store": False,
        "temperature": 0.0,
        "max_output_tokens": 500,
        "instructions": "You write SQL.",
        "input": [
            {"role": "user", "content": "How many?"},
            {"role": "assistant", "content": "Let me see."},
            {"type": "function_call", "call_id": "c1", "name": "look", "arguments": '{"sql": "x"}'},
            {"type": "function_call_output", "call_id": "c1", "output": "12"},
            {"role": "user", "content": "Go on."},
        ],
        "tools": [{"type": "function", "name": "look", "description": "Looks.", "parameters": STRICT, "strict": True}],
    }


@both
async def test_a_form_is_held_by_the_vendors_strict_schema(house):
    asked = await sent(house, asks(Form.SCHEMA))

    found = asked.get("text", {}).get("format") or asked["response_format"]["json_schema"]
    assert (found["name"], found["schema"], found["strict"]) == ("Answer", STRICT, True)
    assert "temperature" not in asked


@both
async def test_a_form_is_held_by_a_tool_that_must_be_called(house):
    asked = await sent(house, asks(Form.TOOL))

    (tool,) = asked["tools"]
    function = tool.get("function", tool)
    assert (function["name"], function["parameters"], function["strict"]) == ("Answer", STRICT, True)
    assert asked["tool_choice"] == "required"


@both
async def test_a_form_is_held_by_json_mode_or_only_asked_for(house):
    asked = await sent(house, asks(Form.JSON))
    assert asked.get("text", {}).get("format") or asked["response_format"] == {"type": "json_object"}

    asked = await sent(house, asks(Form.TEXT))
    assert not {"text", "response_format", "tools"} & set(asked)


@chat
async def test_servers_of_ones_own_get_chat_completions_and_what_the_settings_say(house):
    await sent(house, TALK)
    other = ModelSettings(api="responses", base_url=f"{house.wire.url}/other")
    await sent(house, TALK, OpenAI("m", other), ResponsesFormat())

    assert [request.path for request in house.wire.requests] == ["/v1/chat/completions", "/other/responses"]


@responses
async def test_openai_itself_gets_the_responses_api_and_chat_with_its_own_words(house, monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", "http://api.openai.com/v1")
    monkeypatch.setenv("http_proxy", house.wire.url)  # which sees what would have gone there
    monkeypatch.setenv("no_proxy", "")

    await sent(house, TALK, OpenAI(MODEL))
    asked = await sent(house, TALK, OpenAI(MODEL, ModelSettings(api="chat")), ChatFormat())

    assert [request.path for request in house.wire.requests] == [
        "http://api.openai.com/v1/responses",
        "http://api.openai.com/v1/chat/completions",
    ]
    assert (asked["max_completion_tokens"], "max_tokens" in asked) == (500, False)


@chat
async def test_a_server_of_ones_own_needs_no_key_and_gets_none(house, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY")

    await sent(house, TALK, OpenAI(MODEL))

    assert "authorization" not in house.wire.requests[0].headers


@chat
async def test_the_key_goes_only_where_it_belongs(house, monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", "https://api.openai.com/v1")
    monkeypatch.setenv("OTHER_KEY", "other \n")
    elsewhere = f"{house.wire.url}/v1"

    await sent(house, TALK, OpenAI(MODEL, ModelSettings(base_url=elsewhere)))
    await sent(house, TALK, OpenAI(MODEL, ModelSettings(base_url=elsewhere, key_variable="OTHER_KEY")))

    assert [request.headers.get("authorization") for request in house.wire.requests] == [None, "Bearer other"]


async def test_openai_without_a_key_says_what_to_set(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)

    with pytest.raises(ModelRejected, match="OPENAI_API_KEY"):
        await anext(OpenAI(MODEL).stream(TALK))


@pytest.mark.parametrize("key", [f"{KEY}\nX-Other: 1", f"{KEY}é"])
async def test_a_key_that_no_header_can_carry_is_not_shown(key, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", key)

    with pytest.raises(ModelRejected, match="OPENAI_API_KEY") as caught:
        await anext(OpenAI(MODEL).stream(TALK))
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("url", ["localhost:8080", "http://", "http://[::1", "http://h:99999/v1", "http://h\n/", "ü"])
async def test_an_address_that_is_none_is_said_when_it_is_used(url):
    model = OpenAI(MODEL, ModelSettings(base_url=url))

    with pytest.raises(ModelRejected, match="base_url"):
        await anext(model.stream(TALK))
    await model.close()


@both
async def test_what_a_model_turns_down_it_is_not_sent_again(house):
    house.wire.plays(
        house.format.problem(400, "Unsupported parameter: 'temperature' is not supported with this model."),
    )
    assert "temperature" not in await sent(house, TALK)
    assert "temperature" not in await sent(house, TALK)
    assert len(house.wire.requests) == 3


@both
async def test_calls_at_once_all_learn_what_a_model_turns_down(house):
    go_on = asyncio.Event()
    turned_down = house.format.problem(400, "Unsupported parameter: 'temperature' is not supported with this model.")
    house.wire.plays([go_on, *turned_down], [go_on, *turned_down])
    house.answers("a")
    house.answers("a")
    calls = [asyncio.create_task(house.read(TALK)) for _ in range(2)]
    await until(lambda: len(house.wire.requests) == 2)
    go_on.set()

    assert [text(await call) for call in calls] == ["a", "a"]


@chat
async def test_a_server_that_names_the_limit_of_tokens_otherwise_is_asked_in_its_words(house):
    words = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
    house.wire.plays(house.format.problem(400, words))

    asked = await sent(house, TALK)

    assert (asked["max_completion_tokens"], "max_tokens" in asked) == (500, False)


@both
async def test_a_model_that_takes_no_schema_is_held_by_a_tool(house):
    words = "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model."
    house.wire.plays(house.format.problem(400, words))

    asked = await sent(house, asks(Form.SCHEMA))

    assert asked["tool_choice"] == "required"
    assert house.model.forms[0] == Form.TOOL


@both
async def test_a_model_that_turns_everything_down_is_not_asked_for_ever(house):
    for _ in range(3):
        house.wire.plays(house.format.problem(400, "Unsupported parameter: 'temperature'."))

    _, error = await house.fails(TALK)

    assert isinstance(error, ModelRejected)
    assert len(house.wire.requests) == 2
