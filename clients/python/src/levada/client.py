"""The client: calls that answer at once, and streams that take themselves up again after a drop."""

import asyncio
import os
import random
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Any, TypeVar

import grpc

from levada.errors import CallFailed, RunNotCompleted, StreamInterrupted, from_rpc
from levada.v1 import catalog_pb2, run_pb2
from levada.v1 import catalog_service_pb2 as catalog
from levada.v1 import catalog_service_pb2_grpc as catalog_grpc
from levada.v1 import event_pb2 as events
from levada.v1 import query_service_pb2 as query
from levada.v1 import query_service_pb2_grpc as query_grpc
from levada.v1 import run_service_pb2 as service
from levada.v1 import run_service_pb2_grpc as service_grpc

TERMINAL = frozenset({"completed", "failed", "cancelled"})
DEFAULT_ADDRESS = "127.0.0.1:50051"
# A server that stops or moves is back within seconds; ten tries with back-off wait for about a minute in all.
TRIES = 10
FIRST_WAIT, LONGEST_WAIT = 0.1, 10.0

Reply = TypeVar("Reply")


class Stream:
    """A run's events, each exactly once and in order, taken up again by itself after a drop.

    Iterating ends after the terminal event. It raises StreamInterrupted when the connection can't be taken up
    again, so a stream that was cut never looks finished. *on_reconnect* is called with (try, seconds to wait).
    """

    def __init__(self, client: "Client", request: run_pb2.RunRequest | None, run_id: str, after: int) -> None:
        self._client = client
        self._request = request
        self.run_id = run_id
        self.last_sequence = after
        self.ended: events.Event | None = None
        self.on_reconnect: Callable[[int, float], None] = lambda tries, seconds: None

    def __aiter__(self) -> AsyncIterator[events.Event]:
        return self._events()

    async def _events(self) -> AsyncGenerator[events.Event, None]:
        tries = 0
        while self.ended is None:
            try:
                async with aclosing(self._connection()) as connection:
                    async for event in connection:
                        tries = 0
                        yield event
            except grpc.aio.AioRpcError as error:
                if not self._worth_another(error):
                    raise from_rpc(error, self._client.address) from None
            if self.ended is not None:
                return
            tries += 1
            await self._back_off(tries)

    async def _connection(self) -> AsyncGenerator[events.Event, None]:
        if self.run_id:
            watch = service.WatchRunRequest(run_id=self.run_id, after_sequence=self.last_sequence)
            call: Any = self._client.runs.WatchRun(watch)
        else:
            call = self._client.queries.RunQuery(query.RunQueryRequest(run=self._request))
        try:
            async for message in call:
                for event in message.events:
                    self._take(event)
                    yield event
        finally:
            call.cancel()

    def _take(self, event: events.Event) -> None:
        if event.sequence != self.last_sequence + 1:
            raise StreamInterrupted(event.run_id, self.last_sequence)
        self.run_id, self.last_sequence = event.run_id, event.sequence
        if event.WhichOneof("payload") in TERMINAL:
            self.ended = event

    def _worth_another(self, error: grpc.aio.AioRpcError) -> bool:
        """Tell whether to take the stream up again: a run that was never heard of can't be, and isn't asked twice."""
        lost = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN, grpc.StatusCode.ABORTED}
        return self.last_sequence > 0 and error.code() in lost

    async def _back_off(self, tries: int) -> None:
        if tries > TRIES:
            raise StreamInterrupted(self.run_id, self.last_sequence)
        seconds = min(LONGEST_WAIT, FIRST_WAIT * 2 ** (tries - 1)) * random.uniform(0.5, 1.0)  # noqa: S311 spreads load
        self.on_reconnect(tries, seconds)
        await asyncio.sleep(seconds)

    async def result(self) -> events.Event:
        """Read to the end and return the completed event. Raises RunNotCompleted."""
        async for _ in self:
            pass
        if self.ended is None or not self.ended.HasField("completed"):
            raise RunNotCompleted(self.ended or events.Event())
        return self.ended


