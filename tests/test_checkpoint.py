"""How a step failed is kept, and raised again as what it was."""

import pytest

from core import checkpoint
from core.attempt import StepTimeout
from core.errors import LevadaError, NotUnderstood, SourceUnavailable, TasksFailed
from levada.v1.error_reason_pb2 import ERROR_REASON_SOURCE_LOST


async def work() -> None:
    """Stand for a step's work."""


@pytest.mark.parametrize(
    "error",
    [
        NotUnderstood("Nobody knows it.", unused=("whales",)),
        SourceUnavailable("It is gone.", reason=ERROR_REASON_SOURCE_LOST),
        StepTimeout("It took long."),
        TasksFailed("Two failed."),
    ],
)
def test_a_failure_is_raised_again_as_it_was(error: LevadaError):
    error.tried = ("this", "that")
    with pytest.raises(type(error)) as raised:
        checkpoint.load(work, checkpoint.dump_failure(error))
    again = raised.value
    assert type(again) is type(error)
    assert (again.message, again.reason, again.tried) == (error.message, error.reason, error.tried)
    assert (str(again), vars(again)) == (str(error), vars(error))
