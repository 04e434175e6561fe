"""What is wrong with a model's answer, in words that both the model and people can use."""

from pydantic import ValidationError

_SHOWN = 5  # further errors mostly follow from the first ones


def problem(error: ValidationError) -> str:
    """Return *error*'s first few findings as one line, without what was written there."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    said = [": ".join(filter(None, (".".join(map(str, one["loc"])), one["msg"]))) for one in found[:_SHOWN]]
    more = f" (and {len(found) - _SHOWN} more)" if len(found) > _SHOWN else ""
    return "; ".join(said).rstrip(".") + more
