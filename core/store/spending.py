"""What tenants' language models took in a day, counted along with the events that tell of it.

In one transaction with them, so that what is counted is what was told, however often a commit is tried again. The day
is the database's, in UTC.
"""

import hashlib
from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from core.store.records import Spent
from core.store.tables import counters, upsert

DAY = 86_400
_NOW = {
    "postgresql": text("SELECT extract(epoch FROM clock_timestamp())::bigint"),
    "sqlite": text("SELECT unixepoch()"),
}


async def add(c: AsyncConnection, spent: Sequence[Spent]) -> None:
    """Count *spent* towards the present day."""
    if not spent:
        return
    day = await _today(c)
    amounts: defaultdict[str, int] = defaultdict(int)
    for one in spent:
        for kind, amount in one.amounts.items():
            amounts[_key(day, one.tenant, kind)] += amount
    # All servers in the same order, so that none waits for another in a circle.
    rows = [{"key": key, "amount": amounts[key], "until": (day + 2) * DAY * 1_000_000} for key in sorted(amounts)]
    statement = upsert(c.dialect.name, counters)
    added = {"amount": counters.c.amount + statement.excluded.amount}
    await c.execute(statement.on_conflict_do_update(index_elements=["key"], set_=added), rows)


async def today(c: AsyncConnection, tenant: str) -> Spent:
    """Return what *tenant* spent so far in the present day."""
    day = await _today(c)
    keys = {_key(day, tenant, kind): kind for kind in Spent(tenant).amounts}
    rows = await c.execute(select(counters.c.key, counters.c.amount).where(counters.c.key.in_(keys)))
    return Spent(tenant, **{keys[key]: amount for key, amount in rows})


async def _today(c: AsyncConnection) -> int:
    return int((await c.execute(_NOW[c.dialect.name])).scalar_one()) // DAY


def _key(day: int, tenant: str, kind: str) -> str:
    return f"spent/{day}/{hashlib.blake2b(tenant.encode(), digest_size=16).hexdigest()}/{kind}"
