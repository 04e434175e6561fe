"""A language model's prose as it is written, as far as it holds."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from core.models.language import Delta, Finish, LanguageModel, Prompt
from core.models.stops import ended, whole
from core.pipelines.answering.prose.told import Prose


async def spoken(model: LanguageModel, prompt: Prompt, prose: Prose) -> AsyncGenerator[str, None]:
    """Yield what *prose* lets pass of *model*'s answer, but for its rest. Raises ModelError, when it breaks off too."""
    async with aclosing(model.stream(prompt)) as stream:
        async for piece in stream:
            if isinstance(piece, Delta):
                for sentence in prose.add(piece.text):
                    yield sentence
            elif isinstance(piece, Finish):
                whole(ended(piece, model.name), model.name)
