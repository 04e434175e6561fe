"""Whose turn it is. Between tenants: who has the fewest runs at work, then who was served longest ago.

Within a tenant, runs go by priority, then age. A tenant's n-th waiting run stands as if the n - 1 before it were at
work already, so that no length of queue helps a tenant against another.
"""

import heapq
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import islice

from sqlalchemy import Dialect, Executable, Integer, Select, bindparam, desc, func, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from core.store.leases import held
from core.store.records import Queue, Waiting
from core.store.tables import runs, shares, upsert
from levada.v1.run_pb2 import RunState

QUEUED, RUNNING, WAITING = RunState.RUN_STATE_QUEUED, RunState.RUN_STATE_RUNNING, RunState.RUN_STATE_WAITING
IN_ORDER = (desc(runs.c.priority), runs.c.id)
Turn = tuple[int, int, str]
AT_ONCE = 500


@dataclass(slots=True)
class Standing:
    """How a tenant stands: its runs at work, when it was *served* last, its waiting runs by priority."""

    tenant: str
    working: int = 0
    served: int = 0
    waiting: Counter[int] = field(default_factory=Counter)

    def turn(self, nth: int) -> Turn:
        """Return what the tenant's *nth* waiting run is ordered by."""
        return self.working + nth, self.served, self.tenant

    def before(self, turn: Turn) -> int:
        """Return how many of the tenant's waiting runs come before *turn* of another tenant."""
        share, *tie = turn
        ahead = share - self.working - (tie < [self.served, self.tenant])
        return max(0, min(ahead, self.waiting.total()))


class Standings(dict[str, Standing]):
    """How all tenants stand that have runs waiting or at work."""

    def __missing__(self, tenant: str) -> Standing:
        return self.setdefault(tenant, Standing(tenant))

    @property
    def waiting(self) -> int:
        return sum(one.waiting.total() for one in self.values())

    def full(self, tenant: str, limit: int) -> bool:
        """Tell whether *limit* runs wait and the tenant has no less than its equal share of them."""
        others = sum(one.waiting.total() > 0 for one in self.values() if one.tenant != tenant)
        return self.waiting >= limit and self[tenant].waiting.total() * (others + 1) >= limit

    def place(self, tenant: str, priority: int) -> int:
        """Return the place of the tenant's youngest waiting run of that *priority*."""
        mine = self[tenant]
        nth = sum(count for other, count in mine.waiting.items() if other >= priority)
        turn = mine.turn(nth)
        return nth + sum(one.before(turn) for one in self.values() if one is not mine)

    def order(self, most: int | None = None) -> Iterator[str]:
        """Yield whose turn it is, run for run, with at most so many runs of one tenant at work."""
        heads = [one.turn(1) for one in self.values() if one.waiting.total() and (most is None or one.working < most)]
        heapq.heapify(heads)
        while heads:
            share, served, tenant = heads[0]
            yield tenant
            if share - self[tenant].working < self[tenant].waiting.total() and (most is None or share < most):
                heapq.heapreplace(heads, (share + 1, served, tenant))
            else:
                heapq.heappop(heads)


async def standings(c: AsyncConnection, *tenants: str) -> Standings:
    """Return how tenants stand that have runs waiting or at work, and *tenants* as far as their order counts."""
    found = Standings()
    for tenant, state, priority, count, last in await c.execute(_counted(c.dialect)):
        one = found[tenant]
        one.served = last
        if state == QUEUED:
            one.waiting[priority] += count
        else:
            one.working += count
    queued = {one.tenant for one in found.values() if one.waiting}
    others = set(tenants) - found.keys()
    if others and len(queued | set(tenants)) > 1:
        for tenant, last in await c.execute(select(shares).where(shares.c.tenant.in_(others))):
            found[tenant].served = last
    return found


