"""A vendor on loopback and the model that reads it, as tests see them."""

from collections.abc import Iterable
from contextlib import aclosing
from dataclasses import dataclass

import pytest

from core.errors import ModelError
from core.models.language import Delta, LanguageModel, Message, Piece, Prompt, Stop
from tests.models.wire.format import KEY, Format
from tests.models.wire.server import Action, Wire

PROMPT = Prompt("You write SQL.", [Message("user", "How many orders?")])


@dataclass
class House:
    """What *wire* plays, in its *format*, is what *model* reads."""

    format: Format
    wire: Wire
    model: LanguageModel

    def answers(self, *pieces: str, stop: Stop = Stop.DONE) -> None:
        """Have the vendor answer the next request with *pieces*."""
        self.sends(*map(self.format.text, pieces), *self.format.end(stop))

    def sends(self, *chunks: Action) -> None:
        """Have the vendor begin an answer and go on with *chunks*; the connection ends it properly."""
        self.wire.plays([self.format.head, *self.format.start(), *chunks])

    async def read(self, prompt: Prompt = PROMPT) -> list[Piece]:
        async with aclosing(self.model.stream(prompt)) as pieces:
            return [piece async for piece in pieces]

    async def fails(self, prompt: Prompt = PROMPT) -> tuple[list[Piece], ModelError]:
        """Return what came before the error, and the error."""
        came: list[Piece] = []
        with pytest.raises(ModelError) as caught:
            async with aclosing(self.model.stream(prompt)) as pieces:
                async for piece in pieces:
                    came.append(piece)  # noqa: PERF401 - kept although the rest fails
        error = caught.value
        assert KEY not in f"{error} {error!r} {error.details} {error.__cause__}"
        return came, error


def text(pieces: Iterable[Piece]) -> str:
    return "".join(piece.text for piece in pieces if isinstance(piece, Delta))
