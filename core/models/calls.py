"""What is known of each call of a language model, and who hears of it: whoever called has a listener for the while.

Models know nothing of runs and steps; those listen.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol

from core.models.language import Message, Prompt, Usage


@dataclass(frozen=True)
class Call:
    """One try of one call, however it ended. *seconds* are from request to end, *first_token* to the first piece.

    *usage* is what the vendor said, or *estimated* from the text's length where it said nothing although it worked.
    *cost* is in US dollars, None when a price is unknown. *problem* says what went wrong, in words for people, and
    *error* what kind of error that was. *model* is the name in the settings, *answered_by* the vendor's own.
    """

    provider: str
    model: str
    role: str
    prompt: Prompt
    response: str
    began: int  # nanoseconds since 1970
    seconds: float
    first_token: float | None = None
    usage: Usage = Usage()  # noqa: RUF009 - frozen
    estimated: bool = False
    cost: float | None = None
    finish_reason: str = ""
    attempt: int = 1
    problem: str = ""
    error: str = ""
    answered_by: str = ""
    from_cache: bool = False


def written(prompt: Prompt) -> str:
    """Return *prompt* as people read it: each message under who says it, then the tools and the form asked for."""
    parts = [("system", prompt.system)] if prompt.system else []
    parts += [(message.role, _said(message)) for message in prompt.messages]
    parts += [(f"tool {tool.name}", tool.description) for tool in prompt.tools]
    if prompt.form is not None:
        parts.append((f"form ({prompt.held.value})", json.dumps(prompt.form.model_json_schema(), ensure_ascii=False)))
    return "\n\n".join(f"[{who}]\n{text}" for who, text in parts)


def _said(message: Message) -> str:
    calls = [f"{call.name}({call.arguments})" for call in message.calls]
    return "\n".join([message.text, *calls] if message.text else calls)


class Listener(Protocol):
    """Whoever calls models, or lets them be called, and wants to know. *scope* is whose answers may be shared."""

    scope: str

    async def allow(self, tokens: int, cost: float | None) -> None:
        """Return when one more call may begin, which takes so many *tokens* and US dollars at most (None: not known).

        Raises BudgetExhausted. Whoever is allowed a call tells of it when it is over, however it went.
        """

    def called(self, call: Call) -> None:
        """Hear of a try that is over: also of one that failed or was cancelled."""

    def left(self) -> float | None:
        """Return for how many more seconds an answer is of use; None for as long as it takes."""

    def told(self, message: str, *, lasting: bool = False) -> None:
        """Hear of something that people should know: a wait, or (*lasting*) that another model takes over."""


class Nobody:
    """Hears nothing and allows everything: for calls outside of any step."""

    scope = ""

    async def allow(self, tokens: int, cost: float | None) -> None: ...

    def called(self, call: Call) -> None: ...

    def left(self) -> float | None: ...

    def told(self, message: str, *, lasting: bool = False) -> None: ...


_listener: ContextVar[Listener] = ContextVar("levada_model_listener", default=Nobody())  # noqa: B039 - it holds nothing


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Have *listener* hear of the calls made within, by this task and those it starts."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def listener() -> Listener:
    """Return whoever listens now."""
    return _listener.get()
