"""A language model as a planner (core.models.plans.Planner): a prompt goes down, operations come up one by one."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from core.errors import ModelOutputInvalid, ModelUnavailable, NotUnderstood
from core.models import calls
from core.models.language import LanguageModel, Message, Prompt
from core.models.partial import Item
from core.models.plans import CrossAsk, Operation, Plan, Planner
from core.models.structured import fill
from core.pipelines.answering import prompted
from core.pipelines.answering.material import MESSAGE, QUESTION
from core.pipelines.answering.prompted import room_of
from core.pipelines.answering.schema_lines import index_parts, named
from core.pipelines.federated.planning import material
from core.pipelines.federated.planning.forms import PlannedQuery, Sources, WrittenPlan
from core.pipelines.federated.results import Choice
from core.prompts import Ours, Part, Prompts, quoted
from levada.v1.catalog_pb2 import Schema

PROMPTS = Prompts(Path(__file__).parent.parent / "prompts", "federated", prompted.PROMPTS.folder)


class PromptedPlanner:
    """Asks *model* for plans; *planner* stands in while it can't be reached."""

    def __init__(self, model: LanguageModel, planner: Planner) -> None:
        self.name, self.provider = model.name, model.provider
        self._model, self._planner = model, planner

    async def plan(self, ask: CrossAsk) -> AsyncIterator[Operation | Plan]:
        told = 0
        try:
            async with aclosing(self._written("federated_plan", ask)) as stream:
                async for piece in stream:
                    told += isinstance(piece, Operation)
                    yield piece
            return
        except ModelUnavailable as error:
            if told:
                raise
            said = f"{error.message} Meanwhile the offline planner plans in its place."
        calls.listener().told(said, lasting=True)
        async with aclosing(self._planner.plan(ask)) as planned:  # type: ignore[type-var]
            async for piece in planned:
                author = {"author": self._planner.name}
                yield piece.model_copy(update=author) if isinstance(piece, Plan) else piece

    async def replan(self, ask: CrossAsk, failed: Plan, problems: Sequence[str]) -> Plan | None:
        more = {
            "plan": [material.operation(one) for one in failed.operations],
            "problems": [quoted(problem, MESSAGE) for problem in problems],
            "hints": [quoted(hint, MESSAGE) for hint in ask.hints],
        }
        try:
            async with aclosing(self._written("mend_plan", ask, **more)) as stream:
                return [piece async for piece in stream if isinstance(piece, Plan)][-1]
        except NotUnderstood:
            return None

    async def _written(self, name: str, ask: CrossAsk, **more: Any) -> AsyncGenerator[Operation | Plan, None]:
        text = await asyncio.to_thread(
            lambda: PROMPTS.render(name, room_of(self._model), material.parts(ask), **material.values(ask), **more)
        )
        if text.left_out:
            calls.listener().told(f"The model's prompt had no room for {'; '.join(text.left_out)}.", lasting=True)
        prompt = Prompt(text.system, [Message("user", text.user)], temperature=0.0, key=text.key)
        async with aclosing(fill(self._model, prompt, WrittenPlan)) as stream:
            async for piece in stream:
                if isinstance(piece, Item) and piece.attempt == 1 and piece.field == "operations":
                    for operation in _operation(piece, ask.languages):
                        yield operation
                elif isinstance(piece, WrittenPlan):
                    yield self._understood(piece, ask)

    def _understood(self, written: WrittenPlan, ask: CrossAsk) -> Plan:
        if not written.combine.strip() or not written.operations:
            missing = written.missing.strip() or written.explanation.strip()
            raise NotUnderstood(missing or "The model could not make a plan of this.")
        return written.plan(dict(ask.languages), self.name)


def _operation(item: Item, languages: Mapping[str, str]) -> list[Operation]:
    """Return the operation that *item* is; none when it is of another form, for which the answer will be refused."""
    try:
        return [PlannedQuery.model_validate(item.value).operation(dict(languages))]
    except ValidationError:
        return []


async def chosen_by(
    model: LanguageModel, question: str, schemas: Mapping[str, Schema], descriptions: Mapping[str, str]
) -> list[Choice]:
    """Have *model* choose the sources that *question* needs. Raises ModelError."""
    parts = [
        Part(f"{name}: {one.name}", Ours(f"{named(name)}: {one.text}"), one.worth, one.lean)
        for name, schema in schemas.items()
        for one in index_parts(list(schema.tables))
    ]
    sources = [Ours(f"{named(name)}: {quoted(descriptions[name] or 'no description')}") for name in schemas]
    asked = {"sources": sources, "question": quoted(question, QUESTION)}
    text = await asyncio.to_thread(
        lambda: PROMPTS.render("classify_sources", room_of(model), {"tables": parts}, **asked)
    )
    prompt = Prompt(text.system, [Message("user", text.user)], temperature=0.0, key=text.key)
    async with aclosing(fill(model, prompt, Sources)) as stream:
        async for piece in stream:
            if isinstance(piece, Sources):
                found = {one.name: one for one in piece.sources if one.name in schemas}
                if found:
                    return [Choice(source=one.name, cause=one.cause) for one in found.values()]
    raise ModelOutputInvalid(f"The model {model.name} named no source that there is.")
