"""The client: calls that answer at once, and streams that take themselves up again after a drop."""

import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Any

from levada.calling import Caller
from levada.errors import CallFailed
from levada.export import FORMATS, Export
from levada.retry import OnReconnect, Retry, silent
from levada.servers import Servers
from levada.stream import Stream
from levada.v1 import catalog_pb2, knowledge_pb2, run_pb2
from levada.v1 import catalog_service_pb2 as catalog
from levada.v1 import event_pb2 as events
from levada.v1 import knowledge_service_pb2 as knowledge
from levada.v1 import query_service_pb2 as queries
from levada.v1 import run_service_pb2 as service

PIECE = 2**19
# A document is read before the answer comes, which may take as long as reading one may, behind others.
ADDING_SECONDS = 120.0


class Client:
    """Calls to the servers at one address; `connect` makes one.

    Methods raise CallFailed with the server's reason and its words for people, ServerUnreachable when none answers.
    A call whose connection breaks is made again, as far as `Retry` allows; none is carried out twice.
    """

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._call = caller.call

    def ask(self, question: str, **request: Any) -> Stream:
        """Ask *question* and stream the run; *request* are further fields of RunRequest."""
        return Stream(self._caller, request=run_pb2.RunRequest(question=question, **request))

    def watch(self, run_id: str, after: int = 0, *, on_gap: Callable[[range], None] | None = None) -> Stream:
        """Stream a run's events after number *after*, live or past.

        Where the first of them are no longer kept it raises CursorExpired, or tells *on_gap* which ones and goes on.
        """
        return Stream(self._caller, run_id=run_id, after=after, on_gap=on_gap)

    async def classify(self, question: str, sources: Sequence[str] = ()) -> queries.ClassifyResponse:
        """Say which sources *question* needs, of *sources* if any, why, and which pipeline answers it; run nothing."""
        classify = queries.ClassifyRequest(question=question, sources=sources)
        return await self._call(lambda line: line.queries.Classify(classify))

    async def create(self, question: str, **request: Any) -> run_pb2.Run:
        """Accept a run without watching it; *request* are further fields of RunRequest."""
        run = run_pb2.RunRequest(question=question, **request)
        run.request_id = run.request_id or str(uuid.uuid4())
        create = service.CreateRunRequest(run=run)
        return (await self._call(lambda line: line.runs.CreateRun(create))).run

    async def get(self, run_id: str) -> run_pb2.Run:
        """Return a run as far as it is known now."""
        get = service.GetRunRequest(run_id=run_id)
        return (await self._call(lambda line: line.runs.GetRun(get))).run

    async def list(
        self,
        limit: int = 50,
        page_token: str = "",
        *,
        states: Sequence[run_pb2.RunState | str] = (),
        conversation_id: str = "",
    ) -> tuple[Sequence[run_pb2.Run], str]:
        """Return your runs, newest first, and the next page's token; only those in *states*, if any are given."""
        listing = service.ListRunsRequest(
            page_size=limit, page_token=page_token, states=states, conversation_id=conversation_id
        )
        page = await self._call(lambda line: line.runs.ListRuns(listing))
        return page.runs, page.next_page_token

    async def list_events(
        self, run_id: str, after: int = 0, limit: int = 0, *, wait: float = 0.0
    ) -> tuple[Sequence[events.Event], bool]:
        """Return a page of a run's events after number *after*, for callers that poll, and whether the run's end is
        within it or before it. With *wait* an empty page comes only after so many seconds. Raises CursorExpired.
        """
        listing = service.ListRunEventsRequest(run_id=run_id, after_sequence=after, page_size=limit)
        if wait:
            listing.wait.FromMilliseconds(int(wait * 1000))
        page = await self._call(lambda line: line.runs.ListRunEvents(listing), wait)
        return page.events, page.ended

    async def cancel(self, run_id: str, cause: str = "") -> run_pb2.Run:
        """Ask that a run be cancelled; it ends a moment later."""
        cancel = service.CancelRunRequest(run_id=run_id, cause=cause)
        return (await self._call(lambda line: line.runs.CancelRun(cancel))).run

    async def pause(self, run_id: str) -> run_pb2.Run:
        """Ask that a run rest before its next step; `resume` lets it go on."""
        pause = service.PauseRunRequest(run_id=run_id)
        return (await self._call(lambda line: line.runs.PauseRun(pause))).run

    async def resume(self, run_id: str) -> run_pb2.Run:
        """Let a paused run go on."""
        resume = service.ResumeRunRequest(run_id=run_id)
        return (await self._call(lambda line: line.runs.ResumeRun(resume))).run

    async def respond(self, run_id: str, answer: run_pb2.InputAnswer) -> run_pb2.Run:
        """Answer what a run asks (`Run.input`, or the event `input_requested`)."""
        respond = service.RespondToRunRequest(run_id=run_id, answer=answer)
        return (await self._call(lambda line: line.runs.RespondToRun(respond))).run

    async def fork(
        self,
        run_id: str,
        *,
        step: str = "",
        question: str = "",
        query: str = "",
        options: run_pb2.RunOptions | None = None,
        request_id: str = "",
    ) -> run_pb2.Run:
        """Make a new run that keeps the completed steps of another up to *step* (none if empty), with edits.

        What is not given stays as it was in the first run. Steps that an edit makes void are not kept; the event
        `started` of the new run lists those that are.
        """
        fork = service.ForkRunRequest(
            run_id=run_id, step=step, question=question, query=query, request_id=request_id or str(uuid.uuid4())
        )
        if options is not None:
            fork.options.CopyFrom(options)
        return (await self._call(lambda line: line.runs.ForkRun(fork))).run

    def export(
        self, run_id: str, file_format: str = "csv", table: str = "", *, for_spreadsheet: bool = False
    ) -> Export:
        """Return a run's rows as a file (csv, jsonl, parquet or arrow): iterate over its pieces, or `save` it.

        *table* is the table's id (`TableStarted.table_id`); the run's last one if empty. A CSV file *for_spreadsheet*
        is one in which no text is taken for a formula.
        """
        if file_format not in FORMATS:
            raise ValueError(f"There is no format {file_format!r}: choose one of {', '.join(FORMATS)}.")
        export = service.ExportRunRequest(
            run_id=run_id, format=FORMATS[file_format], table_id=table, for_spreadsheet=for_spreadsheet
        )
        return Export(self._caller, export)

    async def pipelines(self) -> Sequence[catalog_pb2.Pipeline]:
        """Return the kinds of work that the server does."""
        everything = catalog.ListPipelinesRequest()
        return (await self._call(lambda line: line.catalog.ListPipelines(everything))).pipelines

    async def sources(self) -> Sequence[catalog_pb2.Source]:
        """Return the sources that you may ask."""
        everything = catalog.ListSourcesRequest()
        return (await self._call(lambda line: line.catalog.ListSources(everything))).sources

    async def describe(self, source: str) -> catalog_pb2.Schema:
        """Return what a source holds."""
        describe = catalog.DescribeSourceRequest(source=source)
        return (await self._call(lambda line: line.catalog.DescribeSource(describe))).schema

    async def refresh(self, source: str) -> catalog.RefreshSourceResponse:
        """Have a source looked at anew, and return what is not as it was."""
        refresh = catalog.RefreshSourceRequest(source=source)
        return await self._call(lambda line: line.catalog.RefreshSource(refresh))

    async def add_document(self, name: str, data: bytes) -> knowledge.AddDocumentResponse:
        """Add a document to be searched, in place of the one of its *name*, whose ending says what it is."""
        pieces = [data[start : start + PIECE] for start in range(0, len(data), PIECE)] or [b""]
        add = [knowledge.AddDocumentRequest(name=name, data=piece) for piece in pieces]
        return await self._call(lambda line: line.knowledge.AddDocument(iter(add)), ADDING_SECONDS)

    async def documents(self) -> Sequence[knowledge_pb2.Document]:
        """Return the documents that are searched."""
        page = await self._documents("")
        found = list(page.documents)
        while page.next_page_token:
            page = await self._documents(page.next_page_token)
            found += page.documents
        return found

    async def _documents(self, page_token: str) -> knowledge.ListDocumentsResponse:
        listing = knowledge.ListDocumentsRequest(page_token=page_token)
        return await self._call(lambda line: line.knowledge.ListDocuments(listing))

    async def remove_document(self, name: str) -> None:
        """Remove a document."""
        remove = knowledge.RemoveDocumentRequest(name=name)
        await self._call(lambda line: line.knowledge.RemoveDocument(remove))

    async def models(self) -> Sequence[catalog_pb2.Model]:
        """Return the configured models."""
        everything = catalog.ListModelsRequest()
        return (await self._call(lambda line: line.catalog.ListModels(everything))).models

    async def check_models(self, *names: str) -> AsyncGenerator[catalog.CheckModelsResponse, None]:
        """Have the server ask its models, all or those of *names*, and yield what it finds out as it does.

        That costs a few hundred tokens each. A connection that breaks is not made anew.
        """
        check = catalog.CheckModelsRequest(models=names)
        async with aclosing(self._caller.messages(lambda line: line.catalog.CheckModels(check))) as found:
            async for one in found:
                yield one


@asynccontextmanager
async def connect(
    address: str = "", *, retry: Retry | None = None, on_reconnect: OnReconnect = silent
) -> AsyncIterator[Client]:
    """Connect to *address*: "host:port", any other gRPC target, or several of them with commas between, of which the
    next is taken when one fails (default: LEVADA_GRPC, else 127.0.0.1:50051).

    *on_reconnect* is told of every further attempt that a call or stream makes; so is the logger "levada".
    """
    servers = Servers(address)
    try:
        yield Client(Caller(servers, retry or Retry(), on_reconnect))
    finally:
        await servers.close()


__all__ = ["CallFailed", "Client", "Stream", "connect"]
