"""A stage for plays: pipelines written within a test, an engine to play them, and what readers saw of it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Self

from pydantic import BaseModel

from core.engine import Engine
from core.identity import LOCAL, Principal
from core.pipeline import Ending, Pipeline, Run, StepSpec
from core.settings import Limits, Settings
from levada.v1 import event_pb2 as events
from levada.v1.event_pb2 import Event
from levada.v1.run_pb2 import Run as StoredRun
from levada.v1.run_pb2 import RunRequest
from tests.limits import LIFTED

TERMINAL = {"completed", "failed", "cancelled"}


class Word(BaseModel):
    text: str


def spec(name: str, progress: float = 0.0, *, seconds: float | None = None, conditional: bool = False) -> StepSpec:
    title = f"{name.title()}..."
    return StepSpec(name, title, title, "⚙", events.CATEGORY_ACTION, progress, seconds, conditional)


def pipeline(run: Callable[[Run], Awaitable[Ending]], *steps: StepSpec, name: str = "play") -> Pipeline:
    return Pipeline(name, name.title(), "", steps, run, lambda *_: None, lambda *_: ())


def answered(summary: str = "Done.") -> Ending:
    return Ending(events.OUTCOME_ANSWERED, summary)


def kind(event: Event) -> str:
    return event.WhichOneof("payload") or ""


def kinds(seen: Sequence[Event]) -> list[str]:
    return [kind(event) for event in seen]


class Stage:
    """Holds a running engine on *url*; `restart` replaces it by a new one on the same store."""

    def __init__(self, url: str, **limits: Any) -> None:
        self.url = url
        self.limits = limits
        self.lease = 30.0
        self.services: Any = None
        self.pipelines: dict[str, Pipeline] = {}
        self.engine: Engine
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def start(self) -> None:
        settings = Settings(store=self.url, limits=Limits(**LIFTED | self.limits), lease=self.lease)
        self.engine = await self._stack.enter_async_context(
            Engine(settings, list(self.pipelines.values()), self.services)
        )

    async def stop(self) -> None:
        await self._stack.aclose()

    async def crash(self) -> None:
        """End the engine as a crash would: nothing is handed back or written."""
        runner, store = self.engine._runner, self.engine.store

        async def gone(seconds: float) -> None:
            runner._lives.clear()

        runner.drain = gone
        store._writer._journals.clear()
        store._writer.enlist = lambda journal: None
        await self.stop()

    async def restart(self, *pipelines: Pipeline, **limits: Any) -> None:
        await self.stop()
        self.pipelines.update((one.name, one) for one in pipelines)
        self.limits |= limits
        await self.start()

    async def play(self, run: Callable[[Run], Awaitable[Ending]], *steps: StepSpec, **limits: Any) -> None:
        """Have *run* played for requests to come."""
        await self.restart(pipeline(run, *steps), **limits)

    async def create(self, question: str = "?", *, caller: Principal = LOCAL, **request: Any) -> str:
        made = RunRequest(**{"pipeline": "play", "question": question, **request})
        run, _ = await self.engine.create(caller, made)
        return run.run_id

    @asynccontextmanager
    async def elsewhere(self) -> AsyncIterator["Stage"]:
        """Yield a second server on the same store; where there can't be one, this one after a restart."""
        if not self.engine.store.shared:
            await self.restart()
            yield self
            return
        other = Stage(self.url, **self.limits)
        other.pipelines, other.lease = self.pipelines, self.lease
        async with other:
            yield other

    async def watch(self, run_id: str, after: int = 0, caller: Principal = LOCAL) -> list[Event]:
        """Return all that a reader sees until the stream ends."""
        seen = []
        async for batch in self.engine.watch(caller, run_id, after):
            seen += [Event.FromString(data) for data in batch]
        return seen

    async def until(self, run_id: str, *wanted: str, after: int = 0) -> list[Event]:
        """Watch until an event of that kind has come."""
        seen = []
        async for batch in self.engine.watch(LOCAL, run_id, after):
            seen += [Event.FromString(data) for data in batch]
            if any(one in kinds(seen) for one in wanted):
                return seen
        raise AssertionError(f"None of {wanted} among {kinds(seen)}")

    async def ask(self, question: str = "?", **request: Any) -> list[Event]:
        """Create a run and return everything it says."""
        return await self.watch(await self.create(question, **request))

    async def get(self, run_id: str) -> StoredRun:
        return await self.engine.get(LOCAL, run_id)


def assert_whole(seen: Sequence[Event], after: int = 0) -> None:
    """A reader's events are numbered without gap or repeat, and the last one, and only that, is terminal."""
    assert [event.sequence for event in seen] == list(range(after + 1, after + 1 + len(seen)))
    assert [kind(event) in TERMINAL for event in seen] == [False] * (len(seen) - 1) + [True]
    progress = [event.progress for event in seen]
    assert progress == sorted(progress)


async def gather(*work: Awaitable[Any]) -> list[Any]:
    """Do all at once, within a time that no healthy engine needs."""
    async with asyncio.timeout(60):
        return await asyncio.gather(*work)
