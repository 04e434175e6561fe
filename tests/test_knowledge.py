"""Tenants' documents: a source of each tenant's own that is there while it holds some, on every server."""

import json
import unicodedata
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Self

import pytest

from core import knowledge
from core.catalog import Catalog
from core.errors import DocumentUnreadable, InvalidRequest, NotFound, Reason
from core.identity import LOCAL, Principal
from core.knowledge import Knowledge, TenantShelf
from core.settings import Limits, Settings
from core.sources.base import Limits as QueryLimits
from core.store import open_store
from tests.postgres import PostgresDatabase
from tests.servers import until

OTHER = Principal("acme", "ann")


class Desk:
    """A server's documents and what its callers may ask."""

    def __init__(self, url: str, **settings: Any) -> None:
        self.settings = Settings(config="", store=url, sample=False, **settings)
        self.stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        store = open_store(self.settings.store)
        await store.open()
        self.stack.push_async_callback(store.close)
        self.knowledge = await self.stack.enter_async_context(Knowledge(self.settings, store))
        self.catalog = await self.stack.enter_async_context(Catalog(self.settings, store, knowledge=self.knowledge))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stack.aclose()

    async def found(self, text: str, caller: Principal = LOCAL) -> list[tuple[Any, ...]]:
        source = self.catalog.sources(caller)["knowledge"]
        query = source.check(json.dumps({"text": text}), await source.describe(), 10)
        async with source.query(query, QueryLimits()) as rows:
            return [row for batch in [one async for one in rows] for row in zip(*batch.columns, strict=True)]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/levada.db"
    found: str = request.getfixturevalue("postgres_store").admin_url
    return found


@pytest.fixture
async def desk(url: str) -> AsyncIterator[Desk]:
    async with Desk(url) as made:
        yield made


async def test_the_source_is_there_while_its_tenant_has_documents(desk: Desk):
    assert "knowledge" not in desk.catalog.sources(LOCAL)
    document, replaced = await desk.knowledge.add(LOCAL, "a.md", b"# Leave\n\nThirty days a year.")
    assert (document.kind, document.passages, replaced) == ("markdown", 1, False)
    assert [row[:4] for row in await desk.found("days")] == [("a.md", "line 3", "Leave", "Thirty days a year.")]
    assert "knowledge" not in desk.catalog.sources(OTHER)
    schemas = await desk.catalog.schemas(LOCAL)
    assert schemas.known("knowledge", ["leave"]) and not schemas.problems
    await desk.knowledge.remove(LOCAL, "a.md")
    assert "knowledge" not in desk.catalog.sources(LOCAL)


async def test_tenants_find_only_their_own(desk: Desk):
    await desk.knowledge.add(LOCAL, "a.txt", b"The cellar has bicycles.")
    await desk.knowledge.add(OTHER, "b.txt", b"The attic has bicycles.")
    assert [row[0] for row in await desk.found("bicycles")] == ["a.txt"]
    assert [row[0] for row in await desk.found("bicycles", OTHER)] == ["b.txt"]
    assert [one.name for one in await desk.knowledge.listed(OTHER)] == ["b.txt"]
    assert list((await desk.catalog.schemas(LOCAL)).schemas["knowledge"].tables[0].columns[0].samples) == ["a.txt"]
    assert list((await desk.catalog.schemas(OTHER)).schemas["knowledge"].tables[0].columns[0].samples) == ["b.txt"]


async def test_a_document_of_the_same_name_is_found_as_it_is_now(desk: Desk):
    await desk.knowledge.add(LOCAL, "a.txt", b"The cellar has bicycles.")
    await desk.knowledge.add(LOCAL, "b.txt", b"The attic has boxes.")
    assert await desk.found("bicycles")
    _, replaced = await desk.knowledge.add(LOCAL, "a.txt", b"The cellar has skis.")
    assert replaced
    assert await desk.found("bicycles") == []
    assert [row[0] for row in await desk.found("skis")] == ["a.txt"]
    assert [row[0] for row in await desk.found("boxes")] == ["b.txt"]


async def test_what_is_added_is_searched_as_it_was_taken_in_and_the_others_are_not_read_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    await desk.knowledge.add(LOCAL, "a.txt", b"The cellar has bicycles.")
    assert await desk.found("bicycles")

    async def unread(*_: object) -> None:
        raise AssertionError("nothing is read from the store")

    monkeypatch.setattr(TenantShelf, "read", unread)
    await desk.knowledge.add(LOCAL, "b.txt", b"The attic has boxes.")
    await desk.knowledge.add(LOCAL, "a.txt", b"The cellar has skis.")
    assert [row[0] for row in await desk.found("boxes")] == ["b.txt"]
    assert [row[0] for row in await desk.found("skis")] == ["a.txt"]
    assert await desk.found("bicycles") == []


