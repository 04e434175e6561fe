"""Run ids: UUIDs of version 7, so that ids sort by age, also within one millisecond of one process."""

import secrets
import time
import uuid

_last = 0


def run_id() -> str:
    """Return a new id, greater than every id this process gave before."""
    global _last  # noqa: PLW0603 - the order of ids is the process's
    milliseconds = time.time_ns() // 1_000_000
    new = milliseconds << 80 | 7 << 76 | secrets.randbits(12) << 64 | 2 << 62 | secrets.randbits(62)
    # A clock that stands still or goes back must not break the order: count on from the last id. What overflows the
    # 62 random bits would reach the variant's, so ids count on by less than that can hold.
    _last = new if new > _last else _last + secrets.randbits(32) + 1
    return str(uuid.UUID(int=_last))
