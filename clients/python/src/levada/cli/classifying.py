"""The command `ask`, and with --explain what it would ask: which sources a question needs, and why."""

import argparse
from collections.abc import Iterator

from levada.cli import watching
from levada.cli.clean import clean
from levada.cli.listing import as_json
from levada.client import Client
from levada.v1 import event_pb2 as events
from levada.v1 import query_service_pb2 as queries


async def ask(client: Client, arguments: argparse.Namespace) -> int:
    if not arguments.explain:
        return await watching.ask(client, arguments)
    found = await client.classify(" ".join(arguments.question), arguments.source)
    if arguments.json:
        return as_json([found])
    for line in _lines(found):
        print(clean(line))
    return 0


def _lines(found: queries.ClassifyResponse) -> Iterator[str]:
    yield f"{found.pipeline}: {found.cause}"
    schemas = {schema.source: schema for schema in found.schemas}
    for choice in found.sources:
        yield f"  {choice.source}: {choice.cause}"
        if choice.source in schemas:
            yield from (f"    {line}" for line in _matched(schemas[choice.source]))
    yield from (f"  ! {problem}" for problem in found.problems)


def _matched(schema: events.SchemaMatched) -> Iterator[str]:
    kept, total = len(schema.tables), schema.tables_total
    if kept < total:
        yield f"kept {kept:,} of {total:,} tables, first {', '.join(schema.tables[:5])}"
    else:
        yield f"{total:,} table{'s' if total != 1 else ''}"
    for value in schema.linked_values:
        yield f"“{value.words}” is {value.table}.{value.column} = {value.value}"
