"""Documents to be searched, under /v1/documents: their bytes are passed on as they come."""

import asyncio
from collections.abc import AsyncIterator

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from gateway.connection import Connection
from gateway.operations import Operation, Parameter
from gateway.problems import Problem
from gateway.proto_json import to_json
from gateway.requests import number
from gateway.responses import json_response
from gateway.upstream import Upstream
from levada.v1 import knowledge_service_pb2 as pb

PIECE = 2**19
ADDING_SECONDS = 150.0
NAME = Parameter(
    "name", "The document's name, by which it is cited; its ending says what it is: .md, .txt, .html, .pdf."
)
BYTES = {"type": "string", "format": "binary", "description": "The document as it is."}


class Knowledge:
    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream

    def operations(self) -> list[Operation]:
        paged = (
            Parameter("page_size", "At most so many documents.", kind="integer"),
            Parameter("page_token", "Where to go on, from the previous page."),
        )
        path = "/v1/documents"
        return [
            Operation("GET", path, "List the documents that are searched.", self._list, None,
                      pb.ListDocumentsResponse, parameters=paged),
            Operation("POST", path, "Add a document to be searched, in place of the one of its name.", self._add,
                      BYTES, pb.AddDocumentResponse, parameters=(NAME,)),
            Operation("DELETE", path, "Remove a document.", self._remove, None, pb.RemoveDocumentResponse,
                      parameters=(NAME,)),
        ]  # fmt: skip

    async def _list(self, request: Request) -> Response:
        token = request.query_params.get("page_token", "")
        asked = pb.ListDocumentsRequest(page_size=min(number(request, "page_size"), 2**31 - 1), page_token=token)
        return json_response(to_json(await self._upstream.call(self._upstream.knowledge.ListDocuments, asked)))

    async def _add(self, request: Request) -> Response:
        name = request.query_params.get("name", "")
        try:
            async with asyncio.timeout(ADDING_SECONDS):
                answer = await self._upstream.call(
                    self._upstream.knowledge.AddDocument, _pieces(request, name), ADDING_SECONDS
                )
        except TimeoutError:
            detail = "The document did not arrive in time, so nothing was done. Send it again, whole."
            raise Problem(408, "INVALID_REQUEST", detail, headers={"Connection": "close"}) from None
        except asyncio.CancelledError:
            connection: Connection = request.scope["levada.connection"]
            if connection.gone:  # the call was given up with the body
                raise ClientDisconnect from None
            raise
        return json_response(to_json(answer))

    async def _remove(self, request: Request) -> Response:
        asked = pb.RemoveDocumentRequest(name=request.query_params.get("name", ""))
        return json_response(to_json(await self._upstream.call(self._upstream.knowledge.RemoveDocument, asked)))


async def _pieces(request: Request, name: str) -> AsyncIterator[pb.AddDocumentRequest]:
    """Yield the body as it comes; the server refuses it as soon as it is too large."""
    yield pb.AddDocumentRequest(name=name)
    async for sent in request.stream():
        for start in range(0, len(sent), PIECE):
            yield pb.AddDocumentRequest(data=sent[start : start + PIECE])
