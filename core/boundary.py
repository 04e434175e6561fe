"""Where a run may come to rest: before a step begins, once no step is at work any more."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from core.attempt import StepAttempt, current

# What a pipeline makes of a step's end (another step, or its own end) shows at once, but not before that.
SETTLING_SECONDS = 0.05


class Boundary:
    """The steps that one run is at, and the branches that rest.

    When all of them do, *rested* hears who wanted that; *idle*, when nobody did.
    """

    def __init__(self, rested: Callable[[str], None], wanted_by: str) -> None:
        self.wanted_by = wanted_by
        self._rested = rested
        self.idle: Callable[[], None] = lambda: None
        self._open: list[StepAttempt] = []
        # The steps within which a branch rests; None is the run itself.
        self._resting: list[StepAttempt | None] = []
        self._free = asyncio.Event()

    def want(self, by: str) -> None:
        """Have the run rest for *by*; for nobody, let it go on."""
        self.wanted_by = by
        if by:
            self._free.clear()
            self.look()
        else:
            self._free.set()

    async def cross(self) -> None:
        """Return when the next step may begin."""
        while self.wanted_by:
            with self.resting():
                await self._free.wait()

    @contextmanager
    def resting(self) -> Iterator[None]:
        """Count the present branch among those that rest: it waits for a person, or to go on. Its steps' time stops."""
        within = current.get()
        clocks = [step.clock for step in within.lineage()] if within is not None else []
        for clock in clocks:
            clock.rest()
        self._resting.append(within)
        try:
            if self.wanted_by:
                self.look()
            yield
        finally:
            self._resting.remove(within)
            for clock in clocks:
                clock.go_on()

    @contextmanager
    def at_work(self, step: StepAttempt) -> Iterator[None]:
        """Count *step* among those at work until it is over."""
        self._open.append(step)
        try:
            yield
        finally:
            self._open.remove(step)
            if self._resting:
                asyncio.get_running_loop().call_later(SETTLING_SECONDS, self.look)
        if self.wanted_by:
            self.look()

    def look(self) -> None:
        """Tell whoever wants to know if all branches rest."""
        if self._resting and not any(map(self._works, self._open)):
            if self.wanted_by:
                self._rested(self.wanted_by)
            else:
                self.idle()

    def _works(self, step: StepAttempt) -> bool:
        """Tell whether *step* works itself, rather than wait for steps within it."""
        return step not in self._resting and all(other.parent is not step for other in self._open)
