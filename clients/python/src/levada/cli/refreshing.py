"""The command `sources`, and `sources refresh`, which has them looked at anew."""

import argparse
import asyncio
import sys
from collections.abc import Iterator

from google.protobuf import json_format

from levada.cli import listing
from levada.cli.clean import clean
from levada.client import Client
from levada.errors import CallFailed
from levada.v1 import catalog_service_pb2 as catalog


async def sources(client: Client, arguments: argparse.Namespace) -> int:
    if arguments.name != "refresh":
        if arguments.names:
            print(
                "levada: one source is described at a time; several are for `levada sources refresh`", file=sys.stderr
            )
            return 2
        return await listing.sources(client, arguments)
    names = arguments.names or [source.name for source in await client.sources()]
    async with asyncio.TaskGroup() as group:
        asked = [group.create_task(_refresh(client, name, arguments.json)) for name in dict.fromkeys(names)]
    return max((task.result() for task in asked), default=0)


async def _refresh(client: Client, name: str, as_json: bool) -> int:
    """Refresh a source and tell of it at once, whatever the others do; return the exit code."""
    try:
        found = await client.refresh(name)
    except CallFailed as error:
        print(f"{clean(name)}: {error}", file=sys.stderr)
        return 1
    if as_json:
        print(json_format.MessageToJson(found, indent=None))
        return 0
    seconds = found.duration.ToTimedelta().total_seconds()
    print(clean(f"{name}: {', '.join(_said(found))} ({seconds:.1f} s)"), flush=True)
    for problem in found.problems:
        print(clean(f"  ! {problem}"))
    return 0


def _said(found: catalog.RefreshSourceResponse) -> Iterator[str]:
    yield f"{found.tables:,} table{'s' if found.tables != 1 else ''}"
    for word, tables in (("new", found.added), ("gone", found.removed), ("changed", found.changed)):
        if tables:
            yield f"{len(tables):,} {word}: {', '.join(tables[:5])}{', …' if len(tables) > 5 else ''}"
    if not (found.added or found.removed or found.changed):
        yield "nothing changed"
