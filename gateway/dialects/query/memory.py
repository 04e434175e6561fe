"""What the `query` dialect keeps of a run's events, so that a frame can say what its event takes for known."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from levada.v1 import event_pb2 as pb

Said = dict[str, Any]


@dataclass
class Memory:
    ahead: list[str] = field(default_factory=list)
    """The steps that every run of this kind takes."""
    over: set[str] = field(default_factory=set)
    databases: list[str] = field(default_factory=list)
    message: tuple[str, str] = ("", "")
    """The step that said something last, and what."""
    streamed: set[tuple[str, int, int]] = field(default_factory=set)
    """The step, attempt and channel of each text that came in pieces."""
    languages: dict[str, tuple[str, str]] = field(default_factory=dict)
    """The database and the language of each query."""
    sources: dict[str, str] = field(default_factory=dict)
    """The database of each operation that began."""
    columns: dict[str, list[str]] = field(default_factory=dict)
    """The columns' keys of each table."""
    sql: str = ""

    def announce(self, infos: Iterable[pb.StepInfo]) -> None:
        self.ahead += [info.step for info in infos if not info.conditional and info.step not in self.ahead]


Words = dict[str, Callable[[Memory, pb.Event, Any], Iterable[Said]]]


def seconds(value: Any) -> str:
    """Return a duration for people: "30s", "1.4s", "0.007s"."""
    length = value.ToTimedelta().total_seconds()
    return f"{length:.0f}s" if length >= 10 else f"{length:.{1 if length >= 1 else 3}f}s"
