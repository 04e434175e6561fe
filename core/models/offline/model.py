"""The offline planner as a model (core.models.base.Model, core.models.plans.Planner)."""

import asyncio
from collections.abc import AsyncIterator, Sequence

from core.errors import NotUnderstood
from core.models.base import Ask, Classification, Correction, Draft
from core.models.offline import documents
from core.models.offline.alone import read_alone
from core.models.offline.conversation import classify
from core.models.offline.cross.planning import plans, read_together
from core.models.offline.explain import Explainer
from core.models.offline.meanings import meanings
from core.models.offline.narration import told
from core.models.offline.planner import Preparation, Prepared, Reading, Readings, unknown_words
from core.models.offline.rank import THRESHOLD, ranked
from core.models.offline.refusal import refusal
from core.models.plans import CrossAsk, Operation, Plan
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
        if documents.asked(ask):
            for piece in documents.search(ask.question):
                yield piece
            return
        read = await self._read(ask)
        found = await ranked(read.ask, read.found)
        if not found or found[0].confidence < THRESHOLD:
            raise refusal(read.prepared.catalog, found, unknown_words(read.ask, read.prepared))
        for line in found[0].sql.splitlines(keepends=True):
            yield line
        yield _draft(found[0], read.prepared)

    async def _read(self, ask: Ask) -> Readings:
        return await asyncio.to_thread(read_alone, ask, self._preparation)

    async def correct(self, ask: Ask, failed: Draft, error: str) -> Correction:
        """Offer the next-best reading that ran; the planner has no other way to mend a query."""
        if documents.asked(ask):
            return documents.UNMENDABLE
        read = await self._read(ask)
        for reading in await ranked(read.ask, read.found):
            if reading.sql != failed.sql and not reading.features.get("failed") and reading.confidence >= THRESHOLD:
                diagnosis = "Another reading of the question works."
                return Correction(can_fix=True, diagnosis=diagnosis, draft=_draft(reading, read.prepared))
        return Correction(can_fix=False, diagnosis="There is no other reading of the question that works.")

    async def plan(self, ask: CrossAsk) -> AsyncIterator[Operation | Plan]:
        """Plan an answer from several sources: each operation, then the whole Plan. Raises NotUnderstood."""
        plan = (await self._plans(ask))[0]
        for operation in plan.operations:
            yield operation
        yield plan

    async def replan(self, ask: CrossAsk, failed: Plan, problems: Sequence[str]) -> Plan | None:
        """Return the next-best plan that is not *failed*; the planner has no other way to mend one."""
        try:
            found = await self._plans(ask)
        except NotUnderstood:
            return None
        return next((plan for plan in found if plan.operations != failed.operations), None)

    async def _plans(self, ask: CrossAsk) -> list[Plan]:
        return await plans(await asyncio.to_thread(read_together, ask, self._preparation))

    async def narrate(self, ask: Ask, findings: Sequence[Finding]) -> AsyncIterator[str]:
        """Write the answer in markdown from computed *findings*."""
        for piece in told(findings, ask.hints):
            yield piece


def _draft(reading: Reading, prepared: Prepared) -> Draft:
    return Draft(
        sql=reading.sql,
        meaning=reading.meaning,
        explanation=Explainer(prepared.catalog).sentence(reading.query, reading.notes),
        confidence=round(reading.confidence, 3),
        unused_words=reading.unused,
        notes=reading.notes,
    )
