"""The offline planner as a model (core.models.base.Model)."""

import asyncio
from collections.abc import AsyncIterator, Sequence

from core.models.base import Ask, Classification, Correction, Draft
from core.models.offline.conversation import classify
from core.models.offline.explain import Explainer
from core.models.offline.meanings import meanings
from core.models.offline.narration import told
from core.models.offline.planner import Preparation, Reading, readings, unknown_words
from core.models.offline.rank import THRESHOLD, ranked
from core.models.offline.refusal import refusal
from levada.v1.event_pb2 import Finding


class Offline:
    """Plans queries without a language model. Deterministic: the same question and data give the same query."""

    name = "offline"
    provider = "levada"

    def __init__(self) -> None:
        self._preparation = Preparation()

    async def classify(self, ask: Ask) -> Classification:
        """Say what kind of question it is; resolve a follow-up against *ask.turns*."""
        # Reading is work for a processor: in a thread, so that other runs' events go on meanwhile.
        return await asyncio.to_thread(
            classify, ask, lambda question: meanings(question, ask, self._preparation.of(ask.schema))
        )

    async def draft(self, ask: Ask) -> AsyncIterator[str | Draft]:
        """Write a query clause by clause, then the whole Draft. Raises NotUnderstood."""
        found = await self._readings(ask)
        prepared = self._preparation.of(ask.schema)
        if not found or found[0].confidence < THRESHOLD:
            raise refusal(prepared.catalog, found, unknown_words(ask, prepared))
        for line in found[0].sql.splitlines(keepends=True):
            yield line
        yield self._draft(ask, found[0])

    async def _readings(self, ask: Ask) -> list[Reading]:
        found = await asyncio.to_thread(lambda: readings(ask, self._preparation.of(ask.schema)))
        return await ranked(ask, found)

    def _draft(self, ask: Ask, reading: Reading) -> Draft:
        explainer = Explainer(self._preparation.of(ask.schema).catalog)
        return Draft(
            sql=reading.sql,
            explanation=explainer.sentence(reading.query, reading.notes),
            confidence=round(reading.confidence, 3),
            unused_words=reading.unused,
            notes=reading.notes,
        )

    async def correct(self, ask: Ask, failed: Draft, error: str) -> Correction:
        """Offer the next-best reading that ran; the planner has no other way to mend a query."""
        for reading in await self._readings(ask):
            if reading.sql != failed.sql and not reading.features.get("failed") and reading.confidence >= THRESHOLD:
                return Correction(
                    can_fix=True, diagnosis="Another reading of the question works.", draft=self._draft(ask, reading)
                )
        return Correction(can_fix=False, diagnosis="There is no other reading of the question that works.")

    async def narrate(self, ask: Ask, findings: Sequence[Finding]) -> AsyncIterator[str]:
        """Write the answer in markdown from computed *findings*."""
        for piece in told(findings, ask.hints):
            yield piece
