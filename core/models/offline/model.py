"""The offline planner as a model (core.models.base.Model)."""

from collections.abc import AsyncIterator, Sequence

from core.models.base import Ask, Classification, Correction, Draft, Intent
from core.models.offline.clarify import options
from core.models.offline.explain import Explainer
from core.models.offline.followup import whole_question
from core.models.offline.intent import intent_of, series_question
from core.models.offline.narrate import paragraphs
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
        intent, cause = intent_of(ask.question)
        if intent in (Intent.GREETING, Intent.ABOUT):
            return Classification(intent=intent, cause=cause, question=ask.question)
        if whole := whole_question(ask.question, ask.turns, ask.lookup):
            cause = "It goes on from the question before."
            return Classification(intent=Intent.FOLLOW_UP, cause=cause, question=whole)
        if intent is not Intent.INVESTIGATE and len(choices := await options(ask, self._preparation)) > 1:
            cause = "It can be read in more than one way, and the answers differ."
            return Classification(
                intent=Intent.CLARIFY, cause=cause, question=ask.question, prompt="Which do you mean?", options=choices
            )
        return Classification(intent=intent, cause=cause, question=ask.question)

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
        """Return the readings of the question, best first; of "why …", those of the series that shows it."""
        prepared = self._preparation.of(ask.schema)
        found = await ranked(ask, readings(ask, prepared))
        sure = bool(found) and found[0].confidence >= THRESHOLD
        if intent_of(ask.question)[0] is Intent.INVESTIGATE and not sure:
            series = Ask(series_question(ask.question), ask.schema, ask.lookup, ask.today)
            found = await ranked(series, readings(series, prepared)) or found
        return found

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
        for paragraph in paragraphs(findings):
            yield paragraph
