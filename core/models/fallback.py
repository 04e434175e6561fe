"""Several language models in order: the next one answers when one can't, as long as nothing of an answer was seen."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace

from core.errors import ModelError, ModelRejected, ModelUnavailable
from core.models.calls import listener
from core.models.language import Bounded, Form, LanguageModel, Piece, Prompt

# Failures of the model or its vendor; that a model declined or wrote nonsense, another one can't know better.
_CANNOT = (ModelUnavailable, ModelRejected)


class Fallback:
    """*models*, the preferred one first (core.models.language.LanguageModel). Who listens is told of each switch."""

    def __init__(self, models: Sequence[LanguageModel]) -> None:
        self._models = models
        self.name, self.provider = models[0].name, models[0].provider
        # What is asked of the first has to fit into the others too.
        known = [model.context for model in models if isinstance(model, Bounded) and model.context]
        self.context = min(known, default=0)

    @property
    def forms(self) -> Sequence[Form]:
        return self._models[0].forms

    async def close(self) -> None:
        for model in self._models:
            await model.close()

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Piece, None]:
        failures: list[ModelError] = []
        for model in self._models:
            if failures:
                listener().told(f"{failures[-1].message} Going on with {model.name}…", lasting=True)
            begun = False
            try:
                async with aclosing(model.stream(_fitting(prompt, model))) as pieces:
                    async for piece in pieces:
                        begun = True
                        yield piece
                return
            except _CANNOT as error:
                if begun:
                    raise
                failures.append(error)
        raise _all(failures)


def _fitting(prompt: Prompt, model: LanguageModel) -> Prompt:
    """Return *prompt* as *model* can be held to it. The form stands in words only where that was asked for."""
    if prompt.form is None or prompt.held in model.forms or prompt.held in (Form.JSON, Form.TEXT):
        return prompt
    return replace(prompt, held=Form.TOOL if Form.TOOL in model.forms else Form.SCHEMA)


def _all(failures: Sequence[ModelError]) -> ModelError:
    if len(failures) == 1:
        return failures[0]
    waits = [error.retry_after for error in failures if error.retry_after is not None]
    kind = ModelUnavailable if any(error.retryable for error in failures) else ModelRejected
    words = " ".join(dict.fromkeys(error.message for error in failures))
    return kind(f"None of the {len(failures)} models can answer. {words}", retry_after=min(waits, default=None))
