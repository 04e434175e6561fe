"""Documents in the store: replaced as a whole, each tenant's own, seen by every server."""

import asyncio

import pytest

from core.errors import InvalidRequest
from core.store import Store
from core.store.documents import Room, StoredDocument, StoredPassage

WIDE = Room(documents=100, bytes=1_000_000)


def document(name: str, passages: int = 2, size: int = 10) -> StoredDocument:
    return StoredDocument(name, "text", size, passages, subject="ann")


def passages(word: str, count: int = 2) -> list[StoredPassage]:
    return [StoredPassage(f"line {number}", "Title", f"{word} {number}", b"\x00\x01") for number in range(count)]


async def test_a_document_is_kept_with_its_passages_in_their_order(store: Store):
    stored, replaced = await store.documents().put("acme", document("a.txt", 12), passages("x", 12), WIDE)
    assert not replaced
    assert (stored.version, stored.added > 0) == (1, True)
    assert await store.documents().listed("acme") == [stored]
    assert await store.documents().passages("acme", "a.txt") == passages("x", 12)


async def test_the_same_name_replaces_all_of_what_was_there(store: Store, other: Store):
    await store.documents().put("acme", document("a.txt", 5), passages("old", 5), WIDE)
    _, replaced = await other.documents().put("acme", document("a.txt", 1), passages("new", 1), WIDE)
    assert replaced
    assert await store.documents().passages("acme", "a.txt") == passages("new", 1)
    assert [(one.passages, one.version) for one in await store.documents().listed("acme")] == [(1, 2)]


async def test_every_change_raises_the_version_of_its_tenant_alone(store: Store, other: Store):
    here, there = store.documents(), other.documents()
    assert await here.version("acme") == 0
    await here.put("acme", document("a.txt"), passages("x"), WIDE)
    await here.put("zoo", document("z.txt"), passages("x"), WIDE)
    await there.put("acme", document("b.txt"), passages("x"), WIDE)
    assert await there.remove("acme", "a.txt")
    assert (await here.version("acme"), await there.version("zoo")) == (3, 1)
    assert await here.bases() == {"acme": 3, "zoo": 1}
    await here.remove("zoo", "z.txt")
    assert await there.bases() == {"acme": 3}


async def test_nobody_sees_or_removes_what_is_another_tenant_s(store: Store):
    await store.documents().put("acme", document("a.txt"), passages("x"), WIDE)
    assert await store.documents().listed("zoo") == []
    assert await store.documents().passages("zoo", "a.txt") == []
    assert not await store.documents().remove("zoo", "a.txt")
    assert len(await store.documents().listed("acme")) == 1


async def test_what_is_too_much_is_refused_and_leaves_all_as_it_was(store: Store):
    kept = store.documents()
    await kept.put("acme", document("a.txt", size=60), passages("x"), WIDE)
    with pytest.raises(InvalidRequest, match="would have 120 bytes; at most 100"):
        await kept.put("acme", document("b.txt", size=60), passages("x"), Room(10, 100))
    with pytest.raises(InvalidRequest, match="There are 1 documents already"):
        await kept.put("acme", document("b.txt", size=1), passages("x"), Room(1, 100))
    with pytest.raises(InvalidRequest, match="would have 101 bytes"):
        await kept.put("acme", document("a.txt", size=101), passages("new"), Room(1, 100))
    assert await kept.passages("acme", "a.txt") == passages("x")
    assert await kept.version("acme") == 1
    # What takes its own place needs no more room than the difference.
    await kept.put("acme", document("a.txt", size=100), passages("new"), Room(1, 100))


async def test_who_adds_at_the_same_time_as_others_gets_a_place_or_is_refused(store: Store, other: Store):
    room = Room(documents=5, bytes=1_000_000)
    adding = [
        (store, other)[number % 2].documents().put("acme", document(f"{number}.txt"), passages(str(number)), room)
        for number in range(10)
    ]
    done = await asyncio.gather(*adding, return_exceptions=True)
    assert sum(isinstance(one, InvalidRequest) for one in done) == 5
    assert sum(isinstance(one, tuple) for one in done) == 5
    assert len(await store.documents().listed("acme")) == 5
    assert await store.documents().version("acme") == 5


async def test_of_two_who_replace_the_same_document_one_is_kept_whole(store: Store, other: Store):
    await asyncio.gather(
        *(
            (store, other)[number % 2].documents().put("acme", document("a.txt", 50), passages(str(number), 50), WIDE)
            for number in range(6)
        )
    )
    kept = await store.documents().passages("acme", "a.txt")
    assert len(kept) == 50
    assert len({one.text.split()[0] for one in kept}) == 1
