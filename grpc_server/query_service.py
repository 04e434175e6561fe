"""QueryService: ask and watch in one call."""

import asyncio
from contextlib import suppress

import grpc

from core import telemetry
from core.errors import LevadaError
from core.identity import Principal
from core.pipeline import Services
from core.pipelines.auto.explain import classify
from core.runs import Runs
from grpc_server.interceptors import rates
from grpc_server.interceptors.identity import caller
from grpc_server.interceptors.limits import Streams
from grpc_server.validation import Validation
from grpc_server.watch import bounded, follow
from levada.v1 import query_service_pb2 as pb
from levada.v1.run_pb2 import Run


class QueryService:
    """The shortest way to an answer. Its streams are written as stored bytes, see frames.events."""

    def __init__(
        self,
        runs: Runs,
        services: Services,
        validation: Validation,
        streams: Streams,
        heartbeat: float,
        write_seconds: float,
    ) -> None:
        self._runs = runs
        self._services = services
        self._validation = validation
        self._streams = streams
        self._heartbeat = heartbeat
        self._write_seconds = write_seconds

    async def run_query(self, request: pb.RunQueryRequest, context: grpc.aio.ServicerContext) -> None:
        self._validation.run(request.run)
        who = caller()
        # Shielded, so that a run whose reader leaves while it is being made is not lost sight of.
        creating = asyncio.ensure_future(self._runs.create(who, request.run, telemetry.traceparent()))
        try:
            run, _ = await asyncio.shield(creating)
            await rates.tell(context)
            write = bounded(context, self._write_seconds)
            await follow(self._runs, who, run.run_id, 0, write, self._heartbeat)
        except (asyncio.CancelledError, grpc.aio.InternalError):
            if request.run.options.cancel_on_disconnect and not self._streams.stopping:
                await asyncio.shield(self._abandon(who, creating))
            raise

    async def classify(self, request: pb.ClassifyRequest, context: grpc.aio.ServicerContext) -> pb.ClassifyResponse:
        self._validation.classify(request)
        return await classify(self._services, caller(), request)

    async def _abandon(self, who: Principal, creating: "asyncio.Future[tuple[Run, bool]]") -> None:
        with suppress(LevadaError):  # it was never made, or has ended
            run, _ = await creating
            await self._runs.cancel(who, run.run_id, "The reader left.", by="server")
