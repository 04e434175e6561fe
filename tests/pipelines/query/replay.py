"""A run without an engine: steps are done in place, their results kept as the JSON that a store would hold."""

from collections import Counter
from typing import Any

from google.protobuf.message import Message

from core import checkpoint
from core.errors import LevadaError
from core.identity import LOCAL
from levada.v1.run_pb2 import RunRequest
from tests.pipelines.query.house import House


class Replay:
    """Lives a run through (core.pipeline.Run) from *checkpoints*; *done* are the steps that had to be done."""

    id = "replay"
    owner = LOCAL
    attempts = 1

    def __init__(
        self, house: House, checkpoints: dict[str, str] | None = None, question: str = "Ships by flag?"
    ) -> None:
        self.services = house.catalog
        self.request = RunRequest(question=question)
        self.checkpoints = dict(checkpoints or {})
        self.done: list[str] = []
        self._names: Counter[str] = Counter()

    async def step(self, fn: Any, *args: Any, **kwargs: Any) -> Any:
        name = fn.spec.name
        self._names[name] += 1
        path = name if self._names[name] == 1 else f"{name}#{self._names[name]}"
        if path not in self.checkpoints:
            self.done.append(path)
            self.checkpoints[path] = checkpoint.dump(fn, await fn(Silent(self, path), *args, **kwargs))
        return checkpoint.load(fn, self.checkpoints[path])

    def skip(self, spec: Any, cause: str) -> None: ...


class Silent:
    """A step (core.pipeline.Step) to which nobody listens."""

    attempt = 1

    def __init__(self, run: Replay, name: str) -> None:
        self.run = run
        self.name = name

    def emit(self, payload: Message) -> None: ...

    def text(self, channel: int, delta: str) -> None: ...

    def progress(self, message: str, fraction: float | None = None, *, lasting: bool = False) -> None: ...

    def summary(self, text: str) -> None: ...

    def failed(self, error: LevadaError, *, will_retry: bool = True) -> None: ...

    async def flush(self) -> None: ...