async def test_indexes_that_were_not_used_for_longest_are_given_up_and_made_anew(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(knowledge, "MOST_PASSAGES", 2)
    tenants = [Principal(name, "ann") for name in ("one", "two", "three")]
    for tenant in tenants:
        await desk.knowledge.add(tenant, "a.txt", b"The cellar has bicycles.")
        assert await desk.found("bicycles", tenant)

    def held() -> dict[str, int]:
        return {tenant: source.passages for tenant, source in desk.knowledge._sources.items()}

    desk.catalog.sources(tenants[1])
    assert held() == {"one": 0, "three": 1, "two": 1}
    assert await desk.found("bicycles", tenants[0])
    desk.catalog.sources(tenants[0])
    assert held() == {"three": 0, "two": 1, "one": 1}
    assert (await desk.catalog.sources(tenants[2])["knowledge"].describe()).tables
    assert held()["three"] == 0  # what is known of it is not made anew while nobody searches it


async def test_a_document_is_removed_by_the_name_it_was_added_by(desk: Desk):
    written = unicodedata.normalize("NFD", "café.txt")
    await desk.knowledge.add(LOCAL, f" {written}", b"The cellar has bicycles.")
    await desk.knowledge.remove(LOCAL, f" {written}")
    assert await desk.knowledge.listed(LOCAL) == []
    with pytest.raises(InvalidRequest):
        await desk.knowledge.remove(LOCAL, "a\x00b")


@pytest.mark.postgres
async def test_another_server_sees_what_was_added_changed_and_removed(postgres_store: PostgresDatabase):
    async with Desk(postgres_store.admin_url) as one, Desk(postgres_store.admin_url) as other:
        await one.knowledge.add(LOCAL, "a.txt", b"The cellar has bicycles.")
        await until(lambda: "knowledge" in other.catalog.sources(LOCAL))
        assert await other.found("bicycles")
        await one.knowledge.add(LOCAL, "a.txt", b"The cellar has skis.")
        assert await other.found("bicycles") == []
        assert await other.found("skis")
        await other.knowledge.remove(LOCAL, "a.txt")
        await until(lambda: "knowledge" not in one.catalog.sources(LOCAL))


async def test_vectors_are_kept_and_what_another_embedder_made_is_found_by_its_words(tmp_path: Path):
    url = f"sqlite:///{tmp_path}/levada.db"
    async with Desk(url, embedder="hashing:128") as desk:
        await desk.knowledge.add(LOCAL, "a.txt", b"Late deliveries annoy everybody.")
        assert (await desk.found("late delivery"))[0][4] == pytest.approx(2 / 61, abs=1e-6)
    async with Desk(url, embedder="hashing:256") as desk:
        found = await desk.found("late delivery")
        assert found[0][0] == "a.txt"
        assert found[0][4] > 0.1  # by its words alone, no fused rank
        schema = await desk.catalog.sources(LOCAL)["knowledge"].describe()
        assert "by their words only until they are added anew: a.txt" in schema.problems[0]


async def test_what_is_refused_is_told_and_changes_nothing(desk: Desk):
    await desk.knowledge.add(LOCAL, "a.txt", b"The cellar has bicycles.")
    with pytest.raises(DocumentUnreadable, match="not text in UTF-8"):
        await desk.knowledge.add(LOCAL, "a.txt", b"caf\xe9")
    for name in ("", "  ", "a\nb.txt", "x" * 300 + ".txt"):
        with pytest.raises(InvalidRequest, match="1 to 255 characters"):
            await desk.knowledge.add(LOCAL, name, b"x")
    version = await desk.knowledge._store.documents().version(LOCAL.tenant)
    with pytest.raises(NotFound) as missing:
        await desk.knowledge.remove(LOCAL, "b.txt")
    assert await desk.knowledge._store.documents().version(LOCAL.tenant) == version
    assert missing.value.reason == Reason.ERROR_REASON_DOCUMENT_NOT_FOUND
    assert await desk.found("bicycles")


async def test_a_tenant_has_so_many_documents(tmp_path: Path):
    async with Desk(f"sqlite:///{tmp_path}/levada.db", limits=Limits(documents=1, documents_bytes=100)) as desk:
        await desk.knowledge.add(LOCAL, "a.txt", b"One.")
        with pytest.raises(InvalidRequest, match="remove some"):
            await desk.knowledge.add(LOCAL, "b.txt", b"Two.")
        await desk.knowledge.add(OTHER, "b.txt", b"Two.")


async def test_a_configured_source_of_that_name_stays_what_it_is(tmp_path: Path):
    (tmp_path / "a.csv").write_text("a\n1\n")
    own = {"knowledge": {"url": str(tmp_path / "a.csv")}}
    async with Desk(f"sqlite:///{tmp_path}/levada.db", sources=own) as desk:
        await desk.knowledge.add(LOCAL, "a.txt", b"One.")
        assert desk.catalog.sources(LOCAL)["knowledge"].language == "sql"
