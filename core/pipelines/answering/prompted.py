"""A language model for the questions of `query` (core.models.base.Model): prompts go down, filled-in forms come up.

While the model can't be reached the offline planner sorts and drafts in its place, and people are told.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from core.errors import LevadaError, ModelError, ModelOutputInvalid, ModelUnavailable, NotUnderstood
from core.models import calls
from core.models.base import Ask, Classification, Correction, Draft, Intent, Model, Remark
from core.models.language import Bounded, Delta, Finish, LanguageModel, Message, Prompt
from core.models.stops import ended, whole
from core.models.structured import Growth, fill
from core.pipelines.answering import material, result_lines
from core.pipelines.answering.candidates import agreed
from core.pipelines.answering.forms import Choice, Documented, Kind, Mended, MendedDocument, Written
from core.pipelines.answering.languages import KNOWLEDGE, LANGUAGES, Language
from core.prompts import Ours, Prompts, quoted
from levada.v1.event_pb2 import Finding

ROOM = 32_000
"""Tokens of a prompt, where the model's own limit is not known to be lower."""

ANSWER = 4_096
"""Tokens kept free for the answer, where the model's limit is known."""

FREEDOM = 0.7
"""Temperature of further candidates: at 0 they would all be the first."""

PROMPTS = Prompts(Path(__file__).parent / "prompts", "answering")
Form = TypeVar("Form", bound=BaseModel)


