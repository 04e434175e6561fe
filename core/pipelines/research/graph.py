"""Which tasks need which: circles, and how long the longest chain is. *needs* names for each task those it needs."""

from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

Needs = Mapping[str, Sequence[str]]


def circle(needs: Needs) -> list[str]:
    """Return tasks each of which needs the next one, and the last the first; empty when there are none."""
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        # Who is needed comes first there.
        return list(reversed(error.args[1]))
    return []


def longest(needs: Needs) -> int:
    """Return how many tasks the longest chain has of which each needs the one before."""
    lengths: dict[str, int] = {}
    for name in TopologicalSorter(needs).static_order():
        lengths[name] = 1 + max((lengths[ref] for ref in needs.get(name, ())), default=0)
    return max(lengths.values(), default=0)
