"""From a Prompt to what the Messages API is asked: turns of content blocks, tools, form, what its cache may keep."""

import json
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from anthropic import transform_schema
from pydantic import BaseModel

from core.models.language import Form, Message, Prompt, Tool

ANSWER = "give_answer"
"""The tool that a model must call when it is held to a form by a tool."""

# A prompt's beginning costs a quarter more when the vendor's cache takes it in and a tenth when it is read from there.
# Below 1,024 tokens nothing is cached.
_CACHED = {"type": "ephemeral"}
_WORTH_CACHING = 4_000  # characters


def asked(prompt: Prompt, *, new: bool) -> dict[str, Any]:
    """Return the parameters of `messages.create` for *prompt*; without the API's newer parts unless *new*.

    There is no temperature: the API of today has none, and current models turn down requests that bring one.
    """
    parameters: dict[str, Any] = {"max_tokens": prompt.max_tokens, "messages": _turns(prompt.messages)}
    tools = list(prompt.tools)
    if prompt.system:
        parameters["system"] = [{"type": "text", "text": prompt.system}]
    schema = _strict(prompt.form) if prompt.form and prompt.held is Form.SCHEMA and new else None
    if schema:
        parameters["output_config"] = {"format": {"type": "json_schema", "schema": schema}}
    elif prompt.form and prompt.held in {Form.SCHEMA, Form.TOOL}:
        parameters["tool_choice"] = _must_call(others=bool(tools))
        tools.append(Tool(ANSWER, prompt.form.__doc__ or "Give the answer.", prompt.form))
    if tools:
        parameters["tools"] = [_tool(tool, new) for tool in tools]
    if new and len(prompt.system) >= _WORTH_CACHING:
        parameters["system"][0]["cache_control"] = _CACHED
    if new and prompt.tools and parameters["messages"]:  # tools make for many turns, each of them the next one's prompt
        parameters["messages"][-1]["content"][-1]["cache_control"] = _CACHED
    return parameters


def _must_call(*, others: bool) -> dict[str, Any]:
    # With other tools on offer it may call those first; in the end it has to answer.
    return {"type": "any"} if others else {"type": "tool", "name": ANSWER, "disable_parallel_tool_use": True}


def _tool(tool: Tool, new: bool) -> dict[str, Any]:
    written = {"name": tool.name, "description": tool.description, "input_schema": _schema(tool.parameters)}
    # Else the arguments are held back until each is complete.
    return {**written, "eager_input_streaming": True} if new else written


@lru_cache(256)
def _schema(form: type[BaseModel]) -> dict[str, Any]:
    return form.model_json_schema()


@lru_cache(256)
def _strict(form: type[BaseModel]) -> dict[str, Any] | None:
    """Return *form* as structured outputs take it; None when they can't say it: anything at all, names not known."""
    try:
        return None if _open(_schema(form)) else transform_schema(form)
    except ValueError:
        return None


def _open(schema: Any) -> bool:
    parts = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ()
    named = not isinstance(schema, dict) or not schema.get("additionalProperties")
    return not named or any(map(_open, parts))


def _turns(messages: Iterable[Message]) -> list[dict[str, Any]]:
    """Return turns of user and assistant in alternation; the results of several calls share one turn of the user."""
    turns: list[dict[str, Any]] = []
    for message in messages:
        role = "assistant" if message.role == "assistant" else "user"
        blocks = _blocks(message)
        if turns and turns[-1]["role"] == role:
            turns[-1]["content"] += blocks
        elif blocks:
            turns.append({"role": role, "content": blocks})
    return turns


def _blocks(message: Message) -> list[dict[str, Any]]:
    if message.role == "tool":
        return [{"type": "tool_result", "tool_use_id": message.call_id, "content": message.text}]
    # Blocks of nothing but blanks are turned down.
    text = [{"type": "text", "text": message.text}] if message.text.strip() else []
    return text + [
        {"type": "tool_use", "id": call.id, "name": call.name, "input": _input(call.arguments)}
        for call in message.calls
    ]


def _input(arguments: str) -> dict[str, Any]:
    """Return the arguments as an object; what is none goes back in the wrapping that the vendor names for that."""
    try:
        value = json.loads(arguments or "{}")
    except ValueError:
        value = None
    return value if isinstance(value, dict) else {"INVALID_JSON": arguments}
