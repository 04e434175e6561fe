"""What a shelf holds, ready to be searched, and kept up: a document that changed is read anew, and no other one.

Searches are answered from what is there. What was removed or replaced is never found; what was added is waited for,
up to PATIENCE seconds, and found from the next search on when taking it in takes longer.
"""

import asyncio
from collections.abc import Hashable
from typing import NamedTuple

from core.sources.knowledge.index import Index, Segment
from core.sources.knowledge.passage import Listed, Shelf

PATIENCE = 1.0


class _Taken(NamedTuple):
    stamp: Hashable
    segment: Segment
    problem: str = ""


class Library:
    """The documents of *shelf*, each with its own part of the index. For one event loop."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._looking = asyncio.Lock()
        self._listed: Listed | None = None
        self._taken: dict[str, _Taken] = {}
        self._offered: dict[str, _Taken] = {}
        self._missing: dict[str, Hashable] = {}
        self._index: Index | None = None
        self._reading: asyncio.Task[None] | None = None
        self.whole = False
        """Whether all there was at some time is at hand, so that searches need not wait for all of it."""

    @property
    def passages(self) -> int:
        """How many are held in memory."""
        return len(self._index) if self._index is not None else 0

    async def look(self) -> Hashable:
        """Return the version of what the shelf holds; what is not of it is dropped. Raises SourceUnavailable."""
        async with self._looking:
            listed = await self._shelf.listed()
            if self._listed is None or listed.version != self._listed.version:
                self._drop(listed)
        return listed.version

    async def index(self) -> Index:
        """Return what searches are answered from. Raises SourceUnavailable."""
        await self.look()
        if self._missing:
            await self._wait()
            if self._listed is None:  # it was let go between the end of reading and here
                return await self.index()
        if self._index is None:
            self._index = self._put_together()
        return self._index

    def offer(self, name: str, stamp: Hashable, segment: Segment) -> None:
        """Take in what the shelf has just been given, so that nobody needs to read it from there."""
        if self.whole:
            self._offered[name] = _Taken(stamp, segment)

    def let_go(self) -> None:
        """Forget everything, unless it is being read; it is read anew for whoever asks next."""
        if self._reading is None or self._reading.done():
            self._listed, self._index, self.whole = None, None, False
            self._taken, self._offered, self._missing = {}, {}, {}

    async def close(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait([self._reading])
        await self._shelf.close()

    def _drop(self, listed: Listed) -> None:
        """Keep what is still as it is *listed*."""
        at_hand = self._taken | {
            name: one for name, one in self._offered.items() if listed.stamps.get(name) == one.stamp
        }
        stamps = listed.stamps
        self._taken = {name: at_hand[name] for name, stamp in stamps.items() if _is(at_hand.get(name), stamp)}
        self._missing = {name: stamp for name, stamp in stamps.items() if name not in self._taken}
        self._listed, self._index, self._offered = listed, None, {}

    async def _wait(self) -> None:
        """Wait for what is missing, which goes on being read when nobody waits for it any more."""
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read(), name="levada-library")
            self._reading.add_done_callback(lambda done: done.cancelled() or done.exception())
        reading = self._reading
        await asyncio.wait([reading], timeout=PATIENCE if self.whole else None)
        if reading.done():
            reading.result()

    async def _read(self) -> None:
        while self._missing:
            name, stamp = next(iter(self._missing.items()))
            read = await self._shelf.read(name)
            segment = await asyncio.to_thread(Segment, name, read.passages)
            if self._missing.get(name) == stamp:  # else it changed again meanwhile, or has gone
                self._taken[name] = _Taken(stamp, segment, read.problem)
                del self._missing[name]
                self._index = None
        self.whole = True

    def _put_together(self) -> Index:
        listed = self._listed or Listed(None, {})
        taken = [self._taken[name] for name in listed.stamps if name in self._taken]
        problems = [*(one.problem for one in taken if one.problem), *listed.problems]
        if self._missing:
            problems.append(
                f"Documents that are still being read: {len(self._missing):,}, {next(iter(self._missing))} first."
            )
        return Index([one.segment for one in taken], None if self._missing else listed.version, problems)


def _is(taken: _Taken | None, stamp: Hashable) -> bool:
    return taken is not None and taken.stamp == stamp
