"""Chat Completions, the API that every compatible server speaks: a prompt as its request."""

from collections.abc import Mapping
from typing import Any

from openai import AsyncOpenAI
from pydantic import BaseModel

from core.models.language import Form, Message, Prompt
from core.models.openai.api import Sending, form_tool
from core.models.openai.chunks import Chunks
from core.models.openai.strict import shape


class Chat:
    """Speaks Chat Completions."""

    def request(self, prompt: Prompt) -> dict[str, Any]:
        asked: dict[str, Any] = {
            "messages": [*_system(prompt.system), *map(_message, prompt.messages)],
            "max_tokens": prompt.max_tokens,
            "stream_options": {"include_usage": True},
            **_form(prompt),
        }
        return asked if prompt.temperature is None else {**asked, "temperature": prompt.temperature}

    def send(self, client: AsyncOpenAI, model: str, asked: Mapping[str, Any], **how: Any) -> Sending:
        return client.chat.completions.with_streaming_response.create(model=model, stream=True, **asked, **how)

    def reading(self, prompt: Prompt) -> Chunks:
        return Chunks(form_tool(prompt))


def _system(text: str) -> list[dict[str, Any]]:
    return [{"role": "system", "content": text}] if text else []


def _message(message: Message) -> dict[str, Any]:
    if message.role == "tool":
        return {"role": "tool", "tool_call_id": message.call_id, "content": message.text}
    if not message.calls:
        return {"role": message.role, "content": message.text}
    calls = [
        {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
        for call in message.calls
    ]
    return {"role": message.role, "content": message.text or None, "tool_calls": calls}


def _form(prompt: Prompt) -> dict[str, Any]:
    asked: dict[str, Any] = {}
    tools = [_tool(tool.name, tool.description, tool.parameters) for tool in prompt.tools]
    if prompt.form and prompt.held is Form.SCHEMA:
        form = shape(prompt.form)
        schema = {"name": form.name, "schema": form.schema, "strict": form.strict}
        asked["response_format"] = {"type": "json_schema", "json_schema": schema}
    elif prompt.form and prompt.held is Form.TOOL:
        tools.append(_tool(form_tool(prompt), "Gives the answer.", prompt.form))
        # By name would say the same and is understood by fewer servers.
        asked["tool_choice"] = "required"
    elif prompt.form and prompt.held is Form.JSON:
        asked["response_format"] = {"type": "json_object"}
    return {**asked, "tools": tools} if tools else asked


def _tool(name: str, description: str, parameters: type[BaseModel]) -> dict[str, Any]:
    form = shape(parameters)
    function = {"name": name, "description": description, "parameters": form.schema, "strict": form.strict}
    return {"type": "function", "function": function}
