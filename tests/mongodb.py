"""A MongoDB-compatible server for tests, one a session; and a proxy before it that sees, holds and cuts what passes."""

import asyncio
import itertools
import socket
import struct
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from typing import Any

import bson
import pymongo
import pytest

from tests.servers import until

_numbers = itertools.count(1)
_OP_MSG = 2013
_HEADER = struct.Struct("<iiii")


@dataclass(frozen=True)
class MongoDatabase:
    """One database. *client* is for tests to fill it with."""

    name: str
    port: int
    client: pymongo.MongoClient

    @property
    def url(self) -> str:
        return self.url_at(self.port)

    def url_at(self, port: int, login: str = "") -> str:
        return f"mongodb://{login}127.0.0.1:{port}/{self.name}?directConnection=true"

    def fill(self, **collections: list[dict[str, Any]]) -> None:
        for name, documents in collections.items():
            self.client[self.name][name].insert_many(documents)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _started() -> tuple[int, subprocess.Popen[bytes]]:
    """Start a server, again at another port if somebody else got the one that was free; return once it answers."""
    while True:
        port = _free_port()
        command = [sys.executable, "-m", "secantus", "--host", "127.0.0.1", "--port", str(port)]
        process = subprocess.Popen(
            [*command, "--storage-path", ":memory:"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        while process.poll() is None:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                return port, process
            time.sleep(0.02)


@pytest.fixture(scope="session")
def mongodb_server() -> Iterator[tuple[int, pymongo.MongoClient]]:
    """Port of a running server, with a client of it."""
    pytest.importorskip("secantus", reason="no MongoDB-compatible server: pip install secantusdb")
    port, process = _started()
    url = f"mongodb://127.0.0.1:{port}/?directConnection=true"
    try:
        with closing(
            pymongo.MongoClient(url, serverSelectionTimeoutMS=60_000, uuidRepresentation="standard")
        ) as client:
            yield port, client
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture
def mongodb_database(mongodb_server: tuple[int, pymongo.MongoClient]) -> Iterator[MongoDatabase]:
    """A database with nothing in it."""
    database = MongoDatabase(f"test_{next(_numbers)}", *mongodb_server)
    yield database
    database.client.drop_database(database.name)


@dataclass
class Proxy:
    """Passes messages on. Commands named in *hold* reach no server; the answers to those in *cut* break off half-way.

    *seen* has every command, *open* the connections on which one is held.
    """

    port: int = 0
    hold: set[str] = field(default_factory=set)
    cut: set[str] = field(default_factory=set)
    seen: list[dict[str, Any]] = field(default_factory=list)
    open: int = 0

    def commands(self, name: str) -> list[dict[str, Any]]:
        """Return the commands of that *name* that came so far."""
        return [command for command in self.seen if next(iter(command)) == name]

    async def arrived(self, name: str) -> dict[str, Any]:
        """Wait for a command of that *name*."""
        await until(lambda: self.commands(name))
        return self.commands(name)[-1]

    async def _serve(self, upstream: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        their_reader, their_writer = await asyncio.open_connection("127.0.0.1", upstream)
        cutting = asyncio.Event()
        try:
            async with asyncio.TaskGroup() as group:
                back = group.create_task(self._answer(their_reader, writer, cutting))
                await self._ask(reader, their_writer, cutting)
                back.cancel()
        except* (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
            their_writer.close()

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, cutting: asyncio.Event) -> None:
        while message := await _message(reader):
            if (command := _command(message)) is not None:
                self.seen.append(command)
                name = next(iter(command))
                if name in self.hold:
                    self.open += 1
                    await reader.read()
                    self.open -= 1
                    return
                if name in self.cut:
                    cutting.set()
            writer.write(message)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, cutting: asyncio.Event) -> None:
        while message := await _message(reader):
            if cutting.is_set():
                writer.write(message[: len(message) // 2])
                await writer.drain()
                writer.close()
                return
            writer.write(message)


async def _message(reader: asyncio.StreamReader) -> bytes:
    try:
        header = await reader.readexactly(_HEADER.size)
        length, *_ = _HEADER.unpack(header)
        return header + await reader.readexactly(length - _HEADER.size)
    except (asyncio.IncompleteReadError, OSError):
        return b""


def _command(message: bytes) -> dict[str, Any] | None:
    *_, operation = _HEADER.unpack_from(message)
    if operation != _OP_MSG or message[20] != 0:
        return None
    size = int.from_bytes(message[21:25], "little")
    return bson.decode(message[21 : 21 + size])


@asynccontextmanager
async def proxy(upstream: int) -> AsyncIterator[Proxy]:
    """Stand between clients and the server at port *upstream*."""
    here = Proxy()
    server = await asyncio.start_server(lambda *streams: here._serve(upstream, *streams), "127.0.0.1", 0)
    here.port = server.sockets[0].getsockname()[1]
    try:
        yield here
    finally:
        server.close()
