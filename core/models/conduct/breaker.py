"""A vendor that fails again and again is left alone for a while; then one call finds out whether it is back."""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager

from core.errors import ModelUnavailable


class LeftAlone(ModelUnavailable):
    """The vendor failed too often lately and is left alone for a while."""


class Breaker:
    """Counts the failures in a row of *vendor*: from *failures* on it is left alone for *seconds*.

    Only what the vendor failed to do counts: a request that it turned down, or asked to come back later, does not.
    """

    def __init__(self, vendor: str, failures: int, seconds: float) -> None:
        self._vendor = vendor
        self._most = failures
        self._seconds = seconds
        self._failures = 0
        self._until: float | None = None
        self._probing = False

    @contextmanager
    def passing(self) -> Iterator[None]:
        """Let a call through, and judge the vendor by how it ends. Raises LeftAlone."""
        probe = self._enter()
        try:
            yield
        except ModelUnavailable as error:
            if not busy(error):
                self._failed()
            raise
        else:
            self._failures, self._until = 0, None
        finally:
            if probe:
                self._probing = False

    def _enter(self) -> bool:
        """Return whether this call is to find out if the vendor is back."""
        if self._until is None:
            return False
        left = self._until - time.monotonic()
        if left > 0 or self._probing:
            raise self._left_alone(max(1, math.ceil(left)))
        self._probing = True
        return True

    def _failed(self) -> None:
        self._failures += 1
        if self._failures >= self._most:
            self._until = time.monotonic() + self._seconds

    def _left_alone(self, seconds: int) -> LeftAlone:
        return LeftAlone(
            f"{self._vendor} failed {self._failures} time{'s' * (self._failures > 1)} in a row, so it is left alone "
            f"for now. It will be tried again in {seconds} second{'s' * (seconds > 1)}.",
            retry_after=seconds,
        )


def busy(error: ModelUnavailable) -> bool:
    """Tell whether the vendor is well and only asks to come back later."""
    return error.retry_after is not None
