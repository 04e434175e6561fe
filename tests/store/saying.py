"""A run that has more to say as soon as the store took what it said before, and readers who collect what is read."""

import asyncio

from core.store import Store
from core.store.records import Append, Claimed


class Speaker:
    """A journal that says numbers, one append at a time; *said* is what the store has confirmed."""

    def __init__(self, store: Store, run: Claimed) -> None:
        self._store = store
        self.run_id, self.epoch = run.id, run.epoch
        self._last, self._bytes = run.row.last_sequence, run.row.bytes
        self.said: list[bytes] = []
        self.refusal: Exception | None = None
        self._silent = asyncio.Event()
        self._more = True

    def start(self) -> None:
        self._store.enlist(self)

    async def stop(self) -> None:
        self._more = False
        await self._silent.wait()

    def take(self) -> Append:
        events = [f"{self.epoch}/{self._last + number}".encode() for number in (1, 2, 3)]
        return Append(self.run_id, self.epoch, self._last, self._bytes, events)

    def stored(self, append: Append) -> None:
        self.said += append.events
        self._last, self._bytes = append.last, self._bytes + sum(map(len, append.events))
        self._go_on()

    def refused(self, append: Append | None, error: Exception) -> None:
        self.refusal = error
        self._more = False
        self._go_on()

    def _go_on(self) -> None:
        if self._more:
            asyncio.get_running_loop().call_later(0.001, self._store.enlist, self)
        else:
            self._silent.set()


async def collect(store: Store, run_id: str, into: list[bytes], after: int = 0) -> None:
    """Read a run to its end, as every reader does: what is there, then wait."""
    while True:
        events, ended = await store.read(run_id, after, 256, 65_536)
        into += events
        after += len(events)
        if ended:
            return
        if not events:
            await store.wait(run_id, after)
