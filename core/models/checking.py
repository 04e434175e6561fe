"""Whether a language model is as it should be: whether it answers, streams, fills in a form, and how fast."""

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from pydantic import BaseModel, Field

from core.errors import ModelError
from core.models.language import Delta, Finish, Form, LanguageModel, Message, Prompt, Thought
from core.models.structured import fill

_COUNT = Prompt(
    system="You do as you are told and add nothing.",
    messages=[Message("user", "Write the numbers from one to thirty in English words, separated by commas.")],
    key="check/count@1",
)
_FACT = Prompt(
    system="You answer questions about cities.",
    messages=[Message("user", "Which city is the capital of France, and on which river does it lie?")],
    key="check/fact@1",
)
# Pieces that came within so small a part of the whole time came all at once.
_AT_ONCE = 0.02


class Fact(BaseModel):
    """A city and its river."""

    city: str = Field(min_length=1)
    river: str = Field(min_length=1)


@dataclass(frozen=True)
class Finding:
    """One thing that was found out: *check* is "answers", "streams" or "structured"; *message* is for people."""

    check: str
    passed: bool
    message: str
    seconds: float = 0.0
    first_token: float | None = None
    tokens_per_second: float = 0.0


async def check(model: LanguageModel) -> AsyncGenerator[Finding, None]:
    """Ask *model* twice; yield what is found as it is found. Nothing more is asked of one that does not answer."""
    began = time.monotonic()
    try:
        times, finish = await _count(model)
    except ModelError as error:
        yield Finding("answers", passed=False, message=error.message, seconds=time.monotonic() - began)
        return
    whole = time.monotonic() - began
    if not times:
        yield Finding("answers", passed=False, message="The answer was empty.", seconds=whole)
        return
    yield _answered(began, whole, times, finish)
    yield _streamed(began, whole, times)
    yield await _structured(model)


async def _count(model: LanguageModel) -> tuple[list[float], Finish | None]:
    """Return when each piece came, and the end."""
    times: list[float] = []
    finish: Finish | None = None
    async with aclosing(model.stream(_COUNT)) as pieces:
        async for piece in pieces:
            if isinstance(piece, Delta | Thought):
                times.append(time.monotonic())
            elif isinstance(piece, Finish):
                finish = piece
    return times, finish


def _answered(began: float, whole: float, times: list[float], finish: Finish | None) -> Finding:
    tokens = finish.usage.written if finish and finish.usage else 0
    writing = times[-1] - times[0]
    speed = tokens / writing if tokens and writing > 0 else 0.0
    words = [f"The first token came after {times[0] - began:.2f} s, the whole answer took {whole:.2f} s"]
    words += [f"{speed:,.0f} tokens a second"] if speed else ["the server does not say how many tokens it took"]
    return Finding(
        "answers",
        passed=True,
        message=", ".join(words) + ".",
        seconds=whole,
        first_token=times[0] - began,
        tokens_per_second=speed,
    )


def _streamed(began: float, whole: float, times: list[float]) -> Finding:
    if len(times) < 2:
        said = "The answer came in one piece: nothing is seen of it before it is whole."
    elif times[-1] - times[0] < _AT_ONCE * (times[-1] - began):
        said = f"All {len(times)} pieces of the answer came at once: something on the way holds them back."
    else:
        spread = times[-1] - times[0]
        return Finding("streams", passed=True, message=f"{len(times)} pieces came over {spread:.2f} s.", seconds=whole)
    return Finding("streams", passed=False, message=said, seconds=whole)


async def _structured(model: LanguageModel) -> Finding:
    began, passed = time.monotonic(), False
    held = model.forms[0] if model.forms else Form.TEXT
    said = "It did not fill in the form."
    try:
        async with aclosing(fill(model, _FACT, Fact)) as growths:
            async for growth in growths:
                if isinstance(growth, Fact):
                    said, passed = (
                        f"It filled in a form in {time.monotonic() - began:.2f} s, held to it by {held}.",
                        True,
                    )
    except ModelError as error:
        said = error.message
    return Finding("structured", passed=passed, message=said, seconds=time.monotonic() - began)
