"""The one root: whatever Levada raises on purpose carries a reason, a gRPC code, and whether retrying helps."""

from collections.abc import Mapping

import grpc

from levada.v1 import error_reason_pb2 as reasons

Reason = reasons.ErrorReason


class LevadaError(Exception):
    """Something went wrong that Levada knows how to name.

    *message* is for people: what happened, what it means for them, what to do; never a secret or a stack trace.
    *details* are short facts for programs (``ErrorInfo.metadata``); *tried* says what was tried before giving up
    (``RunFailed.tried``).
    """

    reason: Reason = reasons.ERROR_REASON_INTERNAL
    code: grpc.StatusCode = grpc.StatusCode.INTERNAL
    retryable: bool = False

    def __init__(
        self,
        message: str = "",
        *,
        reason: Reason | None = None,
        details: Mapping[str, str] | None = None,
        retry_after: float | None = None,
    ) -> None:
        self.message = message or (self.__doc__ or "").split("\n")[0]
        super().__init__(self.message)
        if reason is not None:
            self.reason = reason
        self.details = dict(details or {})
        self.tried: tuple[str, ...] = ()
        self.retry_after = retry_after
