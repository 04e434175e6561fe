"""Documents that tenants added, as passages: each is replaced as a whole, and each change raises its base's version."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any, NamedTuple, Protocol

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.errors import InvalidRequest
from core.store.tables import documents, knowledge_bases, passages, upsert

Job = Callable[[AsyncConnection], Awaitable[Any]]
Do = Callable[[Job], Awaitable[Any]]


@dataclass(frozen=True)
class StoredDocument:
    """A document without its passages, of which there are so many; *version* is that of its base when it came.

    *added* is in microseconds; *subject* is who added it.
    """

    name: str
    kind: str
    bytes: int
    passages: int
    subject: str = ""
    embedder: str = ""
    version: int = 0
    added: int = 0


class StoredPassage(NamedTuple):
    place: str
    title: str
    text: str
    vector: bytes = b""


@dataclass(frozen=True)
class Room:
    """What a tenant's documents may take together."""

    documents: int
    bytes: int


class Documents(Protocol):
    """The part of a store that keeps documents. Raises StoreError."""

    async def bases(self) -> dict[str, int]:
        """Return the tenants that have documents, each with the version of its base."""

    async def version(self, tenant: str) -> int:
        """Return how often that tenant's documents changed."""

    async def listed(self, tenant: str) -> Sequence[StoredDocument]:
        """Return that tenant's documents by their names."""

    async def passages(self, tenant: str, name: str) -> Sequence[StoredPassage]:
        """Return the passages of a document, in their order; none when there is no such document."""

    async def put(
        self, tenant: str, document: StoredDocument, pieces: Sequence[StoredPassage], room: Room
    ) -> tuple[StoredDocument, bool]:
        """Store a document in place of the one of its name; tell whether there was one. Raises InvalidRequest."""

    async def remove(self, tenant: str, name: str) -> bool:
        """Remove a document; tell whether there was one."""


class SqlDocuments:
    """Implements Documents: *ask* reads, *do* runs a job in a transaction of its own."""

    def __init__(self, ask: Do, do: Do) -> None:
        self._ask, self._do = ask, do

    async def bases(self) -> dict[str, int]:
        return await self._ask(_bases)

    async def version(self, tenant: str) -> int:
        return await self._ask(partial(_version, tenant=tenant))

    async def listed(self, tenant: str) -> Sequence[StoredDocument]:
        return await self._ask(partial(_listed, tenant=tenant))

    async def passages(self, tenant: str, name: str) -> Sequence[StoredPassage]:
        return await self._ask(partial(_passages, tenant=tenant, name=name))

    async def put(
        self, tenant: str, document: StoredDocument, pieces: Sequence[StoredPassage], room: Room
    ) -> tuple[StoredDocument, bool]:
        return await self._do(partial(_put, tenant=tenant, document=document, pieces=pieces, room=room))

    async def remove(self, tenant: str, name: str) -> bool:
        return await self._do(partial(_remove, tenant=tenant, name=name))


async def _bases(c: AsyncConnection) -> dict[str, int]:
    holding = select(documents.c.tenant).distinct()
    rows = await c.execute(select(knowledge_bases).where(knowledge_bases.c.tenant.in_(holding)))
    return {row.tenant: row.version for row in rows}


async def _version(c: AsyncConnection, tenant: str) -> int:
    found = select(knowledge_bases.c.version).where(knowledge_bases.c.tenant == tenant)
    return (await c.execute(found)).scalar_one_or_none() or 0


async def _listed(c: AsyncConnection, tenant: str) -> Sequence[StoredDocument]:
    columns = [column for column in documents.c if column.name != "tenant"]
    rows = await c.execute(select(*columns).where(documents.c.tenant == tenant).order_by(documents.c.name))
    return [StoredDocument(**row._mapping) for row in rows]


async def _passages(c: AsyncConnection, tenant: str, name: str) -> Sequence[StoredPassage]:
    columns = [passages.c[field] for field in StoredPassage._fields]
    mine = passages.c.tenant == tenant, passages.c.document == name
    rows = await c.execute(select(*columns).where(*mine).order_by(passages.c.number))
    return [StoredPassage(*row) for row in rows]


async def _put(
    c: AsyncConnection, tenant: str, document: StoredDocument, pieces: Sequence[StoredPassage], room: Room
) -> tuple[StoredDocument, bool]:
    # Raising the version first also keeps others from changing the same base until this is done.
    version = await _raised(c, tenant)
    existed = await _gone(c, tenant, document.name)
    await _require_room(c, tenant, document, room)
    mine = {"tenant": tenant, "document": document.name}
    stored = replace(document, version=version, added=time.time_ns() // 1_000)
    await c.execute(insert(documents).values(tenant=tenant, **asdict(stored)))
    await c.execute(insert(passages), [mine | {"number": number} | one._asdict() for number, one in enumerate(pieces)])
    return stored, existed


async def _require_room(c: AsyncConnection, tenant: str, document: StoredDocument, room: Room) -> None:
    total = select(func.count(), func.coalesce(func.sum(documents.c.bytes), 0))
    count, size = (await c.execute(total.where(documents.c.tenant == tenant))).one()
    if count >= room.documents:
        raise InvalidRequest({"document": f"There are {count:,} documents already, as many as may be; remove some."})
    if size + document.bytes > room.bytes:
        raise InvalidRequest(
            {
                "document": f"With {document.name} your documents would have {size + document.bytes:,} bytes; at most"
                f" {room.bytes:,} are kept. Remove some."
            }
        )


async def _remove(c: AsyncConnection, tenant: str, name: str) -> bool:
    known = select(documents.c.name).where(documents.c.tenant == tenant, documents.c.name == name)
    if (await c.execute(known)).first() is None:
        return False  # another version would have all of them read anew
    await _raised(c, tenant)
    return await _gone(c, tenant, name)


async def _gone(c: AsyncConnection, tenant: str, name: str) -> bool:
    await c.execute(delete(passages).where(passages.c.tenant == tenant, passages.c.document == name))
    removed = await c.execute(delete(documents).where(documents.c.tenant == tenant, documents.c.name == name))
    return removed.rowcount > 0


async def _raised(c: AsyncConnection, tenant: str) -> int:
    first = upsert(c.dialect.name, knowledge_bases).values(tenant=tenant, version=0).on_conflict_do_nothing()
    await c.execute(first)
    mine = knowledge_bases.c.tenant == tenant
    await c.execute(update(knowledge_bases).where(mine).values(version=knowledge_bases.c.version + 1))
    return await _version(c, tenant)
