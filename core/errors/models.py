"""What language models answered or failed to answer, and what needs one."""

import grpc

from core.errors.root import LevadaError
from levada.v1 import error_reason_pb2 as reasons


class ModelError(LevadaError):
    """The model gave no usable answer."""

    reason = reasons.ERROR_REASON_MODEL_UNAVAILABLE
    code = grpc.StatusCode.UNAVAILABLE
    retryable = True


class ModelUnavailable(ModelError):
    """The model can't be reached, is overloaded, or stopped in the middle of its answer."""


class ModelRejected(ModelError):
    """The model's vendor turned the request down as it stands: its key, the model's name, or its length."""

    code = grpc.StatusCode.FAILED_PRECONDITION
    retryable = False


class ModelRefused(ModelError):
    """The model declined to answer; say it in other words."""

    reason = reasons.ERROR_REASON_MODEL_OUTPUT_INVALID
    code = grpc.StatusCode.FAILED_PRECONDITION
    retryable = False


class ModelOutputInvalid(ModelError):
    """What the model wrote is not of the form that was asked for, and asking again did not mend it."""

    reason = reasons.ERROR_REASON_MODEL_OUTPUT_INVALID


class BudgetExhausted(ModelError):
    """The budget for language models is used up."""

    reason = reasons.ERROR_REASON_BUDGET_EXHAUSTED
    code = grpc.StatusCode.RESOURCE_EXHAUSTED
    retryable = False


class ModelRequired(ModelError):
    """This can't be done without a language model, and none is configured."""

    reason = reasons.ERROR_REASON_MODEL_REQUIRED
    code = grpc.StatusCode.FAILED_PRECONDITION
    retryable = False


class NotUnderstood(ModelError):
    """The question could not be understood over this source.

    *unused* are the words no meaning was found for.
    """

    reason = reasons.ERROR_REASON_QUESTION_NOT_UNDERSTOOD
    code = grpc.StatusCode.FAILED_PRECONDITION
    retryable = False

    def __init__(self, message: str, *, unused: tuple[str, ...] = (), retryable: bool = False) -> None:
        self.unused = unused
        self.retryable = retryable
        super().__init__(message, details={"unused_words": " ".join(unused)} if unused else None)


class NotAlone(NotUnderstood):
    """The source can't work this out by itself; the pipeline “federated” does the rest."""
