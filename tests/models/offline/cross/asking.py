"""Asks the offline planner about several real sources, and carries out its plan: checked, asked, joined."""

import asyncio
import datetime
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import duckdb
import pyarrow as pa

from core.lookup import SourceLookup
from core.models.base import Ask, Draft
from core.models.offline import Offline
from core.models.plans import COMBINE, CrossAsk, Operation, Plan
from core.sources.base import Limits, Source

TODAY = datetime.date(2024, 6, 30)


class World:
    """Some *sources*, with the planner in front of them."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self.sources = {source.name: source for source in sources}
        self.lookups = {source.name: SourceLookup(source) for source in sources}
        self.model = Offline()

    async def asked(self, question: str) -> CrossAsk:
        return CrossAsk(
            question=question,
            schemas={name: await source.describe() for name, source in self.sources.items()},
            lookups=self.lookups,
            languages={name: source.language for name, source in self.sources.items()},
            forms={},
            today=TODAY,
        )

    async def plan(self, question: str) -> Plan:
        """Return the plan for *question*, whose operations were told one by one before. Raises NotUnderstood."""
        pieces = [piece async for piece in self.model.plan(await self.asked(question))]
        plan = pieces[-1]
        assert isinstance(plan, Plan)
        assert pieces[:-1] == plan.operations
        return plan

    async def answer(self, question: str) -> list[tuple[Any, ...]]:
        """Return the rows that the plan for *question* gives."""
        return await self.carried_out(await self.plan(question))

    async def carried_out(self, plan: Plan) -> list[tuple[Any, ...]]:
        with duckdb.connect() as meeting:
            results: dict[str, pa.Table] = {}
            for operation in plan.operations:
                if operation.kind == COMBINE:
                    return await asyncio.to_thread(lambda: meeting.execute(operation.params["sql"]).fetchall())  # noqa: B023
                results[operation.id] = await self._done(operation, results)
                meeting.register(operation.id, results[operation.id])
        raise AssertionError("nothing joins what was found")

    async def _done(self, operation: Operation, results: Mapping[str, pa.Table]) -> pa.Table:
        source, params = self.sources[operation.source], dict(operation.params)
        assert operation.kind == source.language
        values = {name: _values(place, results) for name, place in params.pop("values", {}).items()}
        params.pop("otherwise", None)
        text = params["query"] if operation.kind == "sql" else json.dumps(params)
        return await _rows(source, text, values)

    async def draft(self, question: str, name: str = "") -> Draft:
        """Return what one of the sources is asked by itself."""
        source = self.sources[name or next(iter(self.sources))]
        lookup = self.lookups[source.name]
        ask = Ask(question=question, schema=await source.describe(), lookup=lookup, today=TODAY)
        pieces = [piece async for piece in self.model.draft(ask)]
        draft = pieces[-1]
        assert isinstance(draft, Draft)
        assert "".join(piece for piece in pieces[:-1] if isinstance(piece, str)) == draft.sql
        return draft

    async def alone(self, question: str, name: str = "") -> list[tuple[Any, ...]]:
        """Return the rows that one source gives by itself."""
        source = self.sources[name or next(iter(self.sources))]
        table = await _rows(source, (await self.draft(question, source.name)).sql, {})
        return list(zip(*(column.to_pylist() for column in table.columns), strict=True))


@asynccontextmanager
async def world(*sources: Source) -> AsyncIterator[World]:
    """Open the planner in front of *sources*, which are closed at the end."""
    found = World(sources)
    try:
        for lookup in found.lookups.values():
            await lookup.indexed()
        yield found
    finally:
        for lookup in found.lookups.values():
            await lookup.close()
        for source in sources:
            await source.close()


def _values(place: str, results: Mapping[str, pa.Table]) -> list[Any]:
    id_, _, column = place.partition(".")
    return [value for value in dict.fromkeys(results[id_].column(column).to_pylist()) if value is not None]


async def _rows(source: Source, text: str, values: Mapping[str, Sequence[Any]]) -> pa.Table:
    checked = await asyncio.to_thread(source.check, text, await source.describe(), 10_000, values)
    async with source.query(checked, Limits()) as rows:
        names = [column.name for column in rows.columns]
        columns: list[list[Any]] = [[] for _ in names]
        async for batch in rows:
            for kept, more in zip(columns, batch.columns, strict=True):
                kept.extend(more)
    return pa.table({name: pa.array(column) for name, column in zip(names, columns, strict=True)})
