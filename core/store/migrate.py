"""Brings the tables up to what this version needs. Alembic is imported only when there is something to do."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine

from core.errors import StoreError

if TYPE_CHECKING:
    from alembic.config import Config

# The newest revision in migrations/versions; a test holds the two together.
HEAD = "0003"


def config(connection: Connection | None = None) -> "Config":
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    made.attributes["connection"] = connection
    return made


def _current(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def _upgrade(connection: Connection) -> None:
    if _current(connection) != HEAD:
        from alembic import command

        command.upgrade(config(connection), "head")


async def upgrade(engine: AsyncEngine) -> None:
    async with engine.begin() as c:
        await c.run_sync(_upgrade)


async def require(engine: AsyncEngine) -> None:
    """Raise StoreError unless the tables are those that this version needs."""
    async with engine.connect() as c:
        current = await c.run_sync(_current)
    if current != HEAD:
        raise StoreError(
            f"The store's tables are at version {current or 'none'}, this server needs {HEAD}. "
            "Run: python -m core.store upgrade"
        )
