"""A conducted model over a vendor on loopback, and a listener that keeps what it hears."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from core.errors import BudgetExhausted
from core.models.calls import Call, listening
from core.models.conduct import Conducted, Vendor
from core.models.openai import OpenAI
from core.settings import ModelSettings
from tests.models.wire.house import House
from tests.models.wire.openai_chat import MODEL, ChatFormat
from tests.models.wire.server import wire


@dataclass
class Heard:
    """Hears of calls; allows *allowed* of them."""

    scope: str = "us"
    allowed: int = 1_000
    useful: float | None = None
    calls: list[Call] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    async def allow(self, tokens: int, cost: float | None) -> None:
        if len(self.calls) >= self.allowed:
            raise BudgetExhausted

    def called(self, call: Call) -> None:
        self.calls.append(call)

    def left(self) -> float | None:
        return self.useful

    def told(self, message: str, *, lasting: bool = False) -> None:
        self.words.append(message)


Opening = Callable[..., AbstractAsyncContextManager[House]]


def opening(monkeypatch: pytest.MonkeyPatch) -> Opening:
    """Return what opens a vendor whose model is conducted as the settings say."""

    @asynccontextmanager
    async def opened(vendor: Vendor | None = None, **settings: Any) -> AsyncIterator[House]:
        form = ChatFormat()
        async with wire() as served:
            for name, value in form.environment(served.url).items():
                monkeypatch.setenv(name, value)
            own = ModelSettings(**settings)
            model = Conducted(OpenAI(MODEL, own), own, vendor, role="strong")
            try:
                yield House(form, served, model)
            finally:
                await model.close()

    return opened


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Opening:
    return opening(monkeypatch)


@pytest.fixture
def heard() -> Iterator[Heard]:
    """Listen."""
    here = Heard()
    with listening(here):
        yield here
