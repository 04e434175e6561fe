"""execute_operations: as many operations at once as may be, each as soon as what it needs is there."""

import asyncio
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from core.errors import LevadaError
from core.models.plans import COMBINE, Operation, Plan
from core.pipeline import Run, Step, one_of, step
from core.pipelines.federated.operations import values
from core.pipelines.federated.operations.operation import Fetching
from core.pipelines.federated.operations.scratch import Scratch, on_disk
from core.pipelines.federated.planning.graph import needs, ordered, values_of
from core.pipelines.federated.results import Executed, Kept, Lost
from core.pipelines.federated.steps import EXECUTE_OPERATIONS, operation_step

AT_ONCE = 4


@step(EXECUTE_OPERATIONS)
async def execute_operations(step: Step, plan: Plan, scratch: Scratch, before: Executed) -> Executed:
    """Run *plan*'s operations; what *before* has of them stays. An operation that fails takes its dependents along."""
    step.progress(EXECUTE_OPERATIONS.doing)
    execution = Execution(step, plan.operations, scratch)
    done = await execution.all(before)
    rows, lost = sum(kept.rows for kept in done.kept.values()), len(done.lost)
    step.summary(f"{rows:,} rows of {len(done.kept)} operations" + (f"; {lost} gave none" if lost else "") + ".")
    return done


def works_of(operations: Sequence[Operation]) -> dict[str, str]:
    """Return what names each operation's work: the same for the same work, whatever plan it stands in."""
    works: dict[str, str] = {}
    for operation in ordered(operations):
        if operation.kind == COMBINE:
            continue
        given = [(name, works.get(ref, ""), column) for name, (ref, column) in sorted(values_of(operation).items())]
        # Ids may differ between plans; the work that they stand for is given apart.
        asked = {name: value for name, value in operation.params.items() if name != "values"}
        work = json.dumps([operation.source, operation.kind, asked, given], default=str)
        works[operation.id] = hashlib.sha256(work.encode()).hexdigest()[:32]
    return works


@dataclass
class Execution:
    """One go at a plan's operations, as steps within *step*."""

    step: Step
    operations: Sequence[Operation]
    scratch: Scratch
    done: Executed = field(default_factory=Executed)

    def __post_init__(self) -> None:
        self.operations = [one for one in ordered(self.operations) if one.kind != COMBINE]
        self._works = works_of(self.operations)
        self._room = asyncio.Semaphore(AT_ONCE)
        self._ready = {one.id: asyncio.Event() for one in self.operations}

    async def all(self, before: Executed) -> Executed:
        """Run all operations but those that *before* has the rows of."""
        await on_disk(self.scratch.make)
        known = {kept.work: kept for kept in before.kept.values() if self.scratch.has(kept)}
        self.scratch.used = sum(kept.bytes for kept in known.values())
        async with asyncio.TaskGroup() as group:
            for operation in self.operations:
                group.create_task(self._one(operation, known))
        return self.done

    async def _one(self, operation: Operation, known: Mapping[str, Kept]) -> None:
        for ref in needs(operation):
            await self._ready[ref].wait()
        try:
            await self._done(operation, known)
        finally:
            self._ready[operation.id].set()
        finished = len(self.done.kept) + len(self.done.lost)
        total = len(self.operations)
        self.step.progress(f"{finished} of {total} operations are done.", finished / total)

    async def _done(self, operation: Operation, known: Mapping[str, Kept]) -> None:
        run, spec = self.step.run, operation_step(operation.id, operation.source, operation.description)
        missing = sorted(ref for ref in needs(operation) if ref in self.done.lost)
        if missing:
            cause = f"It needs what {' and '.join(missing)} would have given."
            run.skip(spec, cause)
            self.done.lost[operation.id] = Lost(message=cause, skipped=True)
        elif (kept := known.get(self._works[operation.id])) is not None:
            run.skip(spec, "Its rows are there already.")
            self.done.kept[operation.id] = kept
        else:
            await self._asked(run, operation)

    async def _asked(self, run: Run, operation: Operation) -> None:
        try:
            async with self._room:
                self.done.kept[operation.id] = await fetched(run, operation, self)
        except LevadaError as error:
            self.done.lost[operation.id] = Lost(message=error.message, reason=error.reason)

    async def ask(self, step: Step, operation: Operation) -> Kept:
        """Ask *operation*'s source, with what it takes over from those before it."""
        given = {
            name: await on_disk(partial(self._values, ref, column))
            for name, (ref, column) in values_of(operation).items()
        }
        return await Fetching(step, operation, given, self.scratch, self._works[operation.id]).rows()

    def _values(self, ref: str, column: str) -> Sequence[Any]:
        return values.different(self.scratch.folder / self.done.kept[ref].file, column)


async def fetched(run: Run, operation: Operation, execution: Execution) -> Kept:
    """Return the rows of one operation, as a step of its own that is not done again once it is.

    Its rows may be gone although it was done: they are on the disk of the machine that did it. Raises LevadaError.
    """
    spec = operation_step(operation.id, operation.source, operation.description)
    kept: Kept = await run.step(one_of(_ask, spec), operation, execution)
    while not execution.scratch.has(kept):
        kept = await run.step(one_of(_ask, spec), operation, execution)
    return kept


async def _ask(step: Step, operation: Operation, execution: Execution) -> Kept:
    return await execution.ask(step, operation)
