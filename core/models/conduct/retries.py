"""Whether a call that failed is made again, and when: after a random part of a growing pause."""

import random

from core.errors import ModelError
from core.models.conduct.breaker import LeftAlone
from core.models.conduct.patience import OutOfPatience
from core.settings import ModelSettings

FIRST = 0.5


def pause(error: ModelError, attempt: int, settings: ModelSettings) -> float | None:
    """Return how many seconds to wait before the try after *attempt*; None when there is to be none."""
    asked = error.retry_after or 0.0
    if not error.retryable or isinstance(error, LeftAlone) or (isinstance(error, OutOfPatience) and error.hurried):
        return None
    if attempt > settings.retries or asked > settings.retry_seconds:
        return None
    # Full jitter: callers that failed together come back apart.
    return min(settings.retry_seconds, asked + random.uniform(0, FIRST * 2 ** (attempt - 1)))  # noqa: S311