class Client:
    """Calls to one server. Methods raise CallFailed, with the server's reason and its words for people."""

    def __init__(self, channel: grpc.aio.Channel, address: str) -> None:
        self.address = address
        self.runs = service_grpc.RunServiceStub(channel)
        self.queries = query_grpc.QueryServiceStub(channel)
        self.catalog = catalog_grpc.CatalogServiceStub(channel)

    def ask(self, question: str, **request: Any) -> Stream:
        """Ask *question* and stream the run; *request* are further fields of RunRequest."""
        return Stream(self, run_pb2.RunRequest(question=question, **request), "", 0)

    def watch(self, run_id: str, after: int = 0) -> Stream:
        """Stream a run's events after number *after*, live or past."""
        return Stream(self, None, run_id, after)

    async def create(self, question: str, **request: Any) -> run_pb2.Run:
        """Accept a run without watching it."""
        run = run_pb2.RunRequest(question=question, **request)
        return (await self._call(self.runs.CreateRun(service.CreateRunRequest(run=run)))).run

    async def get(self, run_id: str) -> run_pb2.Run:
        """Return a run as far as it is known now."""
        return (await self._call(self.runs.GetRun(service.GetRunRequest(run_id=run_id)))).run

    async def list(self, limit: int = 50, page_token: str = "") -> tuple[Sequence[run_pb2.Run], str]:
        """Return your runs, newest first, and the next page's token."""
        page = await self._call(self.runs.ListRuns(service.ListRunsRequest(page_size=limit, page_token=page_token)))
        return page.runs, page.next_page_token

    async def cancel(self, run_id: str, cause: str = "") -> run_pb2.Run:
        """Ask that a run be cancelled."""
        return (await self._call(self.runs.CancelRun(service.CancelRunRequest(run_id=run_id, cause=cause)))).run

    async def pause(self, run_id: str) -> run_pb2.Run:
        """Ask that a run rest at its next step."""
        return (await self._call(self.runs.PauseRun(service.PauseRunRequest(run_id=run_id)))).run

    async def resume(self, run_id: str) -> run_pb2.Run:
        """Let a paused run go on."""
        return (await self._call(self.runs.ResumeRun(service.ResumeRunRequest(run_id=run_id)))).run

    async def respond(self, run_id: str, answer: run_pb2.InputAnswer) -> run_pb2.Run:
        """Answer an input request."""
        request = service.RespondToRunRequest(run_id=run_id, answer=answer)
        return (await self._call(self.runs.RespondToRun(request))).run

    async def fork(self, run_id: str, **fork: Any) -> run_pb2.Run:
        """Make a new run from a step of another; *fork* are further fields of ForkRunRequest."""
        return (await self._call(self.runs.ForkRun(service.ForkRunRequest(run_id=run_id, **fork)))).run

    async def export(self, run_id: str, file_format: int) -> AsyncGenerator[bytes, None]:
        """Yield the pieces of a run's rows as a file."""
        request = service.ExportRunRequest(run_id=run_id, format=file_format)  # type: ignore[arg-type]
        call = self.runs.ExportRun(request)
        try:
            async for piece in call:
                yield piece.data
        except grpc.aio.AioRpcError as error:
            raise from_rpc(error, self.address) from None

    async def pipelines(self) -> Sequence[catalog_pb2.Pipeline]:
        """Return the kinds of work that the server does."""
        return (await self._call(self.catalog.ListPipelines(catalog.ListPipelinesRequest()))).pipelines

    async def sources(self) -> Sequence[catalog_pb2.Source]:
        """Return the sources that you may ask."""
        return (await self._call(self.catalog.ListSources(catalog.ListSourcesRequest()))).sources

    async def describe(self, source: str) -> catalog_pb2.Schema:
        """Return what a source holds."""
        return (await self._call(self.catalog.DescribeSource(catalog.DescribeSourceRequest(source=source)))).schema

    async def models(self) -> Sequence[catalog_pb2.Model]:
        """Return the configured models."""
        return (await self._call(self.catalog.ListModels(catalog.ListModelsRequest()))).models

    async def _call(self, call: Any) -> Any:
        try:
            return await call
        except grpc.aio.AioRpcError as error:
            raise from_rpc(error, self.address) from None


@asynccontextmanager
async def connect(address: str = "") -> AsyncIterator[Client]:
    """Connect to *address* ("host:port"; default: LEVADA_GRPC, else 127.0.0.1:50051)."""
    address = address or os.environ.get("LEVADA_GRPC") or DEFAULT_ADDRESS
    options = [("grpc.max_receive_message_length", -1), ("grpc.enable_http_proxy", 0)]
    async with grpc.aio.insecure_channel(address, options=options) as channel:
        yield Client(channel, address)


__all__ = ["TERMINAL", "CallFailed", "Client", "Stream", "connect"]
