"""Whether a model can make a query of a question: what is offered to people is tried first."""

from contextlib import aclosing

from core.errors import ModelError, ModelOutputInvalid
from core.models.base import Ask, Draft, Model


async def drafts(model: Model, ask: Ask) -> bool:
    """Tell whether *model* writes a query for *ask*; the query itself is thrown away."""
    try:
        await drafted(model, ask)
    except ModelError:
        return False
    return True


async def drafted(model: Model, ask: Ask) -> Draft:
    """Return the query that *model* writes for *ask*. Raises ModelError."""
    async with aclosing(model.draft(ask)) as stream:  # type: ignore[type-var]
        async for piece in stream:
            if isinstance(piece, Draft):
                return piece
    raise ModelOutputInvalid