# Making these statements takes several times as long as executing them, so each is made once.
@cache
def _counted(dialect: Dialect) -> Select[str, int, int, int, int]:
    counted = (runs.c.tenant, runs.c.state, runs.c.priority)
    plain = select(*counted, func.count().label("count")).where(runs.c.state.in_((QUEUED, RUNNING))).group_by(*counted)
    returning = select(runs.c.tenant, literal(RUNNING), literal(0), func.count())
    returning = returning.where(runs.c.comes_back, runs.c.state == WAITING, held(dialect)).group_by(runs.c.tenant)
    counts = union_all(plain, returning).subquery()
    served = func.coalesce(shares.c.served, 0)
    return select(counts, served).outerjoin_from(counts, shares, counts.c.tenant == shares.c.tenant)


@cache
def _next_of_tenant() -> Select[str]:
    others = runs.c.id.not_in(bindparam("held", expanding=True))
    queued = select(runs.c.id).where(runs.c.state == QUEUED, runs.c.tenant == bindparam("of"), others)
    return queued.order_by(*IN_ORDER).limit(bindparam("most", type_=Integer)).with_for_update(skip_locked=True)


@cache
def _served(dialect: Dialect) -> Executable:
    last = select(func.coalesce(func.max(shares.c.served), 0)).scalar_subquery()
    served = upsert(dialect.name, shares).values(tenant=bindparam("of"), served=last + 1)
    return served.on_conflict_do_update(index_elements=["tenant"], set_={"served": served.excluded.served})


async def working(c: AsyncConnection, tenant: str) -> int:
    """Return how many runs of *tenant* are at work."""
    at_work = select(func.count()).select_from(runs).where(runs.c.state == RUNNING, runs.c.tenant == tenant)
    return (await c.execute(at_work)).scalar_one()


async def next_ones(c: AsyncConnection, limit: int, held_here: Collection[str], most: int | None) -> list[str]:
    """Lock the runs whose turn it is, and note that their tenants were served; return their ids."""
    turns = list(islice((await standings(c)).order(most), limit))
    mine: dict[str, Iterator[str]] = {}
    for tenant, count in Counter(turns).items():
        found = await c.execute(_next_of_tenant(), {"of": tenant, "held": list(held_here), "most": count})
        mine[tenant] = iter(found.scalars().all())
    if turns:
        await _serve(c, turns)
    return [run_id for tenant in turns if (run_id := next(mine[tenant], None))]


async def _serve(c: AsyncConnection, turns: Sequence[str]) -> None:
    """Note the tenants in the order of their last turns."""
    last = list(dict.fromkeys(reversed(turns)))
    await c.execute(_served(c.dialect), [{"of": tenant} for tenant in reversed(last)])


async def queue(c: AsyncConnection, wanted: Callable[[int, int], bool]) -> Queue:
    """Return how many runs wait, and those of which *wanted* says so, given their place and the one told last."""
    every = select(runs.c.tenant, runs.c.id, runs.c.place).where(runs.c.state == QUEUED).order_by(*IN_ORDER)
    mine: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for tenant, run_id, told in await c.execute(every):
        mine[tenant].append((run_id, told))
    standing = await standings(c)
    for tenant, one in standing.items():
        # What came or went between the two looks is for the next time.
        one.waiting = Counter({0: len(mine[tenant])})
    heads = {tenant: iter(queued) for tenant, queued in mine.items()}
    placed = {}
    for place, tenant in enumerate(standing.order(), 1):
        run_id, told = next(heads[tenant])
        if wanted(place, told):
            placed[run_id] = place
    return Queue(sum(map(len, mine.values())), await _waiting(c, placed))


async def _waiting(c: AsyncConnection, placed: dict[str, int]) -> list[Waiting]:
    log = runs.c.epoch, runs.c.last_sequence, runs.c.bytes, runs.c.progress, runs.c.worked, runs.c.trace_id
    ids, found = list(placed), []
    for start in range(0, len(ids), AT_ONCE):
        some = select(runs.c.id, *log).where(runs.c.id.in_(ids[start : start + AT_ONCE]), runs.c.state == QUEUED)
        found += [Waiting(*row, place=placed[row.id]) for row in await c.execute(some)]
    return sorted(found, key=lambda one: one.place)
