"""What the end of an answer means for whoever reads it: a stream that was cut and a refusal never look like success."""

from core.errors import ModelOutputInvalid, ModelRefused, ModelUnavailable
from core.models.language import Finish, Stop

_SHOWN = 300  # characters of a refusal's own words; the rest adds nothing


def ended(finish: Finish | None, model: str) -> Finish:
    """Return *finish*. Raises ModelUnavailable when there is none, ModelRefused when the model or a filter declined."""
    if finish is None:
        raise ModelUnavailable(f"The model {model} stopped in the middle of its answer. Ask again.")
    if finish.stop is Stop.REFUSAL or finish.refusal:
        words = finish.refusal.strip()[:_SHOWN] or "it gave no reason"
        raise ModelRefused(f"The model {model} declined to answer ({words}). Say it in other words.")
    if finish.stop is Stop.FILTER:
        raise ModelRefused(f"A filter of the model {model}'s vendor stopped the answer. Say it in other words.")
    return finish


def whole(finish: Finish, model: str) -> None:
    """Raise ModelOutputInvalid when the answer reached the length that it may have, and breaks off there."""
    if finish.stop is Stop.LENGTH:
        raise ModelOutputInvalid(
            f"The answer of the model {model} breaks off: it reached the length that it may have. "
            "Ask for less, or raise max_tokens in the model's settings."
        )
