"""What a store promises, in plain memory: the model that the real ones are held against."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from levada.v1.run_pb2 import RunState

QUEUED, RUNNING, WAITING = RunState.RUN_STATE_QUEUED, RunState.RUN_STATE_RUNNING, RunState.RUN_STATE_WAITING


@dataclass
class Known:
    """A run as the contract has it. *holder* has it until the lease is over, and only as long as *leased*."""

    id: str
    tenant: str
    priority: int
    place: int
    events: list[bytes]
    state: int = QUEUED
    epoch: int = 0
    holder: str = ""
    leased: bool = False
    comes_back: bool = False
    ended: bool = False
    cancel_by: str = ""
    asked: str = ""
    answered: bool = False
    received: bool = False
    losses: int = 0

    @property
    def held(self) -> bool:
        return bool(self.holder) and self.leased

    @property
    def at_work(self) -> bool:
        return self.state == RUNNING or (self.state == WAITING and self.comes_back and self.held)

    def let_go(self, state: int) -> None:
        self.state, self.holder, self.leased = state, "", False


def ended(state: int = RunState.RUN_STATE_CANCELLED) -> dict[str, Any]:
    """Return the columns of a run that ends."""
    return {"state": state, "ended": time.time_ns() // 1_000, "worker": "", "lease_until": 0, "input": b""}


@dataclass
class Belief:
    """What a worker takes for its own, rightly or not: a run, its epoch, the end of its log."""

    worker: str
    run: Known
    epoch: int
    last: int
    position: int

    @property
    def right(self) -> bool:
        return self.run.epoch == self.epoch and not self.run.ended and len(self.run.events) == self.last


@dataclass
class Model:
    runs: dict[str, Known] = field(default_factory=dict)
    request_ids: dict[tuple[str, str], tuple[str, bytes]] = field(default_factory=dict)
    served: dict[str, int] = field(default_factory=dict)

    def queue(self, tenant: str | None = None) -> list[Known]:
        """Return a tenant's queue (all runs that wait, when none is named): by priority, then age."""
        waiting = [run for run in self.runs.values() if run.state == QUEUED and tenant in {None, run.tenant}]
        return sorted(waiting, key=lambda run: (-run.priority, run.id))

    def working(self, tenant: str) -> int:
        return sum(run.at_work for run in self.runs.values() if run.tenant == tenant)

    def running(self, tenant: str) -> int:
        return sum(run.state == RUNNING for run in self.runs.values() if run.tenant == tenant)

    def turns(self, tenant_limit: int | None = None) -> list[str]:
        """Return whose turns come: always that of the tenant with the smallest share, then of who waited longest."""
        waiting = {run.tenant: len(self.queue(run.tenant)) for run in self.queue()}
        share = {tenant: self.working(tenant) for tenant in waiting}
        found = []
        while True:
            may = [one for one in waiting if waiting[one] and (tenant_limit is None or share[one] < tenant_limit)]
            if not may:
                return found
            following = min(may, key=lambda one: (share[one], self.served.get(one, 0), one))
            waiting[following] -= 1
            share[following] += 1
            found.append(following)

    def order(self) -> list[Known]:
        queues = {tenant: iter(self.queue(tenant)) for tenant in self.turns()}
        return [next(queues[tenant]) for tenant in self.turns()]

    def is_full(self, tenant: str, limit: int) -> bool:
        tenants = {run.tenant for run in self.queue()} | {tenant}
        return len(self.queue()) >= limit and len(self.queue(tenant)) >= limit / len(tenants)

    def take(self, worker: str, limit: int, believed: Iterable[str], tenant_limit: int | None) -> list[Known]:
        """Take what *worker* is to get."""
        others = [run for run in sorted(self.runs.values(), key=lambda run: run.id) if run.id not in set(believed)]
        lost = [run for run in others if run.state == RUNNING and not run.held][:limit]
        turns = self.turns(tenant_limit)[: limit - len(lost)]
        queues = {tenant: iter([run for run in self.queue(tenant) if run in others]) for tenant in turns}
        following = [run for tenant in turns if (run := next(queues[tenant], None))]
        for number, tenant in enumerate(turns, max(self.served.values(), default=0) + 1):
            self.served[tenant] = number
        for run in (*lost, *following):
            run.losses += run.state == RUNNING
            run.state, run.holder, run.leased, run.comes_back, run.place = RUNNING, worker, True, False, 0
            run.epoch += 1
        return [*lost, *following]
