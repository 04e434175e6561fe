"""PostgreSQL as the store: the same tables, shared by any number of servers."""

from typing import Any

from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

READERS = 8


def engine(url: str, *, writing: bool) -> AsyncEngine:
    options: dict[str, Any] = {"pool_size": 2} if writing else {"pool_size": READERS, "isolation_level": "AUTOCOMMIT"}
    return create_async_engine(make_url(url).set(drivername="postgresql+asyncpg"), pool_pre_ping=True, **options)
