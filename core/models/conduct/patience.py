"""How long is waited: for the first piece of an answer, between pieces, for the whole."""

import asyncio
import math
import time
from collections.abc import AsyncGenerator

from core.errors import ModelUnavailable
from core.models.language import Piece
from core.settings import ModelSettings

_SHARE = 2 / 3


class OutOfPatience(ModelUnavailable):
    """The model took too long. *hurried*, it was the caller's time that ended, so that trying again helps nobody."""

    hurried = False


class Patience:
    """What is left of the time for one answer of *model*, which is of use for *useful* seconds."""

    def __init__(self, model: str, settings: ModelSettings, useful: float | None = None) -> None:
        self._model = model
        self._settings = settings
        self._until = time.monotonic() + settings.seconds
        self._begun = False
        # The rest is for whoever stands in for a model that says nothing.
        self._first = math.inf if useful is None else useful * _SHARE

    async def next(self, pieces: AsyncGenerator[Piece, None]) -> Piece | None:
        """Return the next of *pieces*, None after the last. Raises OutOfPatience."""
        first = min(self._settings.first_token_seconds, self._first)
        seconds = self._settings.between_tokens_seconds if self._begun else first
        left = self._until - time.monotonic()
        timeout = asyncio.timeout(min(seconds, left))
        try:
            async with timeout:
                piece = await anext(pieces)
        except StopAsyncIteration:
            return None
        except TimeoutError as error:
            if timeout.expired():
                raise self._gone(seconds, whole=left <= seconds) from error
            raise
        self._begun = True
        return piece

    def _gone(self, seconds: float, *, whole: bool) -> OutOfPatience:
        gone = OutOfPatience(self._words(seconds, whole=whole))
        gone.hurried = not self._begun and self._first < self._settings.first_token_seconds
        return gone

    def _words(self, seconds: float, *, whole: bool) -> str:
        if whole:
            return f"The model {self._model} did not finish its answer within {self._settings.seconds:g} seconds."
        if self._begun:
            return f"The model {self._model} stopped in the middle of its answer: nothing came for {seconds:g} seconds."
        return f"The model {self._model} did not begin to answer within {seconds:.3g} seconds."
