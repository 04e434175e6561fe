"""The offline planner as a model."""

from collections.abc import AsyncIterator

from core.errors import NotUnderstood
from core.models.base import Ask, Draft
from core.models.offline.planner import Preparation, readings
from core.models.offline.rank import ranked


class Offline:
    """Plans queries without a language model. Deterministic: the same question over the same data gets the same query."""

    name = "offline"
    provider = "levada"

    def __init__(self) -> None:
        self._preparation = Preparation()

    async def draft(self, ask: Ask) -> AsyncIterator[str | Draft]:
        found = await ranked(ask, readings(ask, self._preparation.of(ask.schema)))
        if not found:
            raise NotUnderstood("not understood")
        best = found[0]
        for line in best.sql.splitlines(keepends=True):
            yield line
        yield Draft(sql=best.sql, explanation="", confidence=best.confidence, unused_words=best.unused)
