"""RunService: make runs, watch them, steer them. WatchRuns has a module of its own."""

from collections.abc import AsyncIterator

import grpc

from core import telemetry
from core.runs import Runs
from core.settings import Limits
from grpc_server import pages
from grpc_server.export import send
from grpc_server.interceptors.identity import Authenticate, caller
from grpc_server.interceptors.limits import Streams
from grpc_server.polling import page
from grpc_server.validation import Validation
from grpc_server.watch import bounded, follow
from grpc_server.watches import Watches
from levada.v1 import run_service_pb2 as pb

Context = grpc.aio.ServicerContext

RUNS_PER_PAGE = 50
EVENTS_PER_PAGE = 100


class RunService:
    """The caller's runs. Whoever calls is found by the identity interceptor; ownership is the engine's to check."""

    def __init__(
        self,
        runs: Runs,
        checks: Validation,
        streams: Streams,
        authenticate: Authenticate,
        heartbeat: float,
        limits: Limits,
    ) -> None:
        self._runs = runs
        self._checks = checks
        self._streams = streams
        self._authenticate = authenticate
        self._heartbeat = heartbeat
        self._limits = limits

    async def create_run(self, request: pb.CreateRunRequest, context: Context) -> pb.CreateRunResponse:
        self._checks.run(request.run)
        run, existed = await self._runs.create(caller(), request.run, telemetry.traceparent())
        return pb.CreateRunResponse(run=run, existed=existed)

    async def watch_run(self, request: pb.WatchRunRequest, context: Context) -> None:
        self._checks.cursor(request.after_sequence)
        write = bounded(context, self._limits.write_seconds)
        await follow(self._runs, caller(), request.run_id, request.after_sequence, write, self._heartbeat)

    async def watch_runs(self, requests: AsyncIterator[pb.WatchRunsRequest], context: Context) -> None:
        watches = Watches(self._runs, self._checks, self._streams, self._authenticate, caller())
        await watches.serve(requests, bounded(context, self._limits.write_seconds), self._heartbeat)

    async def export_run(self, request: pb.ExportRunRequest, context: Context) -> None:
        write = bounded(context, self._limits.write_seconds)
        await send(self._runs, self._limits, caller(), request, write)

    async def get_run(self, request: pb.GetRunRequest, context: Context) -> pb.GetRunResponse:
        return pb.GetRunResponse(run=await self._runs.get(caller(), request.run_id))

    async def list_runs(self, request: pb.ListRunsRequest, context: Context) -> pb.ListRunsResponse:
        size = self._checks.page_size(request.page_size, RUNS_PER_PAGE)
        self._checks.states(request.states)
        listing = f"{sorted(request.states)} {request.conversation_id}"
        runs = await self._runs.list(
            caller(),
            limit=size + 1,  # one more than asked for tells whether there is a next page
            before=pages.after(request.page_token, listing),
            states=tuple(request.states),
            conversation_id=request.conversation_id,
        )
        more = len(runs) > size
        page = runs[:size]
        return pb.ListRunsResponse(runs=page, next_page_token=pages.token(page[-1].run_id, listing) if more else "")

    async def cancel_run(self, request: pb.CancelRunRequest, context: Context) -> pb.CancelRunResponse:
        self._checks.cause(request.cause)
        return pb.CancelRunResponse(run=await self._runs.cancel(caller(), request.run_id, request.cause))

    async def pause_run(self, request: pb.PauseRunRequest, context: Context) -> pb.PauseRunResponse:
        return pb.PauseRunResponse(run=await self._runs.pause(caller(), request.run_id))

    async def resume_run(self, request: pb.ResumeRunRequest, context: Context) -> pb.ResumeRunResponse:
        return pb.ResumeRunResponse(run=await self._runs.resume(caller(), request.run_id))

    async def fork_run(self, request: pb.ForkRunRequest, context: Context) -> pb.ForkRunResponse:
        self._checks.fork(request)
        run, existed = await self._runs.fork(caller(), request, telemetry.traceparent())
        return pb.ForkRunResponse(run=run, existed=existed)

    async def respond_to_run(self, request: pb.RespondToRunRequest, context: Context) -> pb.RespondToRunResponse:
        self._checks.answer(request.answer)
        return pb.RespondToRunResponse(run=await self._runs.respond(caller(), request.run_id, request.answer))

    async def list_run_events(self, request: pb.ListRunEventsRequest, context: Context) -> tuple:
        """Answer with stored bytes and whether the run ended; frames.page writes them."""
        self._checks.cursor(request.after_sequence)
        size = self._checks.page_size(request.page_size, EVENTS_PER_PAGE)
        return await page(self._runs, caller(), request, size, lambda: self._streams.stopping)
