"""A run's events read page by page, for answers that are given whole: so far, or up to the run's end."""

from collections.abc import AsyncGenerator, Callable

from google.protobuf.duration_pb2 import Duration

from gateway.problems import Problem
from gateway.upstream import Upstream
from levada.v1 import run_service_pb2 as pb
from levada.v1.event_pb2 import Event
from levada.v1.run_pb2 import Run

# The server waits no longer for an event, so that nothing on the way gives up first.
LONGEST_WAIT = 20
AT_ONCE = 1_000


async def follow(
    upstream: Upstream, run: Run, left: Callable[[], bool] | None = None, after: int = 0
) -> AsyncGenerator[Event, None]:
    """Yield the events of *run* after a number, up to the last one as it is known; with *left*, to the run's end.

    That is given up once *left* is so. Events that are no longer held are left out. Raises Problem, with the run's id:
    it goes on, and can be come back to.
    """
    after = max(after, run.oldest_sequence - 1)
    wait = Duration(seconds=LONGEST_WAIT if left else 0)
    while left or after < run.last_sequence:
        asked = pb.ListRunEventsRequest(run_id=run.run_id, after_sequence=after, page_size=AT_ONCE, wait=wait)
        try:
            page = await upstream.call(upstream.runs.ListRunEvents, asked)
        except Problem as problem:
            problem.metadata["run_id"] = run.run_id
            raise
        for event in page.events:
            after = event.sequence
            yield event
        if page.ended or (left and left()):
            return
