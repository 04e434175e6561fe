"""A run's events for answers that are given whole: so far, page by page, or watched up to the run's end."""

import asyncio
from collections.abc import AsyncGenerator

from gateway.arrivals import Arrival
from gateway.connection import Connection
from gateway.hub import Hub
from gateway.problems import Problem, of_code
from gateway.upstream import Upstream
from gateway.watch import Watch
from levada.v1.event_pb2 import Event
from levada.v1.run_pb2 import Run
from levada.v1.run_service_pb2 import ListRunEventsRequest

AT_ONCE = 1_000
GOES_ON = "The run is not lost by this; ask for it by its id in a moment."


async def so_far(upstream: Upstream, run: Run, after: int = 0) -> AsyncGenerator[Event, None]:
    """Yield the events of *run* after a number, up to the last one as it is known.

    Events that are no longer held are left out. Raises Problem, with the run's id.
    """
    after = max(after, run.oldest_sequence - 1)
    while after < run.last_sequence:
        asked = ListRunEventsRequest(run_id=run.run_id, after_sequence=after, page_size=AT_ONCE)
        try:
            page = await upstream.call(upstream.runs.ListRunEvents, asked)
        except Problem as problem:
            problem.metadata["run_id"] = run.run_id
            raise
        for event in page.events:
            after = event.sequence
            yield event
        if page.ended:
            return


async def to_the_end(hub: Hub, run_id: str, connection: Connection) -> AsyncGenerator[Event, None]:
    """Yield the events of a run up to its end, until the client has gone; servers that go away are only a pause.

    Events that are no longer held are left out. Raises Problem, with the run's id: it can be come back to.
    """
    news = asyncio.Event()
    with hub.watch(run_id, 0) as watch:
        watch.tell = connection.tell = news.set
        try:
            while not (connection.gone or watch.over):
                item = watch.take()
                if isinstance(item, Arrival):
                    for event in item.events():
                        yield event
                elif item is None:
                    await news.wait()
                    news.clear()
        finally:
            watch.tell = connection.tell = None
        if not connection.gone:
            _ended(watch)


def _ended(watch: Watch) -> None:
    """Raise Problem unless the watch came to the run's end."""
    end = watch.end
    if end is not None and end.code != "OK":
        problem = of_code(end.code, end.reason, f"{end.message} {GOES_ON}")
        problem.metadata["run_id"] = watch.run_id
        raise problem
