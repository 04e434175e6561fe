"""Who holds how many streams open on which server: what servers on one store tell each other.

A server's row for nobody is its sign of life; without a fresh one its other rows count for nothing.
"""

from collections.abc import Mapping

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from core.store.together import Caller

_NOW = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
# What is told here may be lost with the database's machine: no commit waits for the disk.
_LIVE = text(f"""
INSERT INTO streams (server, tenant, subject, open, until)
SELECT :server, '', '', 0, {_NOW} + :microseconds FROM (SELECT set_config('synchronous_commit', 'off', true)) AS quick
ON CONFLICT (server, tenant, subject) DO UPDATE SET until = excluded.until
""")  # noqa: S608
_TELL = text("""
INSERT INTO streams (server, tenant, subject, open, until)
SELECT :server, :tenant, :subject, :open, 0 FROM (SELECT set_config('synchronous_commit', 'off', true)) AS quick
ON CONFLICT (server, tenant, subject) DO UPDATE SET open = excluded.open
""")
_HEAR = text(f"""
SELECT tenant, subject, sum(open)::bigint AS open FROM streams
WHERE open > 0 AND server IN (SELECT server FROM streams WHERE tenant = '' AND subject = '' AND until > {_NOW})
AND server <> :server GROUP BY tenant, subject
""")  # noqa: S608
_FORGET = text(f"""
DELETE FROM streams WHERE open = 0 AND until = 0 OR server NOT IN (
    SELECT server FROM streams WHERE tenant = '' AND subject = '' AND until > {_NOW} - 60000000
)
""")  # noqa: S608
_LEAVE = text("DELETE FROM streams WHERE server = :server")


async def share(
    c: AsyncConnection, server: str, counts: Mapping[Caller, int], lives: float, *, tidy: bool
) -> dict[Caller, int]:
    """Tell what *server* holds, good for *lives* seconds, and return what the other servers hold."""
    await c.execute(_LIVE, {"server": server, "microseconds": int(lives * 1e6)})
    if counts:
        rows = [{"server": server, "tenant": who[0], "subject": who[1], "open": n} for who, n in sorted(counts.items())]
        await c.execute(_TELL, rows)
    if tidy:
        await c.execute(_FORGET)
    return {(row.tenant, row.subject): row.open for row in await c.execute(_HEAR, {"server": server})}


async def leave(c: AsyncConnection, server: str) -> None:
    """Forget what *server* holds."""
    await c.execute(_LEAVE, {"server": server})
