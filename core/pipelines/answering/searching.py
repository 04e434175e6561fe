"""What of a source a question needs, found in the index over all that its asker may ask."""

import asyncio
import datetime
from collections.abc import Sequence

from core.identity import Principal
from core.models.base import Ask
from core.pipeline import Services
from core.pipelines.answering.asking import part
from core.pipelines.answering.relevance import links, tables
from levada.v1.catalog_pb2 import Definition, Schema
from levada.v1.event_pb2 import LinkedValue, SchemaMatched


async def relevant(
    services: Services, owner: Principal, schema: Schema, question: str, wanted: Sequence[str] = ()
) -> list[str]:
    """Return the tables of *schema* to keep for *question*, best first, *wanted* before all."""
    found = await services.schemas(owner, [schema.source])
    if found.schemas.get(schema.source) is schema:
        return await asyncio.to_thread(found.relevant, schema.source, question, wanted)
    # It changed this very moment, or tells what it holds anew each time.
    return await asyncio.to_thread(tables.relevant, schema, question, wanted)


async def matched(services: Services, owner: Principal, schema: Schema, question: str) -> SchemaMatched:
    """Return what of *schema* matters to *question*: tables, columns, values in the data, figures of the business."""
    lookup = services.lookup(owner, schema.source)
    values = await asyncio.to_thread(links.values, lookup, question)
    definitions = links.definitions(schema, question)
    kept = await relevant(services, owner, schema, question, spoken_for(schema, definitions, values))
    return SchemaMatched(
        source=schema.source,
        tables=kept,
        tables_total=len(schema.tables),
        columns=links.columns(schema, question, kept),
        linked_values=values,
        definitions=[one.name for one in definitions],
        problems=schema.problems,
    )


async def asked(services: Services, owner: Principal, schema: Schema, question: str) -> Ask:
    """Return all that a model may know for *question* when it stands alone, over the source of *schema*."""
    source = services.sources(owner)[schema.source]
    found = await matched(services, owner, schema, question)
    return Ask(
        question=question,
        schema=part(schema, found.tables),
        lookup=services.lookup(owner, schema.source),
        today=datetime.datetime.now(datetime.UTC).date(),
        linked_values=found.linked_values,
        language=source.language,
        form=source.form,
    )


def spoken_for(schema: Schema, definitions: Sequence[Definition], values: Sequence[LinkedValue]) -> list[str]:
    """Return the tables that a definition or a value of the question is about, whatever their names say."""
    said = [f"{definition.expression} {definition.condition} {definition.target}" for definition in definitions]
    named = {value.table for value in values}
    return [
        tables.key(table)
        for table in schema.tables
        if tables.key(table) in named or any(f"{table.name}." in text or table.name == text.strip() for text in said)
    ]
