"""A model that plays given answers in turn: for tests and demonstrations, where what is said must be known before."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

from pydantic import BaseModel

from core.errors import NotUnderstood
from core.models.base import Ask, Classification, Correction, Draft, Intent
from core.models.plans import CrossAsk, Operation, Plan
from levada.v1.event_pb2 import Finding

NOTHING_LEFT = "The script has no more answers of this kind."


class Script(BaseModel):
    """Answers by kind, each list played from its start; a draft or plan given as text is a refusal in those words.

    Without classifications every question is simple and taken as it is; without a narration the findings are listed.
    """

    classifications: list[Classification] = []
    drafts: list[Draft | str] = []
    corrections: list[Correction] = []
    narrations: list[str] = []
    plans: list[Plan | str] = []
    replans: list[Plan] = []


class Scripted:
    """Plays *script*. *asked* and *planned* keep what it was asked, so that a test can look at it."""

    provider = "levada"

    def __init__(self, script: Script, name: str = "scripted") -> None:
        self.name = name
        self.asked: list[Ask] = []
        self.planned: list[CrossAsk] = []
        self._script = script.model_copy(deep=True)

    async def classify(self, ask: Ask) -> Classification:
        self.asked.append(ask)
        if self._script.classifications:
            return self._script.classifications.pop(0)
        return Classification(intent=Intent.SIMPLE, cause="A question of the data.", question=ask.question)

    async def draft(self, ask: Ask) -> AsyncIterator[str | Draft]:
        self.asked.append(ask)
        draft = self._script.drafts.pop(0) if self._script.drafts else NOTHING_LEFT
        if isinstance(draft, str):
            raise NotUnderstood(draft)
        for piece in draft.sql.splitlines(keepends=True):
            yield piece
        yield draft

    async def correct(self, ask: Ask, failed: Draft, error: str) -> Correction:
        self.asked.append(ask)
        if self._script.corrections:
            return self._script.corrections.pop(0)
        return Correction(can_fix=False, diagnosis=NOTHING_LEFT)

    async def plan(self, ask: CrossAsk) -> AsyncIterator[Operation | Plan]:
        self.planned.append(ask)
        plan = self._script.plans.pop(0) if self._script.plans else NOTHING_LEFT
        if isinstance(plan, str):
            raise NotUnderstood(plan)
        for operation in plan.operations:
            yield operation
        yield plan

    async def replan(self, ask: CrossAsk, failed: Plan, problems: Sequence[str]) -> Plan | None:
        self.planned.append(replace(ask, hints=(*ask.hints, *problems)))
        return self._script.replans.pop(0) if self._script.replans else None

    async def narrate(self, ask: Ask, findings: Sequence[Finding]) -> AsyncIterator[str]:
        self.asked.append(ask)
        if self._script.narrations:
            yield self._script.narrations.pop(0)
            return
        for finding in findings:
            yield f"- {finding.text}\n"
