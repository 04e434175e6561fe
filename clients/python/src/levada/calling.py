"""Calls to whichever server answers, repeated where that can help."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any, TypeVar

import grpc

from levada.errors import CallFailed, ServerUnreachable, from_rpc
from levada.retry import Attempts, OnReconnect, Retry
from levada.servers import Line, Servers

Reply = TypeVar("Reply")
END = grpc.aio.EOF  # type: ignore[attr-defined]  # its stubs lack it


class Caller:
    """What a client calls by: its servers, its patience, and whom it tells of attempts."""

    def __init__(self, servers: Servers, retry: Retry, tell: OnReconnect) -> None:
        self.servers = servers
        self.retry = retry
        self.tell = tell

    async def call(self, make: Callable[[Line], Awaitable[Reply]], longer: float = 0.0) -> Reply:
        """Return the answer to the call that *make* makes; it may take *longer* by so many seconds. Raises CallFailed.

        Every call of Levada may be repeated: it reads, or carries a request id, or asks for a state to be reached.
        """
        attempts = Attempts(self.retry)
        while True:
            try:
                return await self._once(make, self.retry.answer + longer)
            except CallFailed as error:
                await self.again(error, attempts)

    async def again(self, error: CallFailed, attempts: Attempts) -> None:
        """Wait until the next attempt is due. Raises *error* when none is to be made."""
        if not self.passes(error) or not await attempts.again(error, self.tell):
            raise error

    def passes(self, error: CallFailed) -> bool:
        """Tell whether another attempt may succeed where this one failed by *error*."""
        return (error.lost and not self.servers.unreachable) or (error.limited and self.retry.when_limited)

    async def messages(self, make: Callable[[Line], Any]) -> AsyncGenerator[Any, None]:
        """Yield the messages of the stream that *make* opens. Raises CallFailed when it breaks or falls silent."""
        async with self.servers.line() as line:
            call = make(line)
            try:
                while (message := await self._within(self.retry.silence, call.read())) is not END:
                    self.servers.answered()
                    yield message
            except (grpc.aio.AioRpcError, TimeoutError) as error:
                raise self._failure(line, error) from None
            finally:
                call.cancel()

    async def _once(self, make: Callable[[Line], Awaitable[Reply]], seconds: float) -> Reply:
        async with self.servers.line() as line:
            try:
                reply = await self._within(seconds, make(line))
            except (grpc.aio.AioRpcError, TimeoutError) as error:
                raise self._failure(line, error) from None
            self.servers.answered()
            return reply

    async def _within(self, seconds: float, reply: Awaitable[Reply]) -> Reply:
        async with asyncio.timeout(seconds):
            return await reply

    def _failure(self, line: Line, error: grpc.aio.AioRpcError | TimeoutError) -> CallFailed:
        """Return what *error* means, having left *line* if that is why."""
        if isinstance(error, TimeoutError):
            failure: CallFailed = ServerUnreachable(f"The server at {self.servers.address} fell silent.")
        else:
            failure = from_rpc(error, self.servers.address, connected=line.connected)
        if failure.lost:
            self.servers.leave(line)
        if not isinstance(failure, ServerUnreachable):
            self.servers.answered()
        return failure
