"""Budgets for language models: what one run may use, and what its tenant may in a day (UTC), in tokens and dollars.

They are looked at before a call begins; one that has begun is finished, and counted.
"""

from collections.abc import Awaitable, Callable

from core import measures
from core.errors import BudgetExhausted
from core.identity import LOCAL, Principal
from core.journal import Journal
from core.models.calls import Call
from core.settings import Limits
from core.store.records import Spent
from core.totals import Tally

NANO = 1_000_000_000


class Budget:
    """The budgets that one run is under. *spent_today* tells what is stored of its tenant's day."""

    def __init__(
        self,
        limits: Limits,
        owner: Principal,
        tally: Tally,
        journal: Journal,
        spent_today: Callable[[str], Awaitable[Spent]],
    ) -> None:
        self._limits, self._tenant = limits, owner.tenant
        self._tally, self._journal, self._spent_today = tally, journal, spent_today
        self._unstored = False

    def count(self, call: Call) -> None:
        """Count *call* towards the tenant's day, with the next that the run says; the run's own tally hears of it."""
        tokens = call.usage.read + call.usage.written
        if tokens or call.cost:
            spent = Spent(self._tenant, tokens, round((call.cost or 0.0) * NANO))
            self._journal.record(spent=spent)
            self._unstored = True

    async def allow(self) -> None:
        """Return when one more call may begin. Raises BudgetExhausted, StoreError."""
        limits, tally = self._limits, self._tally
        run = "This run has", "Ask a narrower question"
        _keep("run_tokens", tally.input_tokens + tally.output_tokens, limits.run_tokens, *run)
        _keep("run_usd", tally.cost_usd, limits.run_usd, *run)
        if self._unstored:
            await self._journal.flush()
            self._unstored = False
        today = await self._spent_today(self._tenant)
        who = "You have" if self._tenant == LOCAL.tenant else "The users of your tenant have"
        day = f"Today {who[0].lower()}{who[1:]}", "Come back after midnight (UTC)"
        _keep("tenant_tokens_per_day", today.tokens, limits.tenant_tokens_per_day, *day)
        _keep("tenant_usd_per_day", today.nano_usd / NANO, limits.tenant_usd_per_day, *day)


def _keep(name: str, used: float | None, most: float, who: str, advice: str) -> None:
    """Raise BudgetExhausted if *used* is all that the limit *name* allows; a limit in dollars of 0 is none."""
    dollars = name.endswith(("usd", "usd_per_day"))
    if used is None or used < most or (dollars and not most):
        return
    measures.refusals.add(1, {"levada.limit": name})
    amount, budget = (f"${used:,.4f}", _dollars(most)) if dollars else (f"{used:,} tokens", f"{most:,}")
    raise BudgetExhausted(
        f"{who} used {amount} of language models, and the budget is {budget}, so no more calls are made. "
        f"{advice}, or have {name} raised under [limits] in levada.toml.",
        details={"budget": name, "used": f"{used:g}" if dollars else str(used), "limit": f"{most:g}"},
    )


def _dollars(most: float) -> str:
    """Return a budget as it was set: a fraction of a cent is not none."""
    return f"${most:,.2f}" if most == round(most, 2) else f"${most:g}"
