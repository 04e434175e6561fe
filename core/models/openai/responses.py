"""The Responses API, OpenAI's own: a prompt as its request. Nothing is stored there; each request says all."""

from collections.abc import Iterator, Mapping
from typing import Any

from openai import AsyncOpenAI
from pydantic import BaseModel

from core.models.language import Form, Message, Prompt
from core.models.openai.api import Sending, form_tool
from core.models.openai.response_events import ResponseEvents
from core.models.openai.strict import shape

_LEAST = 16  # tokens; fewer are turned down


class Responses:
    """Speaks the Responses API."""

    def request(self, prompt: Prompt) -> dict[str, Any]:
        asked: dict[str, Any] = {
            "input": [item for message in prompt.messages for item in _items(message)],
            "max_output_tokens": max(_LEAST, prompt.max_tokens),
            "store": False,
            **_form(prompt),
        }
        if prompt.system:
            asked["instructions"] = prompt.system
        return asked if prompt.temperature is None else {**asked, "temperature": prompt.temperature}

    def send(self, client: AsyncOpenAI, model: str, asked: Mapping[str, Any], **how: Any) -> Sending:
        return client.responses.with_streaming_response.create(model=model, stream=True, **asked, **how)

    def reading(self, prompt: Prompt) -> ResponseEvents:
        return ResponseEvents(form_tool(prompt))


def _items(message: Message) -> Iterator[dict[str, Any]]:
    if message.role == "tool":
        yield {"type": "function_call_output", "call_id": message.call_id, "output": message.text}
        return
    if message.text:
        yield {"role": message.role, "content": message.text}
    for call in message.calls:
        yield {"type": "function_call", "call_id": call.id, "name": call.name, "arguments": call.arguments}


def _form(prompt: Prompt) -> dict[str, Any]:
    asked: dict[str, Any] = {}
    tools = [_tool(tool.name, tool.description, tool.parameters) for tool in prompt.tools]
    if prompt.form and prompt.held is Form.SCHEMA:
        form = shape(prompt.form)
        schema = {"type": "json_schema", "name": form.name, "schema": form.schema, "strict": form.strict}
        asked["text"] = {"format": schema}
    elif prompt.form and prompt.held is Form.TOOL:
        tools.append(_tool(form_tool(prompt), "Gives the answer.", prompt.form))
        asked["tool_choice"] = "required"
    elif prompt.form and prompt.held is Form.JSON:
        asked["text"] = {"format": {"type": "json_object"}}
    return {**asked, "tools": tools} if tools else asked


def _tool(name: str, description: str, parameters: type[BaseModel]) -> dict[str, Any]:
    form = shape(parameters)
    return {
        "type": "function",
        "name": name,
        "description": description,
        "parameters": form.schema,
        "strict": form.strict,
    }
