"""The index over what all sources hold: made when they are first looked at, and anew for whichever changed.

It keeps each source by itself, so that a caller searches over what is theirs and nothing else.
"""

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import partial

from core.errors import SourceError
from core.pipeline import Refreshed, Tell, untold
from core.pipelines.answering.relevance.index import Indexed, Searchable
from core.pipelines.answering.relevance.tables import key
from core.sources.base import Source
from core.sources.looking import Looked, uncounted
from levada.v1.catalog_pb2 import Schema

LOOK_SECONDS = 10.0


class SchemaIndex:
    """Knows what *sources* hold, as their `describe` says it at the moment."""

    def __init__(self, sources: Mapping[str, Source]) -> None:
        self._sources = sources
        self._known: dict[str, Indexed] = {}
        self._making: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def read(self, names: Collection[str], tell: Tell = untold) -> Searchable:
        """Return what the sources of *names* hold; *tell* hears of each as it was looked at.

        One that can't be looked at now is left out, or, where it was before, is searched as it was then.
        """
        looking = _Looking(self, names, tell)
        async with asyncio.TaskGroup() as group:
            for name in names:
                group.create_task(looking.at(name))
        return Searchable({name: looking.found[name] for name in names if name in looking.found}, looking.problems)

    async def refresh(self, name: str) -> Refreshed:
        """Look at a source anew and say what changed. Raises SourceError."""
        before = self._known.get(name)
        self._sources[name].forget()
        now = await self.look(name)
        return await asyncio.to_thread(_compared, before.schema if before else now.schema, now.schema)

    async def look(self, name: str, looked: Looked = uncounted) -> Indexed:
        """Return a source's part, made anew if the source is not as it was. Raises SourceError."""
        schema = await self._sources[name].describe(looked)
        async with self._making[name]:
            known = self._known.get(name)
            if known is None or known.schema is not schema:
                known = await asyncio.to_thread(self._indexed, name, schema, known)
                self._known[name] = known
            return known

    def _indexed(self, name: str, schema: Schema, known: Indexed | None) -> Indexed:
        digest = _digest(schema)
        if known is not None and known.digest == digest:
            return replace(known, schema=schema)
        return Indexed.of(schema, digest, self._sources[name].description)

    def known(self, name: str) -> Indexed | None:
        """Return what was known of a source when it was last looked at."""
        return self._known.get(name)


class _Looking:
    """One look at several sources, side by side."""

    def __init__(self, index: SchemaIndex, names: Collection[str], tell: Tell) -> None:
        self._index, self._total, self._tell = index, len(names), tell
        self.found: dict[str, Indexed] = {}
        self.problems: dict[str, str] = {}
        self._done = 0

    async def at(self, name: str) -> None:
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                self.found[name] = await self._index.look(name, partial(self._looked, name))
            said = f"Looked at {name}: {_counted(len(self.found[name].schema.tables))}."
        except SourceError as error:
            said = self._missed(name, error.message)
        except TimeoutError:
            said = self._missed(name, f"It did not answer within {LOOK_SECONDS:g} seconds.")
        self._done += 1
        self._tell(said, self._done / self._total)

    def _looked(self, name: str, done: int, tables: int) -> None:
        self._tell(f"Looking at {name}: {done:,} of {_counted(tables)}.", (self._done + done / tables) / self._total)

    def _missed(self, name: str, cause: str) -> str:
        known = self._index.known(name)
        if known is not None:
            self.found[name] = known
        instead = "it is taken to be as it was" if known is not None else "it is left out"
        self.problems[name] = f"{name} can't be looked at, so {instead}: {cause}"
        return self.problems[name]


def _counted(tables: int) -> str:
    return f"{tables:,} table{'s' if tables != 1 else ''}"


def _digest(schema: Schema) -> bytes:
    return hashlib.sha256(schema.SerializeToString(deterministic=True)).digest()


def _compared(before: Schema, now: Schema) -> Refreshed:
    was, there = ({key(table): table for table in schema.tables} for schema in (before, now))
    return Refreshed(
        now,
        added=[name for name in there if name not in was],
        removed=[name for name in was if name not in there],
        changed=[name for name, table in there.items() if name in was and was[name] != table],
    )
