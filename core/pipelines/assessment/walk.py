"""The way of one run through the seven steps: what came of it so far, and where it broke off, if it did."""

from collections.abc import Awaitable, Callable
from typing import Any

from core.errors import LevadaError
from core.pipeline import Run
from core.pipelines.assessment.forms import Exercise
from core.pipelines.assessment.results import Attempted, Topic, Tried
from core.pipelines.assessment.steps import NUMBERS


class Walk:
    """Does the steps of *run*. *broke_at* is the number of the step that failed for good, 0 as long as none did."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.topic: Topic | None = None
        self.attempts: list[Attempted] = []
        self.tries: list[Tried] = []
        self.broke_at = 0

    async def step(self, fn: Callable[..., Awaitable[Any]], *args: Any) -> Any:
        try:
            return await self.run.step(fn, *args)
        except LevadaError:
            self.broke_at = NUMBERS[fn.spec.name]  # type: ignore[attr-defined]
            raise

    @property
    def stopped_at(self) -> int:
        """Return the number of the step that was the last, 0 before the first."""
        if self.broke_at or self.tries:
            return self.broke_at or len(NUMBERS)
        return self.attempts[-1].step if self.attempts else 0

    @property
    def exercise(self) -> Exercise | None:
        """Return the exercise that may be used."""
        return self.tries[-1].exercise if self.tries and not self.tries[-1].problems else None
