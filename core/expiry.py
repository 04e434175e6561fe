"""What is said of a run whose events had their time: what happened, what is left, what to do."""

from datetime import timedelta

from core.errors import CursorExpired
from core.settings import Limits
from levada.v1.run_pb2 import Run


def gone(run: Run, limits: Limits) -> CursorExpired:
    """Return the error for whoever wants rows or steps of a run that kept only its record."""
    until = run.end_time.ToDatetime() + timedelta(days=limits.record_days)
    return CursorExpired(
        run.oldest_sequence,
        "The rows and steps of this run are not kept any more: they are for "
        f"{limits.retention_days:g} days after a run's end, or for less when there is no room. "
        f"Its question and answer stay until {until:%Y-%m-%d}. Ask the question again to have the rows.",
    )
