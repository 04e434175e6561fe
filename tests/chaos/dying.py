"""How a server dies at a chosen point of a run: its request id says "die/STEP/WHERE", or "die/STEP/WHERE/always".

WHERE is one of POINTS. Unless always, only the run's first worker dies.
"""

import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import wraps
from typing import Any

from core.pipeline import Ending, Pipeline, Run, Step

# Its beginning is not yet durable, is durable; it says its first word; its work is done, all but the checkpoint; the
# checkpoint is durable.
POINTS = ("unsaid", "started", "speaking", "done", "completed")


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Doomed:
    """A run (core.pipeline.Run) whose server dies at one point."""

    def __init__(self, run: Run, step: str, where: str) -> None:
        self._run, self._step, self._where = run, step, where

    def __getattr__(self, name: str) -> Any:
        return getattr(self._run, name)

    async def step(self, fn: Callable[..., Awaitable[Any]], *args: Any, **kwargs: Any) -> Any:
        if fn.spec.name != self._step:  # type: ignore[attr-defined]
            return await self._run.step(fn, *args, **kwargs)
        result = await self._run.step(self._dying(fn), *args, **kwargs)
        if self._where == "completed":
            die()
        return result

    def _dying(self, fn: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        @wraps(fn)
        async def work(step: Step, *args: Any, **kwargs: Any) -> Any:
            if self._where == "unsaid":
                die()
            await step.flush()
            if self._where == "started":
                die()
            result = await fn(Mute(step) if self._where == "speaking" else step, *args, **kwargs)
            if self._where in ("speaking", "done"):
                await step.flush()
                die()
            return result

        return work


class Mute:
    """A step (core.pipeline.Step) that dies with its first word."""

    def __init__(self, step: Step) -> None:
        self._step = step

    def __getattr__(self, name: str) -> Any:
        return getattr(self._step, name)

    def emit(self, payload: Any) -> None:
        self._step.emit(payload)
        die()

    def text(self, channel: Any, delta: str) -> None:
        self._step.text(channel, delta)
        die()

    def progress(self, *_: Any, **__: Any) -> None:
        die()


def mortal(pipeline: Pipeline) -> Pipeline:
    async def run(run: Run) -> Ending:
        match run.request.request_id.split("/"):
            case ["die", step, where, *rest] if run.attempts == 1 or "always" in rest:
                return await pipeline.run(Doomed(run, step, where))  # type: ignore[arg-type]
        return await pipeline.run(run)

    return replace(pipeline, run=run)
