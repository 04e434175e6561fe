"""Connections that break: a TCP proxy that resets them, at once or after so many bytes, or lets them die in silence;
and a gRPC server that passes on one event of a stream and ends it.
"""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import grpc

from levada.v1 import query_service_pb2_grpc, run_service_pb2_grpc
from tests.servers import Stubs

# How a stream ends whose connection broke, as gRPC or something on the way tells it.
LOST = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.INTERNAL, grpc.StatusCode.CANCELLED)
RESET = struct.pack("ii", 1, 0)  # linger for no time: what closes is reset


class Wire:
    """Connections from here to *target*, each of which breaks after its share of *bytes_until_cut* came back."""

    def __init__(self, target: str, bytes_until_cut: Iterable[int] = ()) -> None:
        self.target = target
        self.address = ""
        self.connections = 0
        self._budgets = iter(bytes_until_cut)
        self._open: set[asyncio.StreamWriter] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()

    def cut(self) -> None:
        """Reset every connection."""
        for writer in list(self._open):
            _reset(writer)

    def silence(self) -> None:
        """Let nothing through any more on the connections that there are; new ones work."""
        self._flowing.clear()
        self._flowing = asyncio.Event()
        self._flowing.set()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        flowing, budget = self._flowing, next(self._budgets, None)
        host, port = self.target.rsplit(":", 1)
        try:
            back, forth = await asyncio.open_connection(host, int(port))
        except OSError:
            _reset(writer)
            return
        self._open |= {writer, forth}
        sending = asyncio.ensure_future(_pump(reader, forth, flowing))
        try:
            await _pump(back, writer, flowing, budget)
        finally:
            sending.cancel()
            _reset(writer)
            _reset(forth)
            self._open -= {writer, forth}


async def _pump(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, flowing: asyncio.Event, left: int | None = None
) -> None:
    try:
        while (left is None or left > 0) and (data := await reader.read(65_536 if left is None else left)):
            await flowing.wait()
            writer.write(data)
            await writer.drain()
            left = None if left is None else left - len(data)
    except OSError:
        pass


def _reset(writer: asyncio.StreamWriter) -> None:
    if not writer.transport.is_closing():
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    writer.transport.abort()


@asynccontextmanager
async def wire(target: str, bytes_until_cut: Iterable[int] = ()) -> AsyncIterator[Wire]:
    """Lay a wire to *target* ("host:port")."""
    laid = Wire(target, bytes_until_cut)
    async with await asyncio.start_server(laid.carry, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()[:2]
        laid.address = f"{host}:{port}"
        yield laid
        laid.cut()


class OneEvent(query_service_pb2_grpc.QueryServiceServicer, run_service_pb2_grpc.RunServiceServicer):
    """Passes on the first event of a stream of *behind*, then ends it with *end*, or as if all were well."""

    def __init__(self, behind: Stubs, end: grpc.StatusCode | None) -> None:
        self._behind = behind
        self._end = end

    async def RunQuery(self, request, context):
        await self._first(self._behind.queries.RunQuery(request), context)

    async def WatchRun(self, request, context):
        await self._first(self._behind.runs.WatchRun(request), context)

    async def _first(self, call, context):
        while not (message := await call.read()).events:
            await context.write(message)
        call.cancel()
        del message.events[1:]
        await context.write(message)
        if self._end is not None:
            await context.abort(self._end)


@asynccontextmanager
async def one_event_at_a_time(behind: Stubs, end: grpc.StatusCode | None) -> AsyncIterator[str]:
    """Serve the streams of *behind* so; yield the address."""
    server, servicer = grpc.aio.server(), OneEvent(behind, end)
    query_service_pb2_grpc.add_QueryServiceServicer_to_server(servicer, server)
    run_service_pb2_grpc.add_RunServiceServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    yield f"127.0.0.1:{port}"
    await server.stop(0)
