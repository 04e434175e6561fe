"""From a plan to rows: it is validated, approved, carried out and joined, and mended when that can be done."""

from core.errors import LevadaError, QueryRefused
from core.models.plans import Plan
from core.pipeline import Ending, Run
from core.pipelines.answering.results import Fetched
from core.pipelines.answering.steps import ANALYZE_RESULTS, GENERATE_VIZ
from core.pipelines.federated.approve import approved
from core.pipelines.federated.joining.combine import combine
from core.pipelines.federated.operations.execute import execute_operations
from core.pipelines.federated.operations.scratch import Scratch
from core.pipelines.federated.planning.plan import mend_plan
from core.pipelines.federated.planning.validate import validate_plan
from core.pipelines.federated.results import Executed, Landscape
from core.pipelines.federated.steps import COMBINE, EXECUTE_OPERATIONS
from levada.v1.event_pb2 import OUTCOME_PLANNED

MOST_REPAIRS = 3


class Rounds:
    """The rounds of one run. Operations that are as they were before keep their rows from round to round."""

    def __init__(self, run: Run, landscape: Landscape, scratch: Scratch) -> None:
        self._run, self._landscape, self._scratch = run, landscape, scratch
        self._executed = Executed()
        self._tried: list[str] = []

    async def carry_out(self, plan: Plan) -> tuple[Plan, Fetched] | Ending:
        """Return the plan that worked and what it gave, or how the run ends before that.

        Raises LevadaError, with what was tried, when nothing helps.
        """
        try:
            while True:
                outcome = await self._round(plan)
                if not isinstance(outcome, Plan):
                    return outcome
                plan = outcome
        except LevadaError as error:
            error.tried = tuple(self._tried)
            raise

    @property
    def _mendable(self) -> bool:
        return len(self._tried) < MOST_REPAIRS

    async def _round(self, plan: Plan) -> tuple[Plan, Fetched] | Ending | Plan:
        """Return what *plan* gave, how the run ends, or the plan to go on with."""
        run, landscape = self._run, self._landscape
        verdict = await run.step(validate_plan, landscape, plan, self._mendable)
        if verdict.problems:
            refusal = QueryRefused("plan", f"The plan can't be carried out. {' '.join(verdict.problems)}")
            return await self._mended(plan, verdict.problems, refusal)
        if run.request.options.dry_run:
            return _planned(run, plan)
        if run.request.options.require_approval:
            answer = await approved(run, landscape, plan, len(self._tried))
            if isinstance(answer, Ending):
                return answer
            plan = answer
        self._executed = await run.step(execute_operations, plan, self._scratch, self._executed)
        problems = [f"{name}: {lost.message}" for name, lost in self._executed.lost.items() if lost.mendable]
        if problems and self._mendable and (mended := await self._mend(plan, problems)) is not None:
            return mended
        fetched = await run.step(
            combine, plan, landscape.question, self._executed, self._scratch, self._mendable and not problems
        )
        if fetched.failure is not None:
            return await self._mended(plan, [f"combine: {fetched.failure.message}"], fetched.failure.error())
        return plan, fetched

    async def _mended(self, plan: Plan, problems: list[str], error: LevadaError) -> Plan:
        mended = await self._mend(plan, problems)
        if mended is None:
            raise error
        return mended

    async def _mend(self, plan: Plan, problems: list[str]) -> Plan | None:
        mended = await self._run.step(mend_plan, self._landscape, plan, problems, list(self._tried))
        self._tried.append(" ".join(problems))
        return mended.plan


def _planned(run: Run, plan: Plan) -> Ending:
    for spec in (EXECUTE_OPERATIONS, COMBINE, ANALYZE_RESULTS, GENERATE_VIZ):
        run.skip(spec, "Only a plan was asked for.")
    return Ending(OUTCOME_PLANNED, f"The plan is ready and was not run. {plan.description}")
