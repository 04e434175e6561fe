"""A conversation in which the model may call tools: its calls are checked, answered by the caller, and told back."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from pydantic import BaseModel, ValidationError

from core.errors import ModelOutputInvalid
from core.models.language import Delta, Finish, LanguageModel, Message, Piece, Prompt, Tool, ToolCall
from core.models.problems import problem
from core.models.stops import ended

LAST_ANSWER = "You have one answer left: finish now."


@dataclass
class Calling:
    """A call whose *arguments* are of the tool's form. The caller puts what the model is told into *answer*."""

    call: ToolCall
    arguments: BaseModel
    answer: str = ""


@dataclass(frozen=True)
class Miscalled:
    """A call that can't be done as it stands; the model was told *problem*."""

    call: ToolCall
    problem: str


async def converse(
    model: LanguageModel, prompt: Prompt, tools: Sequence[Tool], most: int
) -> AsyncGenerator[Piece | Calling | Miscalled, None]:
    """Let *model* answer *prompt* with *tools* in at most *most* answers; yield what it says and what it calls.

    Set `answer` of a Calling before going on. The conversation is over with an answer that calls nothing, or when the
    caller leaves, for instance at a call that is meant to end it. Whatever the model streamed before an error stands
    as it is. Raises ModelOutputInvalid when the last answer still calls; ModelError.
    """
    messages = list(prompt.messages)
    for left in range(most - 1, -1, -1):
        said: list[str] = []
        finish: Finish | None = None
        async with aclosing(model.stream(replace(prompt, messages=tuple(messages), tools=tools))) as pieces:
            async for piece in pieces:
                if isinstance(piece, Finish):
                    finish = piece
                elif isinstance(piece, Delta):
                    said.append(piece.text)
                yield piece
        calls = ended(finish, model.name).calls
        if not calls:
            return
        messages.append(Message("assistant", "".join(said), calls))
        for call in calls:
            checked = _checked(call, tools)
            yield checked
            told = checked.answer if isinstance(checked, Calling) else checked.problem
            messages.append(Message("tool", told, call_id=call.id))
        if left == 1:
            messages[-1] = replace(messages[-1], text=f"{messages[-1].text}\n\n{LAST_ANSWER}")
    raise ModelOutputInvalid(
        f"The model {model.name} came to no end within {most} answers. "
        "Ask a narrower question, or choose another model."
    )


def _checked(call: ToolCall, tools: Sequence[Tool]) -> Calling | Miscalled:
    tool = next((tool for tool in tools if tool.name == call.name), None)
    if tool is None:
        there = ", ".join(tool.name for tool in tools)
        return Miscalled(call, f"Error: there is no tool “{call.name}”. There are: {there}.")
    try:
        return Calling(call, tool.parameters.model_validate_json(call.arguments.strip() or "{}"))
    except ValidationError as error:
        return Miscalled(call, f"Error: {problem(error)}. Call {call.name} again with arguments of its form.")
