"""The one connection over which this process hears from other servers (PostgreSQL's LISTEN), kept up by itself."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine

from core.store import postgresql
from core.store.faults import DATABASE_ERRORS
from core.store.follower import Follower
from core.store.tail import Tails
from core.store.words import CHANNEL, Inbox, Message

# A connection that died without a word, as when a machine vanishes, is found out this often.
CHECK = 10.0
BACK_OFF = (0.1, 0.2, 0.5, 1.0, 2.0)

logger = logging.getLogger(__name__)


@asynccontextmanager
async def hearing(url: str, name: str, tails: Tails, inbox: Inbox) -> AsyncIterator[Follower]:
    """Hear what servers other than *name* do, while inside: of events by the follower, of the rest in the *inbox*."""
    engine = postgresql.engine(url, writing=False)
    follower = Follower(engine, tails)

    def heard(message: Message) -> None:
        follower.heard(message.runs)
        inbox.put(message.word)

    listener = Listener(engine, name, heard)
    tasks = [
        asyncio.create_task(listener.run(), name="levada-store-listener"),
        asyncio.create_task(follower.run(), name="levada-store-follower"),
    ]
    try:
        yield follower
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        await engine.dispose()


class Listener:
    """Passes on what others than *name* say to *heard*. After every gap in listening anything may have been said."""

    def __init__(self, engine: AsyncEngine, name: str, heard: Callable[[Message], None]) -> None:
        self._engine = engine
        self._name = name
        self._heard = heard
        self._failures = 0

    async def run(self) -> None:
        """Listen until cancelled."""
        while True:
            try:
                await self._listen()
            except (*DATABASE_ERRORS, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                if not self._failures:
                    logger.warning("What other servers do is heard up to a second late for now: %s", error)
            except Exception:
                logger.exception("Listening to other servers failed")
            await asyncio.sleep(BACK_OFF[min(self._failures, len(BACK_OFF) - 1)])
            self._failures += 1

    async def _listen(self) -> None:
        lost = asyncio.Event()
        async with self._engine.connect() as c:
            driver: Any = (await c.get_raw_connection()).driver_connection
            driver.add_termination_listener(lambda _connection: lost.set())
            try:
                await driver.add_listener(CHANNEL, self._notified)
                self._failures = 0
                self._heard(Message.anything())
                while not lost.is_set():
                    await driver.execute("SELECT 1")
                    with suppress(TimeoutError):
                        async with asyncio.timeout(CHECK):
                            await lost.wait()
            finally:
                # Nobody else may be given a connection that listens.
                await c.invalidate()

    def _notified(self, _connection: object, _pid: int, _channel: str, payload: str) -> None:
        message = Message.parse(payload)
        if message.sender != self._name:
            self._heard(message)
