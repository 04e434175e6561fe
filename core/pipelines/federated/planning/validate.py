"""validate_plan: whether a plan holds together, every query passes its source's guard, and how long it will take."""

import asyncio
from collections.abc import Sequence

from core.errors import QueryRefused
from core.models.plans import COMBINE, Operation, Plan
from core.pipeline import Run, Step, step
from core.pipelines.answering.asking import source_of
from core.pipelines.answering.checking import row_limit
from core.pipelines.federated.joining.guarded import checked_join
from core.pipelines.federated.operations.asking import text_of
from core.pipelines.federated.planning.graph import critical_path, ordered, values_of
from core.pipelines.federated.planning.outputs import columns_of
from core.pipelines.federated.planning.structure import problems
from core.pipelines.federated.planning.told import planned
from core.pipelines.federated.results import Landscape, Verdict
from core.pipelines.federated.steps import COMBINE as COMBINE_STEP
from core.pipelines.federated.steps import VALIDATE_PLAN, operation_step
from levada.v1.catalog_pb2 import Column, Schema, Table
from levada.v1.event_pb2 import PlanValidated
from levada.v1.event_pb2 import QueryRefused as QueryRefusedEvent

# What stands for values that are known only once the operation before has run.
STAND_IN = ("0",)


@step(VALIDATE_PLAN)
async def validate_plan(step: Step, landscape: Landscape, plan: Plan, mendable: bool) -> Verdict:
    """Say what is wrong with *plan*. Raises QueryRefused for it when it is not *mendable*."""
    step.progress(VALIDATE_PLAN.doing)
    run = step.run
    found = problems(plan.operations, {name: source_of(run, name).language for name in landscape.sources})
    found = found or await _Guarding(step).problems(plan.operations)
    if found:
        refusal = QueryRefused("plan", f"The plan can't be carried out. {' '.join(found)}")
        if not mendable:
            raise refusal
        step.failed(refusal)
        return Verdict(problems=found)
    validated = PlanValidated(operations=[planned(run, operation) for operation in ordered(plan.operations)])
    seconds = estimate(run, plan.operations)
    if seconds is not None:
        validated.estimated_duration.FromMicroseconds(int(seconds * 1e6))
    step.emit(validated)
    step.summary("Every query only reads, and only what you may read.")
    return Verdict()


class _Guarding:
    """Has every query of a plan looked at by the guard of its language."""

    def __init__(self, step: Step) -> None:
        self._step = step
        self._outputs = Schema(dialect="duckdb")

    async def problems(self, operations: Sequence[Operation]) -> list[str]:
        found: list[str] = []
        for operation in ordered(operations):
            try:
                if operation.kind == COMBINE:
                    sql = operation.params["sql"]
                    await asyncio.to_thread(checked_join, sql, self._outputs, row_limit(self._step.run))
                else:
                    await self._check(operation)
            except QueryRefused as refusal:
                refused = QueryRefusedEvent(query_id=operation.id, rule=refusal.rule, message=refusal.message)
                self._step.emit(refused)
                found.append(f"{operation.id}: {refusal.message}")
        return found

    async def _check(self, operation: Operation) -> None:
        run = self._step.run
        source = source_of(run, operation.source)
        stand_ins = dict.fromkeys(values_of(operation), STAND_IN)
        schema = await source.describe()
        rows = run.services.limits.rows
        query = await asyncio.to_thread(source.check, text_of(operation), schema, rows, stand_ins)
        if (whole := operation.otherwise) is not None:
            await asyncio.to_thread(source.check, text_of(whole), schema, rows)
        names = await asyncio.to_thread(columns_of, operation, source.dialect, query.text)
        self._outputs.tables.append(Table(name=operation.id, columns=[Column(name=name) for name in names]))
        for name, (ref, column) in values_of(operation).items():
            self._require(name, ref, column)

    def _require(self, name: str, ref: str, column: str) -> None:
        """Raise QueryRefused unless the operation *ref*, which came before, may give *column*."""
        known = next(([c.name for c in table.columns] for table in self._outputs.tables if table.name == ref), [])
        if known and column.casefold() not in [one.casefold() for one in known]:
            has = ", ".join(known)
            raise QueryRefused(
                "values", f"The values {name} are of {ref}.{column}; {ref} has no such column, but {has}."
            )


def estimate(run: Run, operations: Sequence[Operation]) -> float | None:
    """Return how many seconds *operations* take by earlier runs; None where one of them has no history."""
    specs = {
        one.id: COMBINE_STEP if one.kind == COMBINE else operation_step(one.id, one.source, "") for one in operations
    }
    seconds = {ref: run.estimate(spec) for ref, spec in specs.items()}
    known = {ref: one for ref, one in seconds.items() if one is not None}
    return critical_path(operations, known) if len(known) == len(seconds) else None
