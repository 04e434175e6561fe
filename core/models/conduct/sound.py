"""What a vendor sends, as it may be handed on: characters whole, figures possible, its own words short."""

from collections.abc import Iterator
from dataclasses import replace

from core.errors import ModelOutputInvalid
from core.models.language import Delta, Finish, Piece, Thought, ToolCall, Usage
from core.models.surrogates import Mender, whole

_MOST = 10**9  # tokens; what says that a call took more counts nothing
_LONGEST = 10_000_000  # characters of an answer; who goes on beyond that has lost count
_SHOWN = 300  # characters of a name or reason


class Sound:
    """Takes the pieces of one answer. What is no more than a sign of life ends here."""

    def __init__(self) -> None:
        self._said, self._thought = Mender(), Mender()
        self._length = 0

    def take(self, piece: Piece) -> Iterator[Delta | Thought | Finish]:
        """Yield what *piece* is to be handed on as. Raises ModelOutputInvalid for an answer without end."""
        if isinstance(piece, Delta | Thought):
            self._length += len(piece.text)
        if self._length > _LONGEST:
            raise ModelOutputInvalid(
                f"The model's answer has no end: it was left after {_LONGEST:,} characters. "
                "Ask for less, or choose another model."
            )
        match piece:
            case Delta(text=text):
                if said := self._said.mend(text):
                    yield piece if said is text else Delta(said)
            case Thought(text=text):
                if thought := self._thought.mend(text):
                    yield piece if thought is text else Thought(thought)
            case Finish():
                if rest := self._said.rest():
                    yield Delta(rest)
                yield _finish(piece)


def _finish(piece: Finish) -> Finish:
    calls = [ToolCall(whole(call.id), whole(call.name), whole(call.arguments)) for call in piece.calls]
    model, reason = (whole(text[:_SHOWN]) for text in (piece.model, piece.reason))
    return replace(
        piece, calls=calls, usage=_possible(piece.usage), model=model, reason=reason, refusal=whole(piece.refusal)
    )


def _possible(usage: Usage | None) -> Usage | None:
    """Return *usage*; None when it can't be: nothing is read, or less than nothing is written."""
    if usage is None or usage.read < 1:
        return None
    counts = (usage.read, usage.written, usage.cached, usage.stored)
    if min(counts) < 0 or max(counts) > _MOST:
        return None
    # Some servers count what a cache gave beside what was read, not within it.
    beside = usage.cached + usage.stored
    return replace(usage, read=usage.read + beside) if beside > usage.read else usage
