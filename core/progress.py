"""How far a run is, which never falls, and how long a step will take, from how long it took before."""

import statistics
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from core.pipeline import StepSpec

SAMPLE = 50
LOOKED_AT = 1_000


class Progress:
    """A run's progress, 0 to 1, by the marks that the pipeline's steps set.

    Those of conditional steps too: which steps of `auto` a run takes is not known before.
    """

    def __init__(self, steps: Sequence[StepSpec], value: float = 0.0) -> None:
        marks = sorted({step.progress for step in steps} | {1.0})
        self._marks = marks
        self.value = value

    def at(self, spec: StepSpec, fraction: float = 0.0) -> float:
        """Move to where *spec* is when *fraction* of it is done, on the way to the next step's mark."""
        if not spec.conditional:
            to = next((mark for mark in self._marks if mark > spec.progress), 1.0)
            reached = spec.progress + (to - spec.progress) * min(max(fraction, 0.0), 1.0)
            self.value = max(self.value, reached)
        return self.value

    def done(self) -> float:
        self.value = 1.0
        return self.value


class Estimates:
    """Medians of how long steps took, over the last 50 times; there is none without history.

    *look_up* gives (step, microseconds) of a pipeline's last steps from the store, newest first.
    """

    def __init__(self, look_up: Callable[[str, int], Awaitable[Sequence[tuple[str, int]]]]) -> None:
        self._look_up = look_up
        self._durations: dict[str, dict[str, deque[int]]] = {}

    async def load(self, pipeline: str) -> None:
        """Know what the store knows of *pipeline*; asked once, as this process adds what it sees."""
        if pipeline in self._durations:
            return
        known: dict[str, deque[int]] = {}
        for step, microseconds in reversed(await self._look_up(pipeline, LOOKED_AT)):
            known.setdefault(step, deque(maxlen=SAMPLE)).append(microseconds)
        self._durations.setdefault(pipeline, known)

    def of(self, pipeline: str, step: str) -> int | None:
        known = self._durations.get(pipeline, {}).get(step)
        return int(statistics.median(known)) if known else None

    def add(self, pipeline: str, step: str, microseconds: int) -> None:
        self._durations.setdefault(pipeline, {}).setdefault(step, deque(maxlen=SAMPLE)).append(microseconds)
