"""How a prompt is put to Anthropic's Messages API."""

from typing import Any

from pydantic import BaseModel

from core.models.anthropic.request import asked
from core.models.language import Form, Message, Prompt, Tool, ToolCall

QUESTION = Message("user", "How many orders?")
LONG = "CREATE TABLE orders (id int);\n" * 200


class Query(BaseModel):
    """Run a query."""

    sql: str
    limit: int = 10


class Loose(BaseModel):
    """Figures by names that are not known before."""

    figures: dict[str, float]


RUN = Tool("run_query", "Run a query.", Query)


def turns(*messages: Message) -> Any:
    return asked(Prompt("", messages), new=True)["messages"]


def test_a_question_is_one_turn_of_text():
    assert turns(QUESTION) == [{"role": "user", "content": [{"type": "text", "text": "How many orders?"}]}]


def test_calls_and_their_results_become_blocks_and_several_results_share_one_turn():
    calls = [ToolCall("a", "run_query", '{"sql": "SELECT 1"}'), ToolCall("b", "get_schema", "")]
    asking, results, then = turns(
        QUESTION,
        Message("assistant", "Let me see.", calls=calls),
        Message("tool", "1", call_id="a"),
        Message("tool", "", call_id="b"),
        Message("user", "Be brief."),
    )[0:3]

    assert asking["role"] == "user"
    assert results == {
        "role": "assistant",
        "content": [
            {"type": "text", "text": "Let me see."},
            {"type": "tool_use", "id": "a", "name": "run_query", "input": {"sql": "SELECT 1"}},
            {"type": "tool_use", "id": "b", "name": "get_schema", "input": {}},
        ],
    }
    assert then == {
        "role": "user",
        "content": [
            {"type": "tool_result", "tool_use_id": "a", "content": "1"},
            {"type": "tool_result", "tool_use_id": "b", "content": ""},
            {"type": "text", "text": "Be brief."},
        ],
    }


def test_arguments_that_are_no_object_go_back_as_the_vendor_wants_them_wrapped():
    said = [ToolCall("a", "run_query", '{"sql": "SEL'), ToolCall("b", "run_query", "[1]")]

    blocks = turns(QUESTION, Message("assistant", "", calls=said))[1]["content"]

    assert [block["input"] for block in blocks] == [{"INVALID_JSON": '{"sql": "SEL'}, {"INVALID_JSON": "[1]"}]


def test_turns_of_nothing_are_not_sent_because_the_vendor_turns_them_down():
    assert [turn["role"] for turn in turns(QUESTION, Message("assistant", " \n"), QUESTION)] == ["user"]


def test_a_long_system_prompt_is_for_the_vendors_cache_and_a_short_one_is_not():
    def marked(system: str) -> bool:
        return "cache_control" in asked(Prompt(system, [QUESTION]), new=True)["system"][0]

    assert (marked(LONG), marked("You write SQL.")) == (True, False)


def test_in_a_conversation_with_tools_the_turns_so_far_are_for_the_cache_too():
    with_tools = asked(Prompt("", [QUESTION], tools=[RUN]), new=True)

    assert with_tools["messages"][-1]["content"][-1]["cache_control"] == {"type": "ephemeral"}
    assert "cache_control" not in str(turns(QUESTION))


def test_a_form_is_held_by_structured_outputs_in_the_words_that_they_know():
    parameters = asked(Prompt("", [QUESTION], form=Query), new=True)

    assert "tools" not in parameters
    form = parameters["output_config"]["format"]
    assert (form["type"], form["schema"]["additionalProperties"], [*form["schema"]["properties"]]) == (
        "json_schema",
        False,
        ["sql", "limit"],
    )


def test_a_form_that_structured_outputs_cannot_say_is_held_by_a_tool():
    parameters = asked(Prompt("", [QUESTION], form=Loose), new=True)

    assert "output_config" not in parameters
    assert parameters["tools"][0]["input_schema"]["properties"]["figures"]["additionalProperties"]


def test_a_form_held_by_a_tool_must_be_filled_in_and_streams_as_it_is_written():
    parameters = asked(Prompt("", [QUESTION], form=Query, held=Form.TOOL), new=True)

    [tool] = parameters["tools"]
    assert parameters["tool_choice"] == {"type": "tool", "name": tool["name"], "disable_parallel_tool_use": True}
    assert tool["eager_input_streaming"] is True
    assert tool["input_schema"]["required"] == ["sql"]


def test_with_other_tools_on_offer_those_may_be_called_before_the_form_is_filled_in():
    parameters = asked(Prompt("", [QUESTION], form=Query, held=Form.TOOL, tools=[RUN]), new=True)

    assert parameters["tool_choice"] == {"type": "any"}
    assert len(parameters["tools"]) == 2


def test_tools_alone_are_free_to_be_called_or_not():
    parameters = asked(Prompt("", [QUESTION], tools=[RUN]), new=True)

    assert "tool_choice" not in parameters
    assert (parameters["tools"][0]["name"], parameters["tools"][0]["description"]) == ("run_query", "Run a query.")


def test_a_form_only_asked_for_in_words_holds_nothing():
    assert {*asked(Prompt("", [QUESTION], form=Query, held=Form.TEXT), new=True)} == {"max_tokens", "messages"}


def test_what_does_not_know_todays_api_gets_none_of_its_newer_parts():
    parameters = asked(Prompt(LONG, [QUESTION], form=Query, tools=[RUN]), new=False)

    assert not [part for part in ("output_config", "cache_control", "eager") if part in str(parameters)]
    assert parameters["tool_choice"] == {"type": "any"}


def test_asking_twice_asks_the_same():
    prompt = Prompt(LONG, [QUESTION], form=Query, tools=[RUN])

    assert asked(prompt, new=True) == asked(prompt, new=True)
