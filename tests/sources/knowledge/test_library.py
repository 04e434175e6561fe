"""Documents are kept ready to be searched: only those that changed are read, and no search waits long for them."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import pytest

from core.errors import SourceUnavailable
from core.sources.knowledge import library as waiting
from core.sources.knowledge.index import Segment
from core.sources.knowledge.library import Library
from core.sources.knowledge.passage import Held, Listed, Piece, Read
from tests.servers import until


class Board:
    """A shelf of documents of one passage; reading those that are *held* back waits."""

    def __init__(self, **texts: str) -> None:
        self.texts = texts
        self.stamps = dict.fromkeys(texts, 1)
        self.reads: Counter[str] = Counter()
        self.held: dict[str, asyncio.Event] = {}
        self.broken = False

    def write(self, name: str, text: str) -> None:
        self.texts[name], self.stamps[name] = text, self.stamps.get(name, 0) + 1

    def remove(self, name: str) -> None:
        del self.texts[name], self.stamps[name]

    async def listed(self) -> Listed:
        return Listed(tuple(self.stamps.items()), dict(self.stamps))

    async def read(self, name: str) -> Read:
        self.reads[name] += 1
        if self.broken:
            raise SourceUnavailable("The board is away.")
        text = self.texts.get(name, "")
        if name in self.held:
            await self.held[name].wait()
        return Read([passage(name, text)] if text else [])

    async def close(self) -> None: ...


def passage(name: str, text: str) -> Held:
    return Held(name, Piece("line 1", "", text))


@pytest.fixture
def board() -> Board:
    return Board(cellar="The cellar has bicycles.", attic="The attic has boxes.")


@pytest.fixture
async def library(board: Board) -> AsyncIterator[Library]:
    made = Library(board)
    yield made
    await made.close()


async def found(library: Library, text: str) -> list[str]:
    return [one.file for one, _ in (await library.index()).find(text, 9)]


async def test_a_document_that_changed_is_read_and_no_other_one(library: Library, board: Board):
    assert await found(library, "bicycles boxes") == ["cellar", "attic"]
    board.write("attic", "The attic has skis.")
    assert await found(library, "skis") == ["attic"]
    assert await found(library, "boxes") == []
    board.remove("cellar")
    assert await found(library, "bicycles") == []
    assert board.reads == {"cellar": 1, "attic": 2}


async def test_however_many_search_at_once_each_document_is_read_once(library: Library, board: Board):
    assert await asyncio.gather(*(found(library, "boxes") for _ in range(5))) == [["attic"]] * 5
    assert board.reads == {"cellar": 1, "attic": 1}


async def test_a_document_that_takes_long_keeps_no_search_waiting_and_is_found_once_it_is_read(
    library: Library, board: Board, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(waiting, "PATIENCE", 0.01)
    await library.index()
    board.held = {"attic": asyncio.Event(), "shed": asyncio.Event()}
    board.write("shed", "The shed has bicycles.")
    board.write("attic", "The attic has skis.")
    assert await found(library, "bicycles") == ["cellar"]
    incomplete = await library.index()
    assert incomplete.version is None
    assert incomplete.problems == ["Documents that are still being read: 2, attic first."]
    assert await found(library, "boxes") == []  # what was replaced is gone at once
    for event in board.held.values():
        event.set()
    await until(lambda: library._reading is not None and library._reading.done())
    assert await found(library, "bicycles skis") == ["attic", "cellar", "shed"]
    whole = await library.index()
    assert whole.version is not None
    assert not whole.problems


async def test_the_first_search_waits_for_all_there_is(library: Library, board: Board, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(waiting, "PATIENCE", 0)
    board.held = {"attic": asyncio.Event()}
    search = asyncio.create_task(found(library, "boxes"))
    await until(lambda: board.reads["attic"] == 1)
    assert not search.done()
    board.held["attic"].set()
    assert await search == ["attic"]


async def test_a_search_that_is_given_up_takes_nothing_from_the_others(library: Library, board: Board):
    board.held = {"attic": asyncio.Event()}
    leaves, stays = asyncio.create_task(library.index()), asyncio.create_task(found(library, "boxes"))
    await until(lambda: board.reads["attic"] == 1)
    leaves.cancel()
    await asyncio.wait([leaves])
    board.held["attic"].set()
    assert await stays == ["attic"]
    assert board.reads["attic"] == 1


async def test_a_document_that_changes_while_it_is_read_is_found_as_it_is_then(library: Library, board: Board):
    gate = board.held["attic"] = asyncio.Event()
    first = asyncio.create_task(library.index())
    await until(lambda: board.reads["attic"] == 1)
    board.write("attic", "The attic has skis.")
    del board.held["attic"]
    second = asyncio.create_task(found(library, "skis boxes"))
    await until(lambda: library._missing.get("attic") == 2)
    gate.set()
    await first
    assert await second == ["attic"]
    assert await found(library, "boxes") == []


async def test_a_shelf_that_is_away_is_told_and_asked_again(library: Library, board: Board):
    board.broken = True
    with pytest.raises(SourceUnavailable, match="away"):
        await library.index()
    board.broken = False
    assert await found(library, "boxes") == ["attic"]


async def test_what_was_offered_need_not_be_read(library: Library, board: Board):
    await library.index()
    board.write("shed", "The shed has skis.")
    library.offer("shed", 1, Segment("shed", [passage("shed", "The shed has skis.")]))
    library.offer("attic", 7, Segment("attic", [passage("attic", "Never put there.")]))
    assert await found(library, "skis never") == ["shed"]
    assert board.reads == {"cellar": 1, "attic": 1}


async def test_what_was_let_go_is_read_anew_for_whoever_asks(library: Library, board: Board):
    await library.index()
    assert library.passages == 2
    library.let_go()
    assert library.passages == 0
    assert await found(library, "boxes") == ["attic"]
    assert board.reads == {"cellar": 2, "attic": 2}


async def test_what_is_let_go_as_soon_as_it_is_read_is_found_by_who_waited_for_it(library: Library):
    loop = asyncio.get_running_loop()

    def let_go() -> None:
        if library.whole:
            library.let_go()
        else:
            loop.call_soon(let_go)

    loop.call_soon(let_go)
    assert await found(library, "boxes") == ["attic"]
