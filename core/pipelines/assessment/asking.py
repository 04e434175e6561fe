"""How a step asks the model in its role: a prompt from a template goes down, a checked form or a text comes up."""

from collections.abc import Awaitable
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from core.errors import ModelOutputInvalid, ModelRefused, ModelRequired, ModelUnavailable
from core.models.base import Model
from core.models.language import Delta, Finish, LanguageModel, Message, Prompt
from core.models.partial import Growth
from core.models.stops import ended, whole
from core.models.structured import fill
from core.pipeline import Services, Step
from core.pipelines.answering import prompted
from core.pipelines.assessment.results import Made
from core.prompts import Prompts
from levada.v1.event_pb2 import CHANNEL_CONTRIBUTION, TextCompleted
from levada.v1.run_pb2 import RunRequest

ROLES = ("strong", "mid", "weak")
PROMPTS = Prompts(Path(__file__).parent / "prompts", "assessment", prompted.PROMPTS.folder)
# An answer that is of no use costs an attempt. What no other answer would mend ends the run: a key that is turned down,
# a budget that is used up.
OF_NO_USE = (ModelUnavailable, ModelOutputInvalid, ModelRefused)
T = TypeVar("T")
F = TypeVar("F", bound=BaseModel)


@dataclass(frozen=True)
class Attempt:
    """Which attempt of how many this is."""

    number: int
    most: int

    @property
    def last(self) -> bool:
        return self.number >= self.most

    @property
    def words(self) -> str:
        return f"Attempt {self.number} of {self.most}"


def in_role(request: RunRequest, services: Services, role: str) -> LanguageModel:
    """Return the model that answers in *role*. Raises ModelRequired, NotFound."""
    chosen = request.options.models
    # Whoever chose a model for a run meant it for all that is not chosen too.
    found: Model | LanguageModel = services.model(chosen.get(role) or chosen.get("default", ""), role)
    if isinstance(found, LanguageModel):
        return found
    raise ModelRequired(
        f"An exercise is made by three language models that play against each other, and none is set for the role "
        f"“{role}”. Name them in levada.toml, for instance:\n[roles]\n"
        'strong = "anthropic:NAME"\nmid = "openai:NAME"\nweak = "openai:SMALLER"\n'
        "or one for all of them with LEVADA_MODEL=openai:NAME, and start the server anew.",
        details={"setting": f"roles.{role}"},
    )


async def filled(
    step: Step, role: str, name: str, form: type[F], *, shows: str = "", temperature: float = 0.0, **values: Any
) -> F:
    """Have the model in *role* fill in *form* for the prompt *name*; its field *shows* is told as it is written."""
    model = in_role(step.run.request, step.run.services, role)
    told = _Told(step)
    async with aclosing(fill(model, _prompt(name, temperature, values), form)) as pieces:
        async for piece in pieces:
            if isinstance(piece, Growth) and piece.field == shows:
                told.grow(piece)
            elif isinstance(piece, form):
                told.end()
                return piece
    raise ModelOutputInvalid


async def written(step: Step, role: str, name: str, *, temperature: float, **values: Any) -> str:
    """Have the model in *role* answer the prompt *name* in words of its own, told as they come."""
    model = in_role(step.run.request, step.run.services, role)
    told = _Told(step)
    async with aclosing(model.stream(_prompt(name, temperature, values))) as pieces:
        async for piece in pieces:
            if isinstance(piece, Delta):
                told.add(piece.text)
            elif isinstance(piece, Finish):
                whole(ended(piece, model.name), model.name)
    text = told.end().strip()
    if not text:
        raise ModelOutputInvalid(f"The model {model.name} answered with nothing.")
    return text


async def kept(step: Step, making: Awaitable[T], attempt: Attempt) -> Made[T]:
    """Return what *making* gives; an answer that is of no use costs the attempt, and is told as a failure."""
    try:
        return Made(value=await making)
    except OF_NO_USE as error:
        step.failed(error, will_retry=not attempt.last)
        return Made(problem=error.message)


class _Told:
    """A text as it is told piece by piece; another attempt at it begins below the one before."""

    def __init__(self, step: Step) -> None:
        self._step = step
        self._pieces: list[str] = []
        self._attempt = 1

    def grow(self, growth: Growth) -> None:
        if growth.attempt > self._attempt:
            self._attempt = growth.attempt
            if self._pieces:
                self.add("\n\n*That was not of the form asked for; it is written anew:*\n\n")
        self.add(growth.text)

    def add(self, text: str) -> None:
        self._pieces.append(text)
        self._step.text(CHANNEL_CONTRIBUTION, text)

    def end(self) -> str:
        text = "".join(self._pieces)
        if text:
            self._step.emit(TextCompleted(channel=CHANNEL_CONTRIBUTION, text=text))
        return text


def _prompt(name: str, temperature: float, values: dict[str, Any]) -> Prompt:
    text = PROMPTS.render(name, 0, **values)
    return Prompt(text.system, [Message("user", text.user)], temperature=temperature, key=text.key)
