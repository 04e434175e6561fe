"""Documents that tenants add to be searched: taken in, listed, removed, and searched as a source of each tenant's own.

They are kept in the store, so that every server on it searches the same ones.
"""

import asyncio
import logging
import unicodedata
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Self

from core.errors import InvalidRequest, NotFound, Reason, SourceUnavailable, StoreError
from core.identity import Principal
from core.settings import Settings
from core.sources.embedding import open_embedder
from core.sources.knowledge import KnowledgeSource
from core.sources.knowledge.embedding import embedded
from core.sources.knowledge.passage import Contents, Held, Piece
from core.sources.knowledge.reading import Reader
from core.store.base import Store
from core.store.documents import Documents, Room, StoredDocument, StoredPassage

NAME = "knowledge"
DESCRIPTION = "Documents that were added to be searched: passages about a question, with where they stand."
LONGEST_NAME = 255
LOOK_SECONDS = 2.0
"""How long until a server sees that another one's tenant has its first documents, or none any more."""

logger = logging.getLogger(__name__)


class Knowledge:
    """All tenants' documents. Use as a context manager, within the store's."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._limits = settings.limits
        self._store = store
        self._reader = Reader()
        self._embedder = open_embedder(settings.embedder) if settings.embedder else None
        self._holding: dict[str, int] = {}
        self._sources: dict[str, KnowledgeSource] = {}
        self._looking: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self.look()
        if self._store.shared:
            self._looking = asyncio.create_task(self._keep_looking(), name="levada-knowledge")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.wait([self._looking])
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._reader.close)
            if self._embedder is not None:
                stack.push_async_callback(self._embedder.close)

    def source(self, tenant: str) -> KnowledgeSource | None:
        """Return *tenant*'s documents as a source; None when there are none."""
        if tenant not in self._holding:
            return None
        if tenant not in self._sources:
            shelf = TenantShelf(self._store.documents(), tenant, self._embedder.name if self._embedder else "")
            self._sources[tenant] = KnowledgeSource(NAME, shelf, self._embedder, description=DESCRIPTION)
        return self._sources[tenant]

    async def add(self, owner: Principal, name: str, data: bytes) -> tuple[StoredDocument, bool]:
        """Take in a document in place of the one of its name, and tell whether there was one.

        Raises InvalidRequest, DocumentUnreadable, SourceUnavailable (of the embedder).
        """
        name = named(name)
        kind, pieces = await self._reader.read(name, data)
        vectors = await embedded(self._embedder, pieces)
        stored = [StoredPassage(*piece, vector) for piece, vector in zip(pieces, vectors, strict=True)]
        embedder = self._embedder.name if self._embedder else ""
        document = StoredDocument(name, kind, len(data), len(pieces), owner.subject, embedder)
        room = Room(self._limits.documents, self._limits.documents_bytes)
        put = await self._store.documents().put(owner.tenant, document, stored, room)
        await self.look()
        return put

    async def listed(self, owner: Principal) -> Sequence[StoredDocument]:
        """Return the documents of *owner*'s tenant."""
        return await self._store.documents().listed(owner.tenant)

    async def remove(self, owner: Principal, name: str) -> None:
        """Remove a document. Raises NotFound, InvalidRequest."""
        name = named(name)
        removed = await self._store.documents().remove(owner.tenant, name)
        await self.look()
        if not removed:
            raise NotFound(
                f"There is no document “{name[:LONGEST_NAME]}” here. `levada knowledge list` names those that are.",
                reason=Reason.ERROR_REASON_DOCUMENT_NOT_FOUND,
                details={"document": name[:LONGEST_NAME]},
            )

    async def look(self) -> None:
        """See which tenants have documents."""
        self._holding = await self._store.documents().bases()

    async def _keep_looking(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self.look()
            except StoreError:
                logger.info("which tenants have documents can't be seen while the store is away")


def named(name: str) -> str:
    """Return a document's name as it is kept. Raises InvalidRequest."""
    plain = unicodedata.normalize("NFC", name).strip()
    if not plain or len(plain) > LONGEST_NAME or not plain.isprintable():
        said = f"A document's name has 1 to {LONGEST_NAME} characters on one line, as handbook/returns.md."
        raise InvalidRequest({"name": said})
    return plain


class TenantShelf:
    """A tenant's documents in the store (core.sources.knowledge.passage.Shelf); only those that changed are read."""

    def __init__(self, documents: Documents, tenant: str, embedder: str) -> None:
        self._documents, self._tenant, self._embedder = documents, tenant, embedder
        self._read: dict[str, tuple[int, list[Held]]] = {}

    async def version(self) -> int:
        try:
            return await self._documents.version(self._tenant)
        except StoreError as error:
            raise SourceUnavailable(f"The documents can't be read at the moment: {error.message}") from error

    async def contents(self) -> Contents:
        while True:
            version = await self.version()
            contents = await self._contents(version)
            # What changed while it was read is read again, so that no document is half an old one.
            if await self.version() == version:
                return contents

    async def _contents(self, version: int) -> Contents:
        try:
            listed = await self._documents.listed(self._tenant)
            for one in listed:
                if self._read.get(one.name, (0, []))[0] != one.version:
                    self._read[one.name] = one.version, await self._passages(one)
        except StoreError as error:
            raise SourceUnavailable(f"The documents can't be read at the moment: {error.message}") from error
        self._read = {one.name: self._read[one.name] for one in listed}
        return Contents(version, [held for _, some in self._read.values() for held in some], self._problems(listed))

    async def _passages(self, document: StoredDocument) -> list[Held]:
        comparable = document.embedder == self._embedder
        return [
            Held(document.name, Piece(one.place, one.title, one.text), one.vector if comparable else b"")
            for one in await self._documents.passages(self._tenant, document.name)
        ]

    def _problems(self, listed: Sequence[StoredDocument]) -> list[str]:
        others = [one.name for one in listed if one.embedder != self._embedder]
        if not self._embedder or not others:
            return []
        return [f"{len(others):,} documents are found by their words only until they are added anew: {others[0]}, …"]

    async def close(self) -> None: ...
