"""What a plan's operations need of each other: their order, and how long the longest way through them is."""

from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from core.models.plans import COMBINE, Operation


def values_of(operation: Operation) -> dict[str, tuple[str, str]]:
    """Return the values that *operation* takes over: by name the operation and the column that they are of."""
    named = operation.params.get("values") or {}
    pairs = {name: str(place).partition(".") for name, place in named.items()} if isinstance(named, Mapping) else {}
    return {name: (ref, column) for name, (ref, _, column) in pairs.items()}


def needs(operation: Operation) -> set[str]:
    """Return the ids of the operations that have to be done before *operation*."""
    return {*operation.depends_on, *(ref for ref, _ in values_of(operation).values())}


def ordered(operations: Sequence[Operation]) -> list[Operation]:
    """Return *operations* so that each follows those it needs, else as they come. Raises CycleError."""
    by_id = {operation.id: operation for operation in operations}
    asking = [operation.id for operation in operations if operation.kind != COMBINE]
    before = {one.id: asking if one.kind == COMBINE else sorted(needs(one) & by_id.keys()) for one in operations}
    sorter = TopologicalSorter(before)
    place = {ref: number for number, ref in enumerate(by_id)}
    found: list[Operation] = []
    sorter.prepare()
    while sorter.is_active():
        ready = sorted(sorter.get_ready(), key=place.__getitem__)
        found += [by_id[ref] for ref in ready]
        sorter.done(*ready)
    return found


def cycle(operations: Sequence[Operation]) -> list[str]:
    """Return the ids of operations that wait for each other in a ring; none when the plan is acyclic."""
    try:
        ordered(operations)
    except CycleError as error:
        return [str(ref) for ref in error.args[1]]
    return []


def critical_path(operations: Sequence[Operation], seconds: Mapping[str, float]) -> float:
    """Return how long *operations*, in their order, take when all that can run side by side do."""
    done: dict[str, float] = {}
    for operation in ordered(operations):
        before = done.values() if operation.kind == COMBINE else (done.get(ref, 0.0) for ref in needs(operation))
        done[operation.id] = max(before, default=0.0) + seconds[operation.id]
    return max(done.values(), default=0.0)
