"""What every vendor's format can say over the wire: one body of tests (test_providers.py) speaks to all of them."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from core.models.language import LanguageModel, Stop
from tests.models.wire.server import Action, Head

KEY = "a-key-that-nobody-may-see"


class Format(Protocol):
    """One vendor's way of writing an answer. Each `bytes` is one event as the vendor sends it, one chunk of the body.

    A whole answer is [head, *start(), text("…"), *end()]; what comes in between may break anyhow.
    """

    name: str
    head: Head

    def environment(self, url: str) -> Mapping[str, str]:
        """Return the vendor's own variables that name the server at *url* and KEY."""

    def model(self) -> LanguageModel:
        """Return the model that reads this format, as those variables say."""

    def start(self) -> list[bytes]:
        """Begin an answer."""

    def text(self, piece: str) -> bytes:
        """Say *piece*."""

    def end(self, stop: Stop = Stop.DONE) -> list[bytes]:
        """End the answer, having read 100 tokens, 60 of them from the cache, and written 7."""

    def call(self, call_id: str, name: str, arguments: Sequence[str]) -> list[bytes]:
        """Say, after start(), a whole call of a tool whose arguments come in these pieces, and end the answer."""

    def refusal(self, words: str) -> list[bytes]:
        """Decline, after start(), and end the answer."""

    def unknown(self) -> bytes:
        """Say an event of a type that is not in today's documentation."""

    def malformed(self) -> bytes:
        """Say something that is framed well and can't be read."""

    def not_utf8(self) -> bytes:
        """Say a piece of text in which one byte is no UTF-8."""

    def overloaded(self) -> bytes:
        """Give up, in the middle of the answer, with the vendor's error for "too many requests at the moment"."""

    def problem(self, status: int, words: str, **headers: str) -> list[Action]:
        """Answer with *status* and the vendor's error, instead of an answer."""
