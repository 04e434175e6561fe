"""How the tasks of workflows stand, for those who poll: what was read of a run's events once is not read again."""

import asyncio
from collections import OrderedDict
from contextlib import aclosing
from dataclasses import dataclass, field

from gateway.dialects.workflow import Workflow
from gateway.dialects.workflow.board import Board
from gateway.following import so_far
from gateway.upstream import Upstream
from levada.v1.run_pb2 import Run

# Workflows that are remembered; an earlier one is read anew.
MOST = 200


@dataclass
class Read:
    """What was read of a run, up to the event of that number."""

    dialect: Workflow = field(default_factory=Workflow)
    after: int = 0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Boards:
    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream
        self._read: OrderedDict[str, Read] = OrderedDict()

    async def of(self, run: Run) -> Board:
        """Return how the tasks of *run* stand as of its last event. The caller may see it. Raises Problem."""
        read = self._read.setdefault(run.run_id, Read())
        self._read.move_to_end(run.run_id)
        while len(self._read) > MOST:
            self._read.popitem(last=False)
        async with read.lock, aclosing(so_far(self._upstream, run, read.after)) as events:
            async for event in events:
                read.dialect.say(event)
                read.after = event.sequence
        return read.dialect.board
