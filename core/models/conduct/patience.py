"""How long is waited: for the first piece of an answer, between pieces, for the whole."""

import asyncio
import time
from collections.abc import AsyncGenerator

from core.errors import ModelUnavailable
from core.models.language import Piece
from core.settings import ModelSettings


class OutOfPatience(ModelUnavailable):
    """The model took too long."""


class Patience:
    """What is left of the time for one answer of *model*."""

    def __init__(self, model: str, settings: ModelSettings) -> None:
        self._model = model
        self._settings = settings
        self._until = time.monotonic() + settings.seconds
        self._begun = False

    async def next(self, pieces: AsyncGenerator[Piece, None]) -> Piece | None:
        """Return the next of *pieces*, None after the last. Raises OutOfPatience."""
        seconds = self._settings.between_tokens_seconds if self._begun else self._settings.first_token_seconds
        left = self._until - time.monotonic()
        timeout = asyncio.timeout(min(seconds, left))
        try:
            async with timeout:
                piece = await anext(pieces)
        except StopAsyncIteration:
            return None
        except TimeoutError as error:
            if timeout.expired():
                raise OutOfPatience(self._words(seconds, whole=left <= seconds)) from error
            raise
        self._begun = True
        return piece

    def _words(self, seconds: float, *, whole: bool) -> str:
        if whole:
            return f"The model {self._model} did not finish its answer within {self._settings.seconds:g} seconds."
        if self._begun:
            return f"The model {self._model} stopped in the middle of its answer: nothing came for {seconds:g} seconds."
        return f"The model {self._model} did not begin to answer within {seconds:g} seconds."
