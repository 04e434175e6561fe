"""fetch_context: what of the data matters to the question, by four look-ups side by side."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import TypeVar

from core.errors import LevadaError, Reason, SourceError
from core.models.base import Turn
from core.pipeline import Step, step
from core.pipelines.answering.asking import source_of
from core.pipelines.answering.relevance import links
from core.pipelines.answering.results import Context, Reading
from core.pipelines.answering.searching import relevant, spoken_for
from core.pipelines.query.steps import FETCH_CONTEXT
from levada.v1.catalog_pb2 import Definition, Schema
from levada.v1.event_pb2 import LinkedValue, SchemaMatched

Found = TypeVar("Found")
LOOK_UP_SECONDS = 10.0
ANSWERED = 200


@dataclass
class LookUps:
    """The four look-ups of one question. One that fails leaves its reason in *problems* and an empty answer."""

    step: Step
    reading: Reading
    schema: Schema
    problems: list[str] = field(default_factory=list)

    async def all(self) -> tuple[list[str], list[Turn], list[Definition], list[LinkedValue]]:
        async with asyncio.TaskGroup() as group:
            tables = group.create_task(self._try("the schema's ranking", self._tables(), []))
            similar = group.create_task(self._try("earlier questions", self._similar(), []))
            definitions = group.create_task(self._try("definitions", self._definitions(), []))
            values = group.create_task(self._try("values in the data", self._values(), []))
        return tables.result(), similar.result(), definitions.result(), values.result()

    async def _try(self, what: str, looked: Awaitable[Found], otherwise: Found) -> Found:
        try:
            async with asyncio.timeout(LOOK_UP_SECONDS):
                return await looked
        except LevadaError as error:
            self.problems.append(f"Looking up {what} failed: {error.message}")
        except TimeoutError:
            self.problems.append(f"Looking up {what} took longer than {LOOK_UP_SECONDS:.0f} seconds; going on without.")
        return otherwise

    async def _tables(self) -> list[str]:
        run = self.step.run
        return await relevant(run.services, run.owner, self.schema, self.reading.question)

    async def _similar(self) -> list[Turn]:
        run = self.step.run
        answered = await run.services.answered(run.owner, self.reading.source, ANSWERED)
        return links.similar(self.reading.question, answered)

    async def _definitions(self) -> list[Definition]:
        return links.definitions(self.schema, self.reading.question)

    async def _values(self) -> list[LinkedValue]:
        run = self.step.run
        await run.services.indexed(run.owner, self.reading.source)
        lookup = run.services.lookup(run.owner, self.reading.source)
        return await asyncio.to_thread(links.values, lookup, self.reading.question)


@step(FETCH_CONTEXT)
async def fetch_context(step: Step, reading: Reading) -> Context:
    """Look up what matters to *reading*. Raises SourceUnavailable, SourceError (SOURCE_EMPTY)."""
    step.progress(FETCH_CONTEXT.doing)
    schema = await source_of(step.run, reading.source).describe()
    if not schema.tables:
        raise _empty(reading.source)
    look_ups = LookUps(step, reading, schema)
    tables, similar, definitions, values = await look_ups.all()
    if wanted := spoken_for(schema, definitions, values):
        tables = await relevant(step.run.services, step.run.owner, schema, reading.question, wanted)
    matched = SchemaMatched(
        source=reading.source,
        tables=tables,
        tables_total=len(schema.tables),
        columns=links.columns(schema, reading.question, tables),
        linked_values=values,
        similar_questions=[turn.question for turn in similar],
        definitions=[definition.name for definition in definitions],
        problems=[*schema.problems, *look_ups.problems],
    )
    step.emit(matched)
    step.summary(_summary(len(tables), len(schema.tables)))
    return Context(
        source=reading.source,
        today=reading.today,
        tables=tables,
        linked_values=values,
        similar=similar,
        turns=reading.turns,
        problems=look_ups.problems,
    )


def _empty(source: str) -> SourceError:
    return SourceError(
        f"“{source}” holds no tables that you may read, so there is nothing to ask it. "
        "Check that its URL names the right database and that its user may read the tables.",
        reason=Reason.ERROR_REASON_SOURCE_EMPTY,
        details={"source": source},
    )


def _summary(kept: int, total: int) -> str:
    if kept == total:
        return f"{total} table{'s' if total != 1 else ''}"
    return f"{kept} of {total} tables"
