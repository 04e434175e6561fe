"""Has a model fill in a form: its strings are told as they grow, the checked whole comes last."""

import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import lru_cache
from typing import Generic, TypeVar

from pydantic import BaseModel

from core.errors import ModelOutputInvalid
from core.models.language import Delta, Finish, Form, LanguageModel, Message, Prompt, Stop
from core.models.partial import Growth, Item, Reading
from core.models.stops import ended

F = TypeVar("F", bound=BaseModel)

ATTEMPTS = 2
_QUOTED = 8_000  # characters of a wrong answer told back: one that ran away would only be taken up again


async def fill(model: LanguageModel, prompt: Prompt, form: type[F]) -> AsyncGenerator[Growth | Item | F, None]:
    """Have *model* answer *prompt* in *form*; yield Growth after Growth of its strings, each Item of its
    lists of objects, then the value, last.

    Until the value is there, growths are provisional. An answer that is not of the form is asked for once more, with
    what is wrong with it; growths of that attempt begin anew. An error of the model passes through as it is, also in
    the middle of an answer, and nothing is asked again then: what was told of it so far comes to nothing. Raises
    ModelOutputInvalid when the second answer is no better, ModelRefused; ModelError.
    """
    held = model.forms[0] if model.forms else Form.TEXT
    asked = replace(prompt, form=form, held=held, system=_in_words(prompt.system, form, held))
    for number in range(1, ATTEMPTS + 1):
        attempt = _Attempt(form, number)
        async with aclosing(attempt.growths(model, asked)) as growths:
            async for growth in growths:
                yield growth
        if attempt.reading.value is not None:
            yield attempt.reading.value
            return
        asked = replace(asked, messages=(*asked.messages, *attempt.again()))
    raise ModelOutputInvalid(
        f"The model {model.name} did not answer in the form that was asked for, also when asked again: "
        f"{attempt.problem}. {attempt.advice}, or choose another model.",
        details={"model": model.name, "problem": attempt.problem},
    )


class _Attempt(Generic[F]):
    """One answer, as it is written and as it is read."""

    def __init__(self, form: type[F], number: int) -> None:
        self.reading = Reading(form, number)
        self._written: list[str] = []
        self._finish: Finish | None = None

    async def growths(self, model: LanguageModel, asked: Prompt) -> AsyncGenerator[Growth | Item, None]:
        async with aclosing(model.stream(asked)) as pieces:
            async for piece in pieces:
                if isinstance(piece, Delta):
                    for growth in self._read(piece.text):
                        yield growth
                elif isinstance(piece, Finish):
                    self._finish = piece
        self._finish = ended(self._finish, model.name)
        if self.reading.value is None:
            # Some call a tool of the form's name although nothing but text was asked for.
            for growth in self._read("".join(call.arguments for call in self._finish.calls[:1])):
                yield growth
        self.reading.end()

    def _read(self, text: str) -> Sequence[Growth | Item]:
        self._written.append(text)
        return self.reading.feed(text)

    @property
    def problem(self) -> str:
        if not "".join(self._written).strip():
            return "the answer is empty"
        if self._finish and self._finish.stop is Stop.LENGTH:
            return "the answer was cut off because it is too long"
        return self.reading.problem

    @property
    def advice(self) -> str:
        if self._finish and self._finish.stop is Stop.LENGTH:
            return "Ask for less, have max_tokens raised in the model's settings"
        return "Say it in other words"

    def again(self) -> tuple[Message, Message]:
        """Return what the conversation goes on with. No message is empty: some vendors turn that down."""
        written = "".join(self._written).strip()[:_QUOTED]
        shorter = " Be brief." if self._finish and self._finish.stop is Stop.LENGTH else ""
        wanted = (
            f"That can't be used: {self.problem}. Answer again, with the whole JSON object and nothing else.{shorter}"
        )
        return Message("assistant", written or "(nothing)"), Message("user", wanted)


def _in_words(system: str, form: type[BaseModel], held: Form) -> str:
    """Return *system* with the form in words, for a model that nothing else holds to it."""
    if held in {Form.SCHEMA, Form.TOOL}:
        return system
    return f"{system}\n\nAnswer with one JSON object and nothing else. Its JSON Schema:\n{_schema(form)}".lstrip()


@lru_cache
def _schema(form: type[BaseModel]) -> str:
    return json.dumps(form.model_json_schema(), ensure_ascii=False)
