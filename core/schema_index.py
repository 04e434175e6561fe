"""The index over what all sources hold: made when they are first looked at, and anew for whichever changed.

It keeps each source by itself, so that a caller searches over what is theirs and nothing else.
"""

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType

from core.errors import SourceError
from core.pipeline import Refreshed, Tell, untold
from core.pipelines.answering.relevance.index import Indexed, Searchable
from core.pipelines.answering.relevance.tables import key
from core.sources.base import Source
from core.sources.looking import Looked, uncounted
from levada.v1.catalog_pb2 import Schema

LOOK_SECONDS = 10.0
Sources = Mapping[str, Source]
_NONE: Sources = MappingProxyType({})


class SchemaIndex:
    """Knows what *sources* hold, as their `describe` says it at the moment, and what those of one tenant's *own* do."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._known: dict[Source, Indexed] = {}
        self._making: dict[Source, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def read(self, names: Collection[str], tell: Tell = untold, own: Sources = _NONE) -> Searchable:
        """Return what the sources of *names* hold; *tell* hears of each as it was looked at.

        One that can't be looked at now is left out, or, where it was before, is searched as it was then.
        """
        looking = _Looking(self, {name: self._source(name, own) for name in names}, tell)
        async with asyncio.TaskGroup() as group:
            for name in names:
                group.create_task(looking.at(name))
        return Searchable({name: looking.found[name] for name in names if name in looking.found}, looking.problems)

    def _source(self, name: str, own: Sources) -> Source:
        return own[name] if name in own else self._sources[name]

    async def refresh(self, name: str, own: Sources = _NONE) -> Refreshed:
        """Look at a source anew and say what changed. Raises SourceError."""
        source = self._source(name, own)
        before = self._known.get(source)
        source.forget()
        now = await self.look(source)
        return await asyncio.to_thread(_compared, before.schema if before else now.schema, now.schema)

    async def look(self, source: Source, looked: Looked = uncounted) -> Indexed:
        """Return a source's part, made anew if the source is not as it was. Raises SourceError."""
        schema = await source.describe(looked)
        async with self._making[source]:
            known = self._known.get(source)
            if known is None or known.schema is not schema:
                known = await asyncio.to_thread(self._indexed, source, schema, known)
                self._known[source] = known
            return known

    def _indexed(self, source: Source, schema: Schema, known: Indexed | None) -> Indexed:
        digest = _digest(schema)
        if known is not None and known.digest == digest:
            return replace(known, schema=schema)
        return Indexed.of(schema, digest, source.description)

    def known(self, source: Source) -> Indexed | None:
        """Return what was known of a source when it was last looked at."""
        return self._known.get(source)


class _Looking:
    """One look at several sources, side by side."""

    def __init__(self, index: SchemaIndex, sources: Sources, tell: Tell) -> None:
        self._index, self._sources, self._tell = index, sources, tell
        self.found: dict[str, Indexed] = {}
        self.problems: dict[str, str] = {}
        self._done = 0

    async def at(self, name: str) -> None:
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                self.found[name] = await self._index.look(self._sources[name], partial(self._looked, name))
            said = f"Looked at {name}: {_counted(len(self.found[name].schema.tables))}."
        except SourceError as error:
            said = self._missed(name, error.message)
        except TimeoutError:
            said = self._missed(name, f"It did not answer within {LOOK_SECONDS:g} seconds.")
        self._done += 1
        self._tell(said, self._done / len(self._sources))

    def _looked(self, name: str, done: int, tables: int) -> None:
        fraction = (self._done + done / tables) / len(self._sources)
        self._tell(f"Looking at {name}: {done:,} of {_counted(tables)}.", fraction)

    def _missed(self, name: str, cause: str) -> str:
        known = self._index.known(self._sources[name])
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
