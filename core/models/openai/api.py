"""What OpenAI's two APIs have in common: a prompt becomes a request, the events of its answer are read as pieces."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from openai import AsyncAPIResponse, AsyncOpenAI

from core.models.language import Finish, Form, Piece, Prompt
from core.models.openai.strict import shape

Sending = AbstractAsyncContextManager[AsyncAPIResponse[Any]]


class Unfinished(Exception):
    """The events ended before the answer did."""


class Failed(Exception):
    """The server said within its answer that it failed; *body* is what it said."""

    def __init__(self, body: Any) -> None:
        super().__init__()
        self.body = body


class Reading(Protocol):
    """Reads the events of one answer."""

    over: bool

    def take(self, event: Any) -> Iterator[Piece]:
        """Yield what *event* brings; *over* is set with the last one. Raises ValidationError, Failed."""

    def finish(self) -> Finish:
        """Return the end. Raises Unfinished when none was told, Failed."""


class Api(Protocol):
    """One of the APIs."""

    def request(self, prompt: Prompt) -> dict[str, Any]:
        """Return *prompt* as the API takes it, without the model's name."""

    def send(self, client: AsyncOpenAI, model: str, asked: Mapping[str, Any], **how: Any) -> Sending:
        """Return the sending of a request, which begins when it is entered."""

    def reading(self, prompt: Prompt) -> Reading:
        """Return what reads the answer to *prompt*."""


def form_tool(prompt: Prompt) -> str:
    """Return the name of the tool that stands for the form that *prompt* wants, empty when none does."""
    return shape(prompt.form).name if prompt.form and prompt.held is Form.TOOL else ""
