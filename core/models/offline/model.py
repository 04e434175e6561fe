"""The offline planner as a model."""

from collections.abc import AsyncIterator, Sequence

from core.errors import NotUnderstood
from core.models.base import Ask, Classification, Correction, Draft
from core.models.offline.conversation import classify
from core.models.offline.meanings import meanings
from core.models.offline.narration import told
from core.models.offline.planner import Preparation, readings
from core.models.offline.rank import ranked
from levada.v1.event_pb2 import Finding


class Offline:
    """Plans queries without a language model. Deterministic: the same question over the same data gets the same query."""

    name = "offline"
    provider = "levada"

    def __init__(self) -> None:
        self._preparation = Preparation()

    async def classify(self, ask: Ask) -> Classification:
        return classify(ask, lambda question: meanings(question, ask, self._preparation.of(ask.schema)))

    async def draft(self, ask: Ask) -> AsyncIterator[str | Draft]:
        found = await ranked(ask, readings(ask, self._preparation.of(ask.schema)))
        if not found:
            raise NotUnderstood("not understood")
        best = found[0]
        for line in best.sql.splitlines(keepends=True):
            yield line
        yield Draft(sql=best.sql, explanation="", confidence=best.confidence, unused_words=best.unused)

    async def correct(self, ask: Ask, failed: Draft, error: str) -> Correction:
        """Offer the next reading whose trial run works; the planner's own queries rarely fail otherwise."""
        for reading in await ranked(ask, readings(ask, self._preparation.of(ask.schema))):
            if reading.sql != failed.sql and not reading.features["failed"]:
                draft = Draft(
                    sql=reading.sql, explanation="", confidence=reading.confidence, unused_words=reading.unused
                )
                return Correction(can_fix=True, diagnosis="Another reading of the question works.", draft=draft)
        return Correction(can_fix=False, diagnosis="No other reading of the question works.")

    async def narrate(self, ask: Ask, findings: Sequence[Finding]) -> AsyncIterator[str]:
        for piece in told(findings, ask.hints):
            yield piece
