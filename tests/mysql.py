"""A real MariaDB for tests, when the machine has one: one server a session, a fresh database a test."""

import getpass
import itertools
import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

_numbers = itertools.count(1)
_SBIN = "/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin"


@dataclass(frozen=True)
class MySQLDatabase:
    """One database. *url* is for a user that may only read it; `run` works as administrator."""

    name: str
    socket: str
    port: int
    password: str = "s3cret-word"

    @property
    def url(self) -> str:
        return f"mysql://{self.name}:{self.password}@127.0.0.1:{self.port}/{self.name}"

    def run(self, *statements: str) -> str:
        """Run *statements* in this database and return what the client prints."""
        client = shutil.which("mariadb", path=_SBIN) or "mysql"
        command = [
            client,
            "--no-defaults",
            "-N",
            "--default-character-set=utf8mb4",
            "-uroot",
            f"-S{self.socket}",
            self.name,
        ]
        done = subprocess.run(
            command, input=";\n".join(statements).encode(), capture_output=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _start(server: str, folder: Path, port: int) -> subprocess.Popen:
    with (folder / "log").open("w") as log:
        return subprocess.Popen(
            [
                server,
                "--no-defaults",
                f"--datadir={folder / 'data'}",
                f"--socket={folder / 'socket'}",
                f"--pid-file={folder / 'pid'}",
                f"--port={port}",
                "--bind-address=127.0.0.1",
                "--skip-name-resolve",
                f"--user={getpass.getuser()}",
            ],
            stdout=log,
            stderr=log,
        )


def _wait_until_up(process: subprocess.Popen, folder: Path) -> None:
    while process.poll() is None and not (folder / "socket").exists():
        psutil.wait_procs([psutil.Process(process.pid)], timeout=0.05)
    assert process.poll() is None, (folder / "log").read_text()


@pytest.fixture(scope="session")
def mysql_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """Socket and port of a running server; skips where there is none."""
    server = shutil.which("mariadbd", path=_SBIN)
    install = shutil.which("mariadb-install-db", path=_SBIN)
    if not server or not install:
        pytest.skip("no MariaDB on this machine (mariadbd); on Debian: apt-get install mariadb-server")
    folder = tmp_path_factory.mktemp("mariadb")
    user = getpass.getuser()
    subprocess.run(
        [
            install,
            "--no-defaults",
            f"--datadir={folder / 'data'}",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
            f"--user={user}",
        ],
        check=True,
        capture_output=True,
        timeout=60,
    )
    port = _free_port()
    process = _start(server, folder, port)
    try:
        _wait_until_up(process, folder)
        yield str(folder / "socket"), port
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture
def mysql_database(mysql_server: tuple[str, int]) -> Iterator[MySQLDatabase]:
    """A fresh database that `url`'s user may read."""
    database = MySQLDatabase(f"test_{next(_numbers)}", *mysql_server)
    server = MySQLDatabase("mysql", *mysql_server)
    server.run(
        f"CREATE DATABASE {database.name} CHARACTER SET utf8mb4",
        f"CREATE USER {database.name}@'%' IDENTIFIED BY '{database.password}'",
        f"GRANT SELECT, SHOW VIEW ON {database.name}.* TO {database.name}@'%'",
    )
    yield database
    server.run(f"DROP DATABASE {database.name}", f"DROP USER {database.name}@'%'")
