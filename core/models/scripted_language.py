"""A language model that plays given answers piece by piece: for tests and demonstrations, where what is said is known.

A file of answers is a JSON object: {"language": ["a text", {"value": {...}, "key": "nl2sql"}, {"calls": [...]}, ...]}.
"""

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Iterator, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from core.errors import ModelError, ModelRejected, ModelUnavailable
from core.models.language import Delta, Finish, Form, Piece, Prompt, Stop, Thought, ToolCall, Usage

_WORD = re.compile(r"\s*\S+|\s+")
_FAILURES: dict[str, type[ModelError]] = {"unavailable": ModelUnavailable, "rejected": ModelRejected}


class ScriptedCall(BaseModel):
    """A call of a tool; arguments given as text are played as they are, valid or not."""

    model_config = ConfigDict(extra="forbid")
    name: str
    arguments: dict[str, Any] | str = {}

    def written(self, number: int) -> ToolCall:
        arguments = self.arguments if isinstance(self.arguments, str) else json.dumps(self.arguments)
        return ToolCall(f"call_{number}", self.name, arguments)


class Answer(BaseModel):
    """One answer, for the first prompt whose key begins with *key*.

    *text* comes word by word, or in exactly the deltas of a list; *value* is its JSON instead. *pause* seconds pass
    before each delta. With *fails* the answer breaks off, after its text, with that error.
    """

    model_config = ConfigDict(extra="forbid")
    text: str | list[str] = ""
    value: dict[str, Any] | None = None
    thoughts: str = ""
    calls: list[ScriptedCall] = []
    stop: Stop | None = None
    refusal: str = ""
    usage: Usage | None = None
    pause: float = 0
    key: str = ""
    fails: Literal["", "unavailable", "rejected"] = ""
    retry_after: float | None = None

    def deltas(self) -> Iterator[str]:
        if isinstance(self.text, list):
            yield from self.text
        else:
            text = self.text if self.value is None else json.dumps(self.value, ensure_ascii=False)
            yield from _WORD.findall(text)

    def finish(self, model: str) -> Finish:
        stop = Stop.TOOLS if self.calls else Stop.REFUSAL if self.refusal else Stop.DONE
        calls = [call.written(number) for number, call in enumerate(self.calls, 1)]
        return Finish(self.stop or stop, calls, self.usage, model, (self.stop or stop).value, self.refusal)


class LanguageScript(BaseModel):
    """What a file of answers holds for language models."""

    language: list[Answer | str] = []


class ScriptedLanguage:
    """Plays *answers*. *asked* keeps the prompts; *left* counts answers that were left before their end."""

    provider = "levada"

    def __init__(
        self, answers: Sequence[Answer | str], name: str = "scripted", forms: Sequence[Form] = tuple(Form)
    ) -> None:
        self.name = name
        self.forms = forms
        self.asked: list[Prompt] = []
        self.left = 0
        self._answers = [Answer(text=answer) if isinstance(answer, str) else answer for answer in answers]

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Piece, None]:
        self.asked.append(prompt)
        answer = self._next(prompt)
        try:
            if answer.thoughts:
                yield Thought(answer.thoughts)
            for delta in answer.deltas():
                await asyncio.sleep(answer.pause)
                yield Delta(delta)
        except (GeneratorExit, asyncio.CancelledError):
            self.left += 1
            raise
        if answer.fails:
            raise _FAILURES[answer.fails](retry_after=answer.retry_after)
        yield answer.finish(self.name)

    def _next(self, prompt: Prompt) -> Answer:
        for number, answer in enumerate(self._answers):
            if prompt.key.startswith(answer.key):
                return self._answers.pop(number)
        raise ModelRejected(f"The script has no answer left for a prompt “{prompt.key}”.")

    async def close(self) -> None:
        """There is nothing to close."""
