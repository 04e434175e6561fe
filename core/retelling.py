"""Steps that a fork keeps, told again out of the log of the run that they are from, so that its own log is whole."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from core.attempt import StepAttempt
from core.errors import CursorExpired, NotFound
from levada.v1.event_pb2 import Event, InputReceived, InputRequested, StepProgressed

if TYPE_CHECKING:
    from core.execution import Execution

Read = Callable[[str, int, int, int], Awaitable[tuple[Sequence[bytes], bool]]]

EVENTS_AT_ONCE = 256
BYTES_AT_ONCE = 2**20


class Retelling:
    """Tells one attempt of a kept step as it once was, along with the steps within it, a little at a time."""

    def __init__(self, run: "Execution", step: StepAttempt) -> None:
        self._run, self._step = run, step
        self._within = f"{step.name}/"
        kept = {path: known for path, known in run.steps.items() if known.origin and self._is_ours(path)}
        self._then = kept
        self._now = {path: replace(known, attempt=step.attempt) for path, known in kept.items()}
        self._asked: set[str] = set()

    async def tell(self, read: Read) -> bool:
        """Say all of it, durable on return; tell whether *read* still had it."""
        run = self._run
        run.journal.progress = run.progress.at(self._step.spec)
        for path, known in self._now.items():
            run.tally.begin(path)
            run.steps[path] = known
            run.record(path, known)
        try:
            await self._copy(read)
        except (CursorExpired, NotFound):
            return False
        for path, known in self._now.items():
            run.record(path, replace(known, origin="", rows=run.tally.rows[path]))
        await run.journal.flush()
        return True

    async def _copy(self, read: Read) -> None:
        own = self._then[self._step.name]
        after = min(known.first for known in self._then.values()) - 1
        while after < own.last:
            events, _ = await read(own.origin, after, EVENTS_AT_ONCE, BYTES_AT_ONCE)
            if not events:
                raise NotFound
            for number, event in enumerate(map(Event.FromString, events), after + 1):
                known = self._then.get(event.step, own)
                if self._is_ours(event.step) and known.first <= number <= known.last:
                    self._say(number, event)
            after += len(events)
            await self._run.journal.flush()

    def _is_ours(self, path: str) -> bool:
        return path == self._step.name or path.startswith(self._within)

    def _say(self, number: int, event: Event) -> None:
        run, journal = self._run, self._run.journal
        name = event.WhichOneof("payload")
        if name is None:
            return
        payload = getattr(event, name)
        match payload:
            case StepProgressed() if event.step == self._step.name and payload.HasField("fraction"):
                journal.progress = run.progress.at(self._step.spec, payload.fraction)
            case InputRequested():
                self._asked.add(payload.input_id)
            case InputReceived():
                self._ask(payload.input_id, event.step)
        run.tally.hear_again(event.step, payload)
        journal.say(payload, step=event.step, attempt=self._step.attempt)
        self._place(number, event.step)

    def _ask(self, input_id: str, path: str) -> None:
        """Note an answer; the question may have been asked by an earlier attempt, which is not told again."""
        request = self._run.asking.request(input_id)
        if request is not None and input_id not in self._asked:
            self._run.journal.say(request, step=path, attempt=self._step.attempt)
        self._run.journal.record(received=input_id)

    def _place(self, number: int, path: str) -> None:
        """Note where a step's first and last events are in the fork's own log."""
        then, here = self._then.get(path), self._run.journal.number
        if then is not None and number == then.first:
            self._now[path] = replace(self._now[path], first=here)
        elif then is not None and number == then.last:
            self._now[path] = replace(self._now[path], last=here)
