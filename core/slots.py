"""Places at work: how many runs work at once in this process, and whose turn it is when one becomes free."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager


class Slots:
    """At most *count* runs at work. Those that go on after a pause come before new ones; *freed* hears of a place."""

    def __init__(self, count: int, freed: Callable[[], None]) -> None:
        self._count = count
        self._freed = freed
        self._kept = 0
        self._holders: set[Slot] = set()
        self._next: deque[tuple[Slot, asyncio.Future[None]]] = deque()

    @property
    def free(self) -> int:
        return max(0, self._count - self._kept - len(self._holders))

    @contextmanager
    def kept(self) -> Iterator[int]:
        """Keep all free places for new runs while they are fetched; what they do not take is passed on."""
        self._kept = self.free
        try:
            yield self._kept
        finally:
            self._kept = 0
            self._pass_on()

    def take(self, permit: Callable[[], Awaitable[None]]) -> "Slot":
        """Return the place of a new run, which it has at once; it waits for *permit* before it has one again."""
        slot = Slot(self, permit)
        self._holders.add(slot)
        return slot

    def has(self, slot: "Slot") -> bool:
        return slot in self._holders

    def give_up(self, slot: "Slot") -> None:
        if slot in self._holders:
            self._holders.remove(slot)
            self._pass_on()
            self._freed()

    async def regain(self, slot: "Slot") -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._next.append((slot, turn))
        self._pass_on()
        await turn

    def _pass_on(self) -> None:
        waiting, self._next = self._next, deque()
        for slot, turn in waiting:
            if turn.done():
                continue
            if slot in self._holders or self.free:
                self._holders.add(slot)
                turn.set_result(None)
            else:
                self._next.append((slot, turn))


class Slot:
    """One run's place, which it gives up while all that it does is wait for people."""

    def __init__(self, slots: Slots, permit: Callable[[], Awaitable[None]]) -> None:
        self._slots = slots
        self._permit = permit

    def give_up(self) -> None:
        self._slots.give_up(self)

    async def regain(self) -> None:
        """Return once the run has a place again: at once if it has one."""
        if not self._slots.has(self):
            await self._permit()
            await self._slots.regain(self)
