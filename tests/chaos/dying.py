"""How a server dies at a chosen point of a run: its request id says "die:PATH:WHERE", or "die:PATH:WHERE:always".

PATH is a step's, however deep; WHERE is one of POINTS. Unless always, only the run's first worker dies.
"""

import os
import signal
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from core.attempt import StepAttempt
from core.execution import Execution

# Its beginning is not yet durable, is durable; it says its first word; its work is done, all but the checkpoint; the
# checkpoint is durable.
POINTS = ("unsaid", "started", "speaking", "done", "completed")


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def doom(path: str, where: str, *rest: str) -> str:
    """Return the request id of a run whose server dies there."""
    return ":".join(("die", path, where, *rest))


def arm() -> None:
    """Have this process die where runs say so."""
    attempt = Execution._attempt

    async def attempting(self: Execution, step: StepAttempt, span: Any, fn: Any, args: Any, kwargs: Any) -> Any:
        where = _where(self, step.name)
        if where == "unsaid":
            die()
        result = await attempt(self, step, span, _dying(fn, where) if where else fn, args, kwargs)
        if where == "completed":
            die()
        return result

    Execution._attempt = attempting  # type: ignore[method-assign]


def _where(run: Execution, path: str) -> str:
    """Return where in the step *path* the run is to die, "" for nowhere."""
    match run.request.request_id.split(":"):
        case ["die", doomed, where, *rest] if doomed == path and (run.attempts == 1 or "always" in rest):
            return where
    return ""


def _dying(fn: Callable[..., Awaitable[Any]], where: str) -> Callable[..., Awaitable[Any]]:
    @wraps(fn)
    async def work(step: StepAttempt, *args: Any, **kwargs: Any) -> Any:
        await step.flush()
        if where == "started":
            die()
        if where == "speaking":
            step.emit = _with_the_first(step.emit)  # type: ignore[method-assign]
            step.text = _with_the_first(step.text)  # type: ignore[method-assign]
        result = await fn(step, *args, **kwargs)
        if where != "completed":
            await step.flush()
            die()
        return result

    return work


def _with_the_first(say: Callable[..., None]) -> Callable[..., None]:
    def said(*words: Any) -> None:
        say(*words)
        die()

    return said
