"""Budgets for language models: what one run may use, and what its tenant may in a day (UTC), in tokens and dollars.

They are looked at before a call begins; one that has begun is finished, and counted. Calls that are made at once wait
for each other where all of them together might use more than is left, so that no run uses more than one call too much.
"""

import asyncio
from collections.abc import Awaitable, Callable
from math import inf

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
        self._storing = asyncio.Lock()
        # What calls that have begun may take at most, in tokens and dollars.
        self._under_way: list[tuple[int, float]] = []
        self._over = asyncio.Event()

    def count(self, call: Call) -> None:
        """Count *call* towards the tenant's day, with the next that the run says; the run's own tally hears of it."""
        if not call.from_cache and self._under_way:
            # Which of them it was is not known: the least of them, so that rather too much stays kept than too little.
            self._under_way.remove(min(self._under_way))
            self._over.set()
        tokens = call.usage.read + call.usage.written
        if tokens or call.cost:
            spent = Spent(self._tenant, tokens, round((call.cost or 0.0) * NANO))
            self._journal.record(spent=spent)
            self._unstored = True

    async def allow(self, tokens: int, cost: float | None) -> None:
        """Return when one more call may begin, which takes *tokens* and dollars at most.

        Raises BudgetExhausted, StoreError.
        """
        while not await self._enough():
            self._over.clear()
            await self._over.wait()
        self._under_way.append((tokens, cost or 0.0))

    async def _enough(self) -> bool:
        """Tell whether every budget outlasts the calls that have begun. Raises BudgetExhausted if one is used up."""
        today = await self._today()  # from here on nothing else happens
        limits, tally = self._limits, self._tally
        run = "This run has", "Ask a narrower question"
        _keep("run_tokens", tally.input_tokens + tally.output_tokens, limits.run_tokens, *run)
        _keep("run_usd", tally.cost_usd, limits.run_usd, *run)
        who = "You have" if self._tenant == LOCAL.tenant else "The users of your tenant have"
        day = f"Today {who[0].lower()}{who[1:]}", "Come back after midnight (UTC)"
        _keep("tenant_tokens_per_day", today.tokens, limits.tenant_tokens_per_day, *day)
        _keep("tenant_usd_per_day", today.nano_usd / NANO, limits.tenant_usd_per_day, *day)
        tokens = min(
            limits.run_tokens - tally.input_tokens - tally.output_tokens, limits.tenant_tokens_per_day - today.tokens
        )
        dollars = min(
            limits.run_usd - (tally.cost_usd or 0.0) if limits.run_usd else inf,
            limits.tenant_usd_per_day - today.nano_usd / NANO if limits.tenant_usd_per_day else inf,
        )
        begun = self._under_way
        return not begun or (sum(one[0] for one in begun) < tokens and sum(one[1] for one in begun) < dollars)

    async def _today(self) -> Spent:
        """Return what is stored of the day, once all that was counted is in it."""
        async with self._storing:
            while True:
                if self._unstored:
                    self._unstored = False
                    await self._journal.flush()
                today = await self._spent_today(self._tenant)
                if not self._unstored:
                    return today


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
