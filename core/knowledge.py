"""Documents that tenants add to be searched: taken in, listed, removed, and searched as a source of each tenant's own.

They are kept in the store, so that every server on it searches the same ones.
"""

import asyncio
import logging
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from typing import Self

from core.errors import InvalidRequest, NotFound, Reason, SourceUnavailable, StoreError
from core.identity import Principal
from core.settings import Settings
from core.sources.embedding import open_embedder
from core.sources.knowledge import KnowledgeSource
from core.sources.knowledge.embedding import embedded
from core.sources.knowledge.passage import Held, Listed, Piece, Read
from core.sources.knowledge.reading import Reader
from core.store.base import Store
from core.store.documents import Documents, Room, StoredDocument, StoredPassage

NAME = "knowledge"
DESCRIPTION = "Documents that were added to be searched: passages about a question, with where they stand."
LONGEST_NAME = 255
LOOK_SECONDS = 2.0
"""How long until a server sees that another one's tenant has its first documents, or none any more."""

MOST_PASSAGES = 50_000
"""How many of all tenants' passages are held in memory together, but for a tenant who alone has more.

Each takes some 10 kB, with a vector of 256 dimensions 13 kB (benchmarks.knowledge).
"""

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
            for source in self._sources.values():
                stack.push_async_callback(source.close)

    def source(self, tenant: str) -> KnowledgeSource | None:
        """Return *tenant*'s documents as a source; None when there are none."""
        if tenant not in self._holding:
            return None
        found = self._sources.pop(tenant, None) or self._opened(tenant)
        self._sources[tenant] = found  # the last is the one that was used last
        self._keep_small()
        return found

    def _opened(self, tenant: str) -> KnowledgeSource:
        shelf = TenantShelf(self._store.documents(), tenant, self._embedder.name if self._embedder else "")
        return KnowledgeSource(NAME, shelf, self._embedder, description=DESCRIPTION)

    def _keep_small(self) -> None:
        """Give up the indexes that were not used for longest while all together are too large; never the last used."""
        *others, last = self._sources.values()
        room = MOST_PASSAGES - last.passages
        for source in reversed(others):
            room -= source.passages
            if room < 0:
                source.let_go()

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
        source = self._sources.get(owner.tenant)
        segment = await source.prepared(name, held(name, stored, comparable=True)) if source else None
        kept, replaced = await self._store.documents().put(owner.tenant, document, stored, room)
        if source and segment:
            source.offer(kept.version, segment)
        await self.look()
        return kept, replaced

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
    """A tenant's documents in the store (core.sources.knowledge.passage.Shelf)."""

    def __init__(self, documents: Documents, tenant: str, embedder: str) -> None:
        self._documents, self._tenant, self._embedder = documents, tenant, embedder
        self._stored: dict[str, StoredDocument] = {}
        self._listed = Listed(0, {})

    async def listed(self) -> Listed:
        with _away():
            version = await self._documents.version(self._tenant)
            if version != self._listed.version:
                found = await self._documents.listed(self._tenant)
                self._stored = {one.name: one for one in found}
                stamps = {one.name: one.version for one in found}
                self._listed = Listed(version, stamps, self._problems(found))
        return self._listed

    async def read(self, name: str) -> Read:
        with _away():
            passages = await self._documents.passages(self._tenant, name)
        comparable = name in self._stored and self._stored[name].embedder == self._embedder
        return Read(held(name, passages, comparable=comparable))

    def _problems(self, listed: Sequence[StoredDocument]) -> list[str]:
        others = [one.name for one in listed if one.embedder != self._embedder]
        if not self._embedder or not others:
            return []
        return [f"{len(others):,} documents are found by their words only until they are added anew: {others[0]}, …"]

    async def close(self) -> None: ...


def held(name: str, passages: Sequence[StoredPassage], *, comparable: bool) -> list[Held]:
    """Return what is stored of a document as it is searched, with vectors where a question's are *comparable*."""
    return [Held(name, Piece(one.place, one.title, one.text), one.vector if comparable else b"") for one in passages]


@contextmanager
def _away() -> Iterator[None]:
    try:
        yield
    except StoreError as error:
        raise SourceUnavailable(f"The documents can't be read at the moment: {error.message}") from error
