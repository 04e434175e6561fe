"""KnowledgeService: documents to be searched, which callers send; no path of theirs is ever opened here."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import grpc

from core.errors import InvalidRequest
from core.knowledge import Knowledge, named
from core.settings import Limits
from core.store.documents import StoredDocument
from grpc_server import pages
from grpc_server.interceptors.identity import caller
from grpc_server.validation import NAME_LENGTH, Faults, Validation
from levada.v1 import knowledge_pb2
from levada.v1 import knowledge_service_pb2 as pb

Context = grpc.aio.ServicerContext

PER_PAGE = 1_000
# A document is sent at once, by a program: whoever takes longer holds memory for nothing.
SENDING_SECONDS = 60.0


class KnowledgeService:
    """The documents of the caller's tenant."""

    def __init__(self, knowledge: Knowledge, checks: Validation, limits: Limits) -> None:
        self._knowledge, self._checks, self._limits = knowledge, checks, limits

    async def add_document(
        self, requests: AsyncIterator[pb.AddDocumentRequest], context: Context
    ) -> pb.AddDocumentResponse:
        try:
            async with asyncio.timeout(SENDING_SECONDS):
                name, data = await self._sent(requests)
        except TimeoutError:
            said = f"The document did not arrive within {SENDING_SECONDS:g} seconds, so nothing was done. Send it anew."
            raise InvalidRequest({"data": said}) from None
        document, replaced = await self._knowledge.add(caller(), name, data)
        return pb.AddDocumentResponse(document=_told(document), replaced=replaced)

    async def _sent(self, requests: AsyncIterator[pb.AddDocumentRequest]) -> tuple[str, bytes]:
        """Return a document's name and bytes. All is heard before it is refused: who still sends hears no answer."""
        names: set[str] = set()
        data, size = bytearray(), 0
        async for request in requests:
            names |= {request.name} - {""}
            size += len(request.data)
            if size <= self._limits.document_bytes:
                data += request.data
            else:
                data.clear()
        if len(names) > 1:
            raise InvalidRequest({"name": "One call takes one document. Send each in a call of its own."})
        name = named(names.pop() if names else "")
        if size > self._limits.document_bytes:
            most = f"at most {self._limits.document_bytes:,} are taken. Split it."
            raise InvalidRequest({"data": f"{name} has {size:,} bytes; {most}"})
        return name, bytes(data)

    async def list_documents(self, request: pb.ListDocumentsRequest, context: Context) -> pb.ListDocumentsResponse:
        size = self._checks.page_size(request.page_size, PER_PAGE)
        after = pages.after(request.page_token, "documents")
        left = [one for one in await self._knowledge.listed(caller()) if one.name > after]
        return pb.ListDocumentsResponse(
            documents=[_told(one) for one in left[:size]], next_page_token=_next(left, size)
        )

    async def remove_document(self, request: pb.RemoveDocumentRequest, context: Context) -> pb.RemoveDocumentResponse:
        faults = Faults()
        faults.text(request.name, "name", NAME_LENGTH, needed=True)
        faults.raise_any()
        await self._knowledge.remove(caller(), request.name)
        return pb.RemoveDocumentResponse()


def _next(left: Sequence[StoredDocument], size: int) -> str:
    return pages.token(left[size - 1].name, "documents") if len(left) > size else ""


def _told(document: StoredDocument) -> knowledge_pb2.Document:
    told = knowledge_pb2.Document(
        name=document.name, kind=document.kind, bytes=document.bytes, passages=document.passages
    )
    told.added_at.FromMicroseconds(document.added)
    return told
