"""What is read of answers by OpenAI and servers like it, beyond what every provider's answers have in common."""

import json
from typing import Any

import pytest
from pydantic import BaseModel

from core.errors import ModelRefused, ModelRejected, ModelUnavailable
from core.models.language import Delta, Finish, Form, Message, Prompt, Stop, Thought, ToolCall, Usage
from core.models.structured import fill
from tests.models.wire.house import text
from tests.models.wire.openai_chat import ChatFormat
from tests.models.wire.openai_responses import ResponsesFormat
from tests.models.wire.server import answer

chat = pytest.mark.parametrize("house", [ChatFormat], indirect=True, ids=["chat"])
responses = pytest.mark.parametrize("house", [ResponsesFormat], indirect=True, ids=["responses"])
both = pytest.mark.parametrize("house", [ChatFormat, ResponsesFormat], indirect=True, ids=["chat", "responses"])


class Answer(BaseModel):
    sql: str
    explanation: str


BY_TOOL = Prompt("", [Message("user", "?")], form=Answer, held=Form.TOOL)
DONE = b"data: [DONE]\n\n"


def said(**chunk: Any) -> bytes:
    """Return a chunk as servers write it that only resemble OpenAI's."""
    return b"data: %b\n\n" % json.dumps(chunk).encode()


def delta(reason: str | None = None, **fields: Any) -> bytes:
    return said(choices=[{"delta": fields, "finish_reason": reason}])


@both
async def test_a_forms_tool_gives_the_forms_json_piece_by_piece_and_no_call(house):
    call = house.format.call("c1", "Answer", ['{"sql": "SEL', 'ECT 1", "explanation"', ': "One."}'])
    house.sends(*call)

    *pieces, finish = await house.read(BY_TOOL)

    assert pieces == [Delta('{"sql": "SEL'), Delta('ECT 1", "explanation"'), Delta(': "One."}')]
    assert (finish.stop, list(finish.calls)) == (Stop.DONE, [])


@both
async def test_only_the_first_call_of_a_forms_tool_fills_it_in(house):
    other = house.format.tool(1, "c0", "look", ["{}"])
    first = house.format.tool(2, "c1", "Answer", ['{"sql": ', '"a"}'])
    again = house.format.tool(3, "c2", "Answer", ['{"sql": ', '"b"}'])
    house.sends(*other, *first, *again, *house.format.end())

    pieces = await house.read(BY_TOOL)

    assert text(pieces) == '{"sql": "a"}'
    assert list(pieces[-1].calls) == [ToolCall("c0", "look", "{}")]


@both
async def test_a_form_is_filled_in_over_the_wire(house):
    house.answers('{"sql": "SEL', 'ECT 1"', ', "explanation": "On', 'e."}')

    *growths, value = [each async for each in fill(house.model, Prompt("", [Message("user", "?")]), Answer)]

    assert value == Answer(sql="SELECT 1", explanation="One.")
    assert [(growth.field, growth.text) for growth in growths] == [
        ("sql", "SEL"),
        ("sql", "ECT 1"),
        ("explanation", "On"),
        ("explanation", "e."),
    ]


@both
async def test_what_a_model_thinks_aloud_is_told_apart_from_what_it_says(house):
    thoughts = [house.format.thought("Hm"), house.format.thought("…")]
    house.sends(*thoughts, house.format.text("a"), *house.format.end())

    assert (await house.read())[:-1] == [Thought("Hm"), Thought("…"), Delta("a")]


@both
async def test_an_answer_that_a_filter_stopped_says_so(house):
    house.answers("a", stop=Stop.FILTER)

    assert (await house.read())[-1].stop == Stop.FILTER


@both
async def test_several_calls_are_told_apart(house):
    tools = [*house.format.tool(1, "c1", "look", ['{"a":', "1}"]), *house.format.tool(2, "c2", "look", ["{}"])]
    house.sends(*tools, *house.format.end())

    finish = (await house.read())[-1]

    assert (finish.stop, list(finish.calls)) == (
        Stop.TOOLS,
        [ToolCall("c1", "look", '{"a":1}'), ToolCall("c2", "look", "{}")],
    )


@responses
async def test_an_answer_that_failed_or_stopped_for_no_known_reason_is_no_answer(house):
    error = {"code": "server_error", "message": "It broke."}
    for event in (
        {"type": "response.failed", "response": {"status": "failed", "error": error}},
        {"type": "response.cancelled", "response": {}},
        {"type": "response.incomplete", "response": {"incomplete_details": {"reason": "steered"}}},
        {"type": "response.incomplete", "response": {"incomplete_details": None}},
    ):
        house.sends(house.format.text("a"), said(**event))

        came, failure = await house.fails()

        assert (text(came), type(failure)) == ("a", ModelUnavailable)
        assert not any(isinstance(piece, Finish) for piece in came)


@responses
async def test_events_of_wrong_shape_are_no_answer(house):
    for event in (
        {"type": "response.output_text.delta", "delta": 5},
        {"type": "response.output_text.delta"},
        {"type": "response.output_item.done", "item": {"type": "function_call", "name": None}},
        {"type": "response.completed", "response": "yes"},
        {"no": "type"},
    ):
        house.sends(said(**event))

        assert isinstance((await house.fails())[1], ModelUnavailable)


