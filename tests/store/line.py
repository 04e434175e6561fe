"""A line to PostgreSQL that fails as networks do: it hangs, or breaks when an answer is on its way."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote

SOCKET = ".s.PGSQL.5432"


class Line:
    """Passes on what clients say to the server's socket.

    *lose*: the next answer to such words is not passed on, and the connection breaks. *stall*: the line hangs with the
    next such words.
    """

    def __init__(self, server: Path) -> None:
        self._server = server
        self._open = asyncio.Event()
        self._open.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self.lose = self.stall = b""
        self.lost = 0

    @property
    def hangs(self) -> bool:
        return not self._open.is_set()

    def hang(self) -> None:
        self._open.clear()

    def go_on(self) -> None:
        self._open.set()

    async def serve(self, client: asyncio.StreamReader, answers: asyncio.StreamWriter) -> None:
        words: asyncio.StreamWriter | None = None
        self._writers.add(answers)
        try:
            await self._open.wait()
            server, words = await asyncio.open_unix_connection(self._server / SOCKET)
            self._writers.add(words)
            deaf = asyncio.Event()
            async with asyncio.TaskGroup() as both:
                both.create_task(self._pass(client, words, deaf))
                both.create_task(self._answer(server, answers, deaf))
        except* (EOFError, ConnectionError):
            pass
        finally:
            for writer in filter(None, (answers, words)):
                writer.close()
                self._writers.discard(writer)

    async def _pass(self, client: asyncio.StreamReader, words: asyncio.StreamWriter, deaf: asyncio.Event) -> None:
        while data := await client.read(65_536):
            await self._open.wait()
            if self.lose and self.lose in data:
                self.lose = b""
                deaf.set()
            if self.stall and self.stall in data:
                self.stall = b""
                self.hang()
            words.write(data)
            await words.drain()
        raise EOFError

    async def _answer(self, server: asyncio.StreamReader, answers: asyncio.StreamWriter, deaf: asyncio.Event) -> None:
        while data := await server.read(65_536):
            await self._open.wait()
            if deaf.is_set():
                self.lost += 1
                break
            answers.write(data)
            await answers.drain()
        raise EOFError

    def close(self) -> None:
        self._open.set()
        for writer in self._writers:
            writer.transport.abort()


@asynccontextmanager
async def line(url: str, folder: Path) -> AsyncIterator[tuple[Line, str]]:
    """Lay a line to the database at *url*; yield it with the URL of its other end."""
    host = url.partition("host=")[2]
    made = Line(Path(host.replace("%2F", "/")))
    door = await asyncio.start_unix_server(made.serve, folder / SOCKET)
    try:
        yield made, url.replace(host, quote(str(folder), safe=""))
    finally:
        door.close()
        made.close()
