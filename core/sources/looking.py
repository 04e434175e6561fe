"""How far a look at a source's tables is, for whoever waits for it."""

import asyncio
import itertools
from collections.abc import Callable, Sequence
from typing import Any

Looked = Callable[[int, int], None]
"""Hears how many tables of how many were looked at."""


def uncounted(_: int, __: int) -> None:
    """Count nothing."""


def count(looks: Sequence[asyncio.Task[Any]], looked: Looked) -> None:
    """Have *looked* hear of each of *looks*, one for a table, when it is over."""
    done = itertools.count(1)
    for look in looks:
        look.add_done_callback(lambda _: looked(next(done), len(looks)))
