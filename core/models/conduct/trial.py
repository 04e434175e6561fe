"""One try of a call while it lasts, and what it comes to: the `Call` that is told of it."""

import asyncio
import time
from dataclasses import dataclass

from core.errors import LevadaError
from core.models.calls import Call, written
from core.models.conduct.patience import OutOfPatience
from core.models.language import Delta, Finish, LanguageModel, Piece, Prompt, Usage
from core.settings import ModelSettings

BYTES_PER_TOKEN = 3


@dataclass(frozen=True)
class Caller:
    """Who calls: *model* in *role*, at the prices of *settings*."""

    model: LanguageModel
    role: str
    settings: ModelSettings


class Trial:
    """Hears the pieces of one try. *begun* says whether any was handed on."""

    def __init__(self, caller: Caller, prompt: Prompt, attempt: int) -> None:
        self.begun = False
        self.finish: Finish | None = None
        self._caller, self._prompt, self._attempt = caller, prompt, attempt
        self._first: float | None = None
        self._texts: list[str] = []
        self._error: BaseException | None = None

    @property
    def text(self) -> str:
        return "".join(self._texts)

    def start(self) -> None:
        self._began, self._clock = time.time_ns(), time.monotonic()

    def came(self) -> None:
        """Something came, whether it is handed on or not."""
        if self._first is None:
            self._first = time.monotonic() - self._clock

    def hear(self, piece: Piece) -> None:
        self.came()
        self.begun = True
        if isinstance(piece, Delta):
            self._texts.append(piece.text)
        elif isinstance(piece, Finish):
            self.finish = piece

    def failed(self, error: BaseException) -> None:
        self._error = error

    def call(self) -> Call:
        """Return what there is to tell of the try, now that it is over."""
        model, finish, error = self._caller.model, self.finish, None if self.finish else self._error
        response = "\n".join(
            ([self.text] if self.text else [])
            + [f"{call.name}({call.arguments})" for call in (finish.calls if finish else ())]
        )
        usage = finish.usage if finish else None
        told = usage or self._estimate(response)
        return Call(
            provider=model.provider,
            model=model.name,
            role=self._caller.role,
            prompt=self._prompt,
            response=response,
            began=self._began,
            seconds=time.monotonic() - self._clock,
            first_token=self._first,
            usage=told,
            estimated=usage is None and told != Usage(),
            cost=cost(told, self._caller.settings),
            finish_reason=(finish.reason or finish.stop.value) if finish else "",
            attempt=self._attempt,
            problem=_words(error),
            error=type(error).__name__ if error else "",
            answered_by=finish.model if finish else "",
        )

    def _estimate(self, response: str) -> Usage:
        """Return what a vendor will want paid that told nothing: all that it read, and wrote until it was left."""
        left = isinstance(self._error, asyncio.CancelledError | GeneratorExit | OutOfPatience)
        if self._first is None and not left:
            return Usage()
        return Usage(read=estimated(written(self._prompt)), written=estimated(response))


def cost(usage: Usage, settings: ModelSettings) -> float | None:
    """Return US dollars; None when something was used whose price is unknown.

    Without their own price, a cache's tokens cost as others.
    """
    if usage == Usage():
        return 0.0
    if settings.input is None or settings.output is None:
        return None
    cached = settings.input if settings.cached_input is None else settings.cached_input
    stored = settings.input if settings.stored_input is None else settings.stored_input
    plain = usage.read - usage.cached - usage.stored
    read = plain * settings.input + usage.cached * cached + usage.stored * stored
    return (read + usage.written * settings.output) / 1_000_000


def estimated(text: str) -> int:
    """Return how many tokens *text* has, rather too many than too few."""
    return -(-len(text.encode("utf-8", "surrogatepass")) // BYTES_PER_TOKEN)


def _words(error: BaseException | None) -> str:
    match error:
        case None:
            return ""
        case LevadaError():
            return error.message
        case asyncio.CancelledError():
            return "The call was cancelled."
        case GeneratorExit():
            return "The answer was left before its end."
        case _:
            return "Something went wrong inside Levada."
