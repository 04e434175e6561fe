"""Runs that nobody holds, ended or put to rest from outside: one append, which the log's own fence lets in or not."""

import time
from typing import Any

from google.protobuf.message import Message

from core import endings
from core.event import make_event
from core.store.base import Store
from core.store.records import RESUMED, Append, Fenced
from core.totals import Tally
from levada.v1.event_pb2 import RunPaused, Totals
from levada.v1.run_pb2 import RunState

PAUSED = {"state": RunState.RUN_STATE_PAUSED, "worker": "", "lease_until": 0, "interrupted": RESUMED}


async def settle(store: Store, row: Any) -> bool:
    """Do what is due for a run; tell whether that worked: somebody may have taken it in the meantime."""
    now = time.time_ns() // 1_000
    if row.cancel_by:
        return await _end(store, row, now, endings.cancelled(row.cancel_by, row.cancel_cause, _totals(row, now)))
    if 0 < row.deadline <= now:
        error = endings.deadline_missed(row.state, row.deadline - row.created)
        return await _end(store, row, now, endings.failed(error, [], row.trace_id, _totals(row, now)))
    return await _append(store, row, RunPaused(by=row.pause_by), PAUSED)


def _totals(row: Any, now: int) -> Totals:
    rows = {"": row.rows}
    return Tally(rows, row.input_tokens, row.output_tokens, row.cost_usd).message(now - row.created)


async def _end(store: Store, row: Any, now: int, told: endings.Told) -> bool:
    message, columns = told
    return await _append(store, row, message, {**columns, "ended": now, "input": b"", "worker": ""})


async def _append(store: Store, row: Any, message: Message, columns: dict[str, Any]) -> bool:
    event = make_event(row.id, row.trace_id, message)
    event.sequence, event.progress = row.last_sequence + 1, row.progress
    data = event.SerializeToString()
    append = Append(row.id, row.epoch, row.last_sequence, row.bytes, [data], row.progress, row.worked, run=columns)
    try:
        await store.append(append)
    except Fenced:
        return False
    return True
