"""How a language model is called: with patience, tries, and places; and everything that it took is told."""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import replace
from itertools import count

from core.errors import ModelError, ModelUnavailable
from core.models.calls import Call, Listener, listener, written
from core.models.conduct import telemetry
from core.models.conduct.answers import Answers
from core.models.conduct.patience import Patience
from core.models.conduct.retries import pause
from core.models.conduct.sound import Sound
from core.models.conduct.trial import Caller, Trial, cost, estimated
from core.models.conduct.vendor import NOTICED, Vendor
from core.models.language import Delta, Finish, Form, LanguageModel, Piece, Prompt, Usage
from core.settings import ModelSettings

__all__ = ["Conducted", "Vendor"]

_LEAST = 8  # that part of a model's room is an answer's in any case: prompts are estimated rather too long


class Conducted:
    """*model*, called as *settings* say (core.models.language.LanguageModel). *vendor* is shared with others of its.

    A call is tried again only while nothing of its answer was handed on. Raises BudgetExhausted before a try when
    whoever listens (core.models.calls) says so.
    """

    def __init__(
        self,
        model: LanguageModel,
        settings: ModelSettings | None = None,
        vendor: Vendor | None = None,
        role: str = "default",
    ) -> None:
        self.name, self.provider = model.name, model.provider
        self._model = model
        self._settings = settings or ModelSettings()
        self.context = self._settings.context
        self._vendor = vendor or Vendor(model.provider, self._settings)
        self._caller = Caller(model, role, self._settings)
        self._answers = Answers(self._settings.cache)

    @property
    def forms(self) -> Sequence[Form]:
        return self._model.forms

    async def close(self) -> None:
        await self._model.close()

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Piece, None]:
        heard = listener()
        prompt = replace(prompt, max_tokens=self._longest(prompt))
        if kept := self._answers.find(heard.scope, prompt):
            for piece in self._replayed(*kept, prompt, heard):
                yield piece
            return
        for attempt in count(1):
            trial = Trial(self._caller, prompt, attempt)
            try:
                async with aclosing(self._once(prompt, trial, heard)) as pieces:
                    async for piece in pieces:
                        yield piece
            except ModelError as error:
                seconds = None if trial.begun else pause(error, attempt, self._settings)
                if seconds is None:
                    raise
            else:
                self._answers.keep(heard.scope, prompt, trial.text, trial.finish)
                return
            await self._rest(seconds, heard)

    async def _once(self, prompt: Prompt, trial: Trial, heard: Listener) -> AsyncGenerator[Piece, None]:
        async with self._vendor.call(heard):
            # Only now: while a place was waited for, others may have used the budget up.
            most = Usage(read=estimated(written(prompt)), written=prompt.max_tokens)
            await heard.allow(most.read + most.written, cost(most, self._settings))
            trial.start()
            try:
                async with aclosing(self._model.stream(prompt)) as pieces:
                    patience, sound = Patience(self.name, self._settings, heard.left()), Sound()
                    while came := await patience.next(pieces):
                        trial.came()
                        for piece in sound.take(came):
                            trial.hear(piece)
                            yield piece
                if trial.finish is None:
                    raise ModelUnavailable(f"The model {self.name} stopped in the middle of its answer.")
            except BaseException as error:
                trial.failed(error)
                raise
            finally:
                _tell(trial.call(), heard)

    def _longest(self, prompt: Prompt) -> int:
        """Return the tokens that the answer may have: what does not fit beside the prompt, servers turn down."""
        wanted = self._settings.max_tokens or prompt.max_tokens
        if not self.context:
            return wanted
        left = self.context - estimated(written(prompt))
        return min(wanted, max(left, self.context // _LEAST))

    async def _rest(self, seconds: float, heard: Listener) -> None:
        if seconds > NOTICED:
            heard.told(f"{self.name} can't answer right now. It will be tried again in {seconds:.0f} s…")
        await asyncio.sleep(seconds)

    def _replayed(self, text: str, finish: Finish, prompt: Prompt, heard: Listener) -> Iterator[Piece]:
        trial = Trial(self._caller, prompt, 1)
        trial.start()
        pieces: list[Piece] = [Delta(text)] if text else []
        for piece in (*pieces, replace(finish, usage=Usage())):
            trial.hear(piece)
            yield piece
        _tell(replace(trial.call(), from_cache=True), heard)


def _tell(call: Call, heard: Listener) -> None:
    telemetry.tell(call)
    heard.called(call)
