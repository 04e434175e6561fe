"""The migrations make exactly the tables that the code uses, on every database."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from core.errors import StoreError
from core.store import migrate, open_store, postgresql, sqlite
from core.store.tables import metadata
from tests.postgres import PostgresDatabase


def differences(connection) -> list:
    return compare_metadata(MigrationContext.configure(connection), metadata)


async def test_the_migrated_tables_are_those_of_the_code(url: str):
    own = url.startswith("sqlite")
    engine = sqlite.engine(sqlite.path_of(url), writing=True) if own else postgresql.engine(url, writing=True)
    await migrate.upgrade(engine)
    async with engine.connect() as c:
        assert await c.run_sync(differences) == []
    await engine.dispose()


def test_head_is_the_newest_revision():
    assert ScriptDirectory.from_config(migrate.config()).get_current_head() == migrate.HEAD


@pytest.mark.postgres
async def test_a_shared_store_is_migrated_by_command_only(postgres_database: PostgresDatabase):
    store = open_store(postgres_database.admin_url)
    with pytest.raises(StoreError, match=r"python -m core\.store upgrade"):
        await store.open()
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "core.store", "upgrade"],
        cwd=Path(__file__).parents[2],
        env={"LEVADA_STORE": postgres_database.admin_url, "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    await store.open()
    await store.close()