class Prompted:
    """Asks *model*, and *quick* to sort questions, which takes less of one; *planner* stands in where it may be."""

    def __init__(self, model: LanguageModel, planner: Model, quick: LanguageModel | Model | None = None) -> None:
        self.name, self.provider = model.name, model.provider
        self.planner, self.language = planner, model
        self._model, self._quick, self._room = model, quick or model, room_of(model)

    async def classify(self, ask: Ask) -> Classification:
        if not isinstance(self._quick, LanguageModel):
            return await self._quick.classify(ask)
        try:
            prompt = await self._prompt("classify", ask, material.overview)
            kind = await _filled(self._quick, prompt, Kind)
            if kind.intent is Intent.CLARIFY:
                return await self._unclear(self._quick, ask, kind)
        except (ModelUnavailable, ModelOutputInvalid) as error:
            _stood_in(error, "sorts the question")
            return await self.planner.classify(ask)
        whole = kind.question.strip() if kind.intent in (Intent.FOLLOW_UP, Intent.INVESTIGATE) else ""
        return Classification(intent=kind.intent, cause=kind.cause, question=whole or ask.question)

    async def _unclear(self, model: LanguageModel, ask: Ask, kind: Kind) -> Classification:
        prompt = await self._prompt("clarify", ask, material.parts, cause=kind.cause)
        choice = await _filled(model, prompt, Choice)
        options = list(dict.fromkeys(option.strip() for option in choice.options if option.strip()))[:4]
        if len(options) < 2:
            return Classification(intent=Intent.SIMPLE, cause=kind.cause, question=ask.question)
        return Classification(
            intent=Intent.CLARIFY, cause=kind.cause, question=ask.question, prompt=choice.prompt, options=options
        )

    async def draft(self, ask: Ask) -> AsyncIterator[str | Remark | Draft]:
        if ask.language == KNOWLEDGE:
            # What is searched for is the question itself: a model has nothing to add but its time.
            async with aclosing(self.planner.draft(ask)) as searching:  # type: ignore[type-var]
                async for piece in searching:
                    yield piece.model_copy(update={"author": self.planner.name}) if isinstance(piece, Draft) else piece
            return
        begun = False
        try:
            stream = self._chosen(ask) if ask.candidates > 1 else self._written(ask)
            async with aclosing(stream):
                async for piece in stream:
                    begun = begun or isinstance(piece, str)
                    yield piece
            return
        except ModelUnavailable as error:
            problem = error
        _stood_in(problem, "answers")
        if begun:
            yield f"\n{_of(ask).comment} The model broke off here; another query takes its place:\n"
        try:
            async with aclosing(self.planner.draft(ask)) as planned:  # type: ignore[type-var]
                async for piece in planned:
                    yield piece.model_copy(update={"author": self.planner.name}) if isinstance(piece, Draft) else piece
        except NotUnderstood as refusal:
            raise _neither(problem, refusal) from refusal

    async def _written(self, ask: Ask, temperature: float = 0.0) -> AsyncGenerator[str | Remark | Draft, None]:
        language = _of(ask)
        prompt = await self._prompt(language.prompt, ask, material.parts, temperature=temperature)
        attempt = 1
        async with aclosing(fill(self._model, prompt, language.form)) as stream:
            async for piece in stream:
                if isinstance(piece, Growth) and piece.attempt > attempt:
                    attempt = piece.attempt
                    yield f"\n{language.comment} That was not of the form asked for; it is written anew:\n"
                match piece:
                    case Growth(field=field) if field == language.field:
                        yield piece.text
                    case Growth(field="explanation", attempt=1):
                        yield Remark(piece.text)
                    case Written() | Documented():
                        yield _understood(piece)

    async def _chosen(self, ask: Ask) -> AsyncGenerator[str | Remark | Draft, None]:
        """Write several queries, the first of them for all to see, and give the one whose result most agree on.

        The first is asked for alone: vendors keep a prompt that they have read, and read it again for less.
        """
        async with aclosing(self._written(ask)) as stream:
            async for piece in stream:
                if isinstance(piece, Draft):
                    first = piece
                else:
                    yield piece
        calls.listener().told(f"Writing {ask.candidates} queries to compare what they give.")
        async with asyncio.TaskGroup() as group:
            others = [group.create_task(self._another(ask)) for _ in range(ask.candidates - 1)]
        drafts = [first, *(draft for other in others if (draft := other.result()))]
        best = await agreed(drafts, ask.lookup)
        if best.sql != first.sql:
            yield f"\n{_of(ask).comment} Another query was chosen, for most of them give its result:\n{best.sql}"
        yield best

    async def _another(self, ask: Ask) -> Draft | None:
        """Return one more query; one that fails takes nothing from those that are there."""
        try:
            async with aclosing(self._written(ask, FREEDOM)) as stream:
                return [piece async for piece in stream if isinstance(piece, Draft)][-1]
        except LevadaError:
            return None

    async def correct(self, ask: Ask, failed: Draft, error: str) -> Correction:
        if ask.language == KNOWLEDGE:
            return await self.planner.correct(ask, failed, error)
        prompt = await self._prompt(
            "repair",
            ask,
            material.parts,
            query=quoted(failed.sql, material.QUERY),
            error=quoted(error, material.MESSAGE),
            hints=[quoted(hint, material.MESSAGE) for hint in ask.hints],
            field=Ours(_of(ask).field),
        )
        mended: Mended | MendedDocument = await _filled(self._model, prompt, _of(ask).mended)
        draft = mended.draft()
        return Correction(can_fix=bool(draft.sql), diagnosis=mended.diagnosis, draft=draft if draft.sql else None)

    async def narrate(self, ask: Ask, findings: Sequence[Finding]) -> AsyncIterator[str]:
        begun = False
        try:
            prompt = await self._prompt(
                "analysis",
                ask,
                lambda asked: {"rows": result_lines.row_parts(asked.excerpt)},
                findings=result_lines.finding_lines(findings),
                columns=result_lines.head(ask.excerpt),
                total=ask.excerpt.total,
                hints=[quoted(hint, material.MESSAGE) for hint in ask.hints],
            )
            async with aclosing(self.language.stream(prompt)) as stream:
                async for piece in stream:
                    if isinstance(piece, Delta):
                        begun = True
                        yield piece.text
                    elif isinstance(piece, Finish):
                        whole(ended(piece, self.name), self.name)
            return
        except ModelError as error:
            if begun:
                raise
            calls.listener().told(f"{error.message} The offline planner tells the figures in its place.", lasting=True)
        async for said in self.planner.narrate(ask, findings):
            yield said

    async def _prompt(
        self, name: str, ask: Ask, parts: Callable[[Ask], material.Parts], *, temperature: float = 0.0, **more: Any
    ) -> Prompt:
        # A large schema takes tens of milliseconds: in a thread, so that other runs' events go on meanwhile.
        text = await asyncio.to_thread(
            lambda: PROMPTS.render(name, self._room, parts(ask), **material.values(ask), **more)
        )
        if text.left_out:
            left_out = "; ".join(text.left_out)
            calls.listener().told(
                f"The model's prompt has room for {self._room:,} tokens. Left out: {left_out}.", lasting=True
            )
        return Prompt(text.system, [Message("user", text.user)], temperature=temperature, key=text.key)


def room_of(model: LanguageModel) -> int:
    """Return how many tokens a prompt for *model* may have."""
    if not isinstance(model, Bounded) or not model.context:
        return ROOM
    return min(ROOM, max(model.context - ANSWER, model.context // 2))


async def _filled(model: LanguageModel, prompt: Prompt, form: type[Form]) -> Form:
    async with aclosing(fill(model, prompt, form)) as stream:
        async for piece in stream:
            if isinstance(piece, form):
                return piece
    raise ModelOutputInvalid


def _of(ask: Ask) -> Language:
    return LANGUAGES[ask.language]


def _understood(written: Written | Documented) -> Draft:
    draft = written.draft()
    if not draft.sql:
        raise NotUnderstood(written.missing.strip() or draft.explanation or "The model could not make a query of this.")
    return draft


def _stood_in(error: ModelError, does: str) -> None:
    calls.listener().told(f"{error.message} Meanwhile the offline planner {does} in its place.", lasting=True)


def _neither(problem: ModelError, refusal: NotUnderstood) -> NotUnderstood:
    """Return what to say when the model can't be reached and the planner does not understand either."""
    return NotUnderstood(
        f"{problem.message} The offline planner, in its place, did not understand the question: {refusal.message}",
        unused=refusal.unused,
        retryable=True,
    )