@chat
@pytest.mark.parametrize(
    "data", ["null", "5", "[]", '"text"', '{"choices": 5}', '{"choices": [{"delta": {"content": {}}}]}', "[" * 100_000]
)
async def test_chunks_of_wrong_shape_are_no_answer(house, data):
    house.sends(b"data: %b\n\n" % data.encode(), *house.format.end())

    assert isinstance((await house.fails())[1], ModelUnavailable)


@chat
async def test_a_server_that_breaks_down_behind_a_router_is_no_answer(house):
    house.wire.plays([house.format.head, delta(content="a"), delta("error"), DONE])

    came, failure = await house.fails()

    assert (text(came), type(failure)) == ("a", ModelUnavailable)


@chat
async def test_servers_that_only_resemble_openai_are_understood(house):
    house.wire.plays(
        [
            house.format.head,
            b": a comment to keep the connection\n\n",
            said(choices=None, usage=None),
            said(choices=[{"delta": None}], model=None, x_groq={"id": 1}),
            delta(reasoning="Hm", content=None, role="assistant"),
            delta(reasoning="…", reasoning_content="…", content="a"),
            delta("stop", content="b"),
            said(choices=[], usage={"prompt_tokens": 3, "completion_tokens": 2, "prompt_tokens_details": None}),
            DONE,
        ]
    )

    *pieces, finish = await house.read()

    assert pieces == [Thought("Hm"), Thought("…"), Delta("a"), Delta("b")]
    assert finish == Finish(Stop.DONE, [], Usage(3, 2), "", "stop")


@chat
async def test_a_server_that_tells_no_usage_is_not_made_to(house):
    house.wire.plays([house.format.head, delta("stop", content="a"), DONE])

    assert (await house.read())[-1].usage is None


@chat
async def test_calls_that_all_have_number_0_are_told_apart_by_their_ids(house):
    def call(call_id: str, arguments: str) -> dict[str, Any]:
        return {"index": 0, "id": call_id, "function": {"name": "look", "arguments": arguments}}

    parts = [delta(tool_calls=[call("c1", '{"a":')]), delta(tool_calls=[call("c1", "1}"), call("c2", "{}")])]
    house.wire.plays([house.format.head, *parts, delta("stop"), DONE])

    finish = (await house.read())[-1]

    assert finish.stop == Stop.TOOLS
    assert list(finish.calls) == [ToolCall("c1", "look", '{"a":1}'), ToolCall("c2", "look", "{}")]


@chat
async def test_calls_that_come_alternately_are_put_together(house):
    part = house.format.part
    parts = [
        part(0, "", "c1", "look"),
        part(1, "", "c2", "look"),
        part(0, "[1"),
        part(1, "[2"),
        part(0, "]"),
        part(1, "]"),
    ]
    house.wire.plays([house.format.head, *parts, *house.format.end(Stop.TOOLS)])

    assert [call.arguments for call in (await house.read())[-1].calls] == ["[1]", "[2]"]


@both
@pytest.mark.parametrize(
    ("code", "kind"),
    [("context_length_exceeded", ModelRejected), ("content_filter", ModelRefused), ("server_error", ModelUnavailable)],
)
async def test_errors_within_an_answer_mean_what_their_code_says(house, code, kind):
    house.sends(said(error={"code": code, "message": "No."}))

    failure = (await house.fails())[1]

    assert type(failure) is kind
    assert "No." in failure.message


@both
@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (404, {"error": {"message": "The model 'x' does not exist"}}, ModelRejected, "The model 'x' does not exist."),
        (404, {"error": "model “x” not found"}, ModelRejected, "model “x” not found."),  # Ollama
        (400, {"object": "error", "message": "too long"}, ModelRejected, "too long."),  # vLLM
        (422, {"detail": [{"loc": ["body"]}]}, ModelRejected, "It answered 422."),  # FastAPI
        (402, {"error": {"message": "no credits", "code": 402}}, ModelRejected, "no credits."),  # OpenRouter
        (503, {"error": {"message": "Loading model", "code": 503}}, ModelUnavailable, "Loading model."),  # llama.cpp
        (429, {"error": {"message": "Pay.", "code": "insufficient_quota"}}, ModelRejected, "Pay. Look at your account"),
        (400, {"error": {"message": "Flagged.", "code": "content_filter"}}, ModelRefused, "Flagged."),
        (429, {"error": {"message": "Slower.", "code": "rate_limit_exceeded"}}, ModelUnavailable, "Slower."),
        (502, "<html><body>Bad gateway</body></html>", ModelUnavailable, "(502)"),
        (500, {"error": {"message": "a sk-abcdefgh12345 b"}}, ModelUnavailable, "a … b."),
        (500, {"error": {"message": "x" * 5_000}}, ModelUnavailable, "x" * 299),
    ],
)
async def test_a_servers_words_are_told_in_short(house, status, body, kind, words):
    house.wire.plays(answer(status, body))

    failure = (await house.fails())[1]

    assert type(failure) is kind
    assert words in failure.message
    assert len(failure.message) < 500
    assert "<" not in failure.message
    assert "  " not in failure.message


@both
async def test_a_key_that_is_not_accepted_is_named_by_its_variable(house):
    house.wire.plays(answer(401, {"error": {"message": "Incorrect API key provided: a-key-***-see."}}))

    failure = (await house.fails())[1]

    assert isinstance(failure, ModelRejected)
    assert "OPENAI_API_KEY" in failure.message
    assert "***" not in failure.message
