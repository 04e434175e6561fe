"""Every call of a language model in a benchmark: kept in a file of its own for reading, and added up."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from core.models.calls import Call, written


@dataclass
class Exchanges:
    """The calls for all questions, kept in *folder*; *unpriced* counts those whose cost is not known."""

    folder: Path
    calls: int = 0
    failed: int = 0
    read: int = 0
    written: int = 0
    cost: float = 0.0
    unpriced: int = 0
    first_tokens: list[float] = field(default_factory=list)

    def of(self, name: str) -> "Exchange":
        """Return the listener to the calls for one question."""
        return Exchange(self, name)

    def add(self, name: str, call: Call) -> None:
        self.calls += 1
        self.failed += bool(call.problem)
        self.read += call.usage.read
        self.written += call.usage.written
        self.unpriced += call.cost is None
        self.cost += call.cost or 0.0
        if call.first_token is not None:
            self.first_tokens.append(call.first_token)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.joinpath(f"{name}.md").write_text(_text(call), "utf-8")

    def __str__(self) -> str:
        cost = "cost not known: give prices in levada.toml" if self.unpriced else f"cost {self.cost:.4f} USD"
        first = f"ms to first token: {percentiles(self.first_tokens)}"
        return (
            f"calls {self.calls} ({self.failed} failed)  tokens read {self.read:,}, written {self.written:,}  {cost}"
            f"  {first}  exchanges in {self.folder}"
        )


@dataclass
class Exchange:
    """Hears the calls for one question (core.models.calls.Listener)."""

    whole: Exchanges
    name: str
    scope: str = ""
    heard: int = 0

    async def allow(self, tokens: int, cost: float | None) -> None:
        """Nothing limits a benchmark but its questions."""

    def called(self, call: Call) -> None:
        self.heard += 1
        self.whole.add(f"{self.name}-{self.heard}", call)

    def left(self) -> float | None:
        return None

    def told(self, message: str, *, lasting: bool = False) -> None:
        print(f"{self.name}: {message}")


def _text(call: Call) -> str:
    facts = (
        f"{call.prompt.key} · {call.provider} {call.model} · attempt {call.attempt} · {call.seconds:.2f} s · "
        f"{call.usage.read} tokens read, {call.usage.written} written · {call.finish_reason or call.problem}"
    )
    return f"# {facts}\n\n{written(call.prompt)}\n\n[answer]\n{call.response}\n"


def percentiles(seconds: Sequence[float]) -> str:
    """Return the median and the tail of *seconds*, in milliseconds."""
    times = sorted(seconds) or [0.0]
    at = {share: 1000 * times[min(len(times) - 1, len(times) * share // 100)] for share in (90, 95, 99)}
    tail = ", ".join(f"p{share} {time:.0f}" for share, time in at.items())
    return f"median {1000 * statistics.median(times):.0f}, {tail}"
