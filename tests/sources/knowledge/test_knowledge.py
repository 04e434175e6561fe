"""Documents as a source: passages by their words and their meaning, of what a folder holds at the moment."""

import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from core.errors import QueryRefused, SourceUnavailable
from core.sources import open_source
from core.sources.base import Limits, Source
from core.sources.embedding.hashing import Hashing
from core.sources.knowledge.embedding import embedded
from core.sources.knowledge.index import Index, Segment
from core.sources.knowledge.passage import Held, Piece

LEAVE = "# Leave\n\nEverybody has thirty days off in a year.\n\n## Sickness\n\nCall before nine in the morning."
TRAVEL = "# Travel\n\nTrains are paid for in second class."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "people").mkdir()
    (tmp_path / "people" / "leave.md").write_text(LEAVE)
    (tmp_path / "travel.md").write_text(TRAVEL)
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    return tmp_path


@pytest.fixture
async def source(folder: Path, request: pytest.FixtureRequest) -> AsyncIterator[Source]:
    made = open_source("handbook", f"knowledge:///{folder}", embedder=getattr(request, "param", ""))
    yield made
    await made.close()


async def asked(source: Source, rows: int = 10, **query: Any) -> list[dict[str, Any]]:
    checked = source.check(json.dumps(query), await source.describe(), rows)
    async with source.query(checked, Limits()) as found:
        names = [column.name for column in found.columns]
        batches = [batch async for batch in found]
    return [dict(zip(names, row, strict=True)) for batch in batches for row in zip(*batch.columns, strict=True)]


@pytest.mark.parametrize("source", ["", "hashing:256"], indirect=True)
async def test_passages_about_a_text_come_with_where_they_stand(source: Source):
    first, *_ = await asked(source, text="How many days off do I have in a year?")
    assert (first["file"], first["place"], first["title"]) == ("people/leave.md", "line 3", "Leave")
    assert first["text"] == "Everybody has thirty days off in a year."
    assert first["score"] > 0


@pytest.mark.parametrize("source", ["", "hashing:256"], indirect=True)
async def test_words_are_found_by_their_other_forms_and_in_headings(source: Source):
    assert [one["file"] for one in await asked(source, text="paying a train")] == ["travel.md"]
    assert (await asked(source, text="sickness"))[0]["text"].startswith("Call before")


async def test_what_no_passage_has_finds_nothing(source: Source):
    assert await asked(source, text="giraffes") == []


async def test_only_documents_of_a_name_are_searched_when_that_is_asked(source: Source):
    assert {one["file"] for one in await asked(source, text="days class", file="people/*")} == {"people/leave.md"}
    assert await asked(source, text="days", file="none.md") == []


async def test_no_more_come_than_were_asked_for_or_may_be_shown(source: Source):
    assert len(await asked(source, text="days class morning")) == 3
    assert len(await asked(source, text="days class morning", limit=2)) == 2
    assert len(await asked(source, rows=1, text="days class morning")) == 1


async def test_a_file_that_changes_is_read_anew_and_one_that_goes_is_forgotten(source: Source, folder: Path):
    assert await asked(source, text="bicycles") == []
    before = await source.describe()
    assert await source.describe() is before
    (folder / "travel.md").write_text("# Travel\n\nBicycles are lent in the cellar.")
    assert [one["file"] for one in await asked(source, text="bicycles")] == ["travel.md"]
    (folder / "travel.md").unlink()
    assert await asked(source, text="bicycles") == []
    assert (await source.describe()).tables[0].comment == "Passages of 1 document, searched by what they are about"


async def test_what_can_not_be_read_is_told_and_keeps_none_of_the_others_out(source: Source, folder: Path):
    (folder / "broken.txt").write_bytes(b"caf\xe9")
    schema = await source.describe()
    assert ["broken.txt can't be read: it is not text in UTF-8" in one for one in schema.problems] == [True]
    assert await asked(source, text="days")


async def test_links_are_not_followed(source: Source, folder: Path, tmp_path_factory: pytest.TempPathFactory):
    secret = tmp_path_factory.mktemp("elsewhere") / "secret.md"
    secret.write_text("The password is swordfish.")
    (folder / "link.md").symlink_to(secret)
    assert await asked(source, text="swordfish") == []


async def test_a_name_that_can_not_be_told_keeps_only_its_own_file_out(source: Source, folder: Path):
    for name in (b"bad\xff.md", b"two\nlines.md"):
        (folder / os.fsdecode(name)).write_text("Untold days.")
    schema = await source.describe()
    assert ["Rename it." in one for one in schema.problems] == [True, True]
    assert [row["file"] for row in await asked(source, text="untold days")] == ["people/leave.md"]


@pytest.mark.timeout(20)
async def test_what_is_called_a_document_and_is_none_is_not_waited_for(source: Source, folder: Path):
    os.mkfifo(folder / "pipe.md")
    (folder / "folder.md").mkdir()
    assert not (await source.describe()).problems


async def test_a_file_that_goes_while_the_folder_is_looked_through_is_not_missed(
    source: Source, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    walk = os.walk

    def late(*where: Any) -> Any:
        found = list(walk(*where))
        (folder / "travel.md").unlink(missing_ok=True)
        return found

    monkeypatch.setattr(os, "walk", late)
    assert [row["file"] for row in await asked(source, text="days")] == ["people/leave.md"]


async def test_the_schema_says_what_documents_and_headings_there_are(source: Source):
    table = (await source.describe()).tables[0]
    samples = {column.name: list(column.samples) for column in table.columns if column.samples}
    assert samples == {"file": ["people/leave.md", "travel.md"], "title": ["Leave", "Leave > Sickness", "Travel"]}


async def test_a_folder_that_is_not_there_is_told_and_an_empty_one_has_no_table(tmp_path: Path):
    gone = open_source("gone", f"knowledge:///{tmp_path}/gone")
    with pytest.raises(SourceUnavailable, match="its folder can't be read"):
        await gone.ping()
    empty = open_source("empty", f"knowledge:///{tmp_path}")
    schema = await empty.describe()
    assert not schema.tables
    with pytest.raises(QueryRefused, match="no documents here"):
        empty.check('{"text": "x"}', schema, 10)
    with pytest.raises(SourceUnavailable, match="needs a folder"):
        open_source("none", "knowledge://")


@pytest.mark.parametrize(
    ("query", "rule"),
    [
        ("SELECT 1", "form"),
        ('{"text": "  "}', "form"),
        ('{"text": "a", "limit": 1000}', "form"),
        ('{"text": "a", "path": "/etc/passwd"}', "form"),
        ('{"text": "' + "a" * 20_000 + '"}', "form"),
        (" " * 200_000, "too-long"),
    ],
)
async def test_a_query_of_another_form_is_refused(source: Source, query: str, rule: str):
    with pytest.raises(QueryRefused) as refused:
        source.check(query, await source.describe(), 10)
    assert refused.value.rule == rule


async def test_both_rankings_become_one_by_reciprocal_rank():
    embedder = Hashing("256")
    texts = ["late deliveries of vans", "deliveries are late when vans are late", "the colour of paper"]
    pieces = [Piece(f"line {number}", "", text) for number, text in enumerate(texts, start=1)]
    vectors = await embedded(embedder, pieces)
    index = Index([Segment("a.txt", [Held("a.txt", *both) for both in zip(pieces, vectors, strict=True)])])
    vector = (await embedder.embed(["late delivery"]))[0]
    words = [one.piece.place for one, _ in index.find("late delivery", 9)]
    meaning = [at for (_, at), _ in index._by_meaning(vector, embedder.near, [0])]
    fused = index.find("late delivery", 9, "", vector, embedder.near)
    ranks = {one.piece.place: words.index(one.piece.place) + 1 for one, _ in fused}
    for one, score in fused:
        place = int(one.piece.place.split()[1]) - 1
        expected = 1 / (60 + ranks[one.piece.place]) + 1 / (60 + meaning.index(place) + 1)
        assert score == pytest.approx(expected, abs=1e-6)
    assert {one.piece.place for one, _ in fused} == {"line 1", "line 2"}


async def test_vectors_of_another_length_are_not_compared():
    piece = Piece("line 1", "", "late deliveries")
    index = Index([Segment("a.txt", [Held("a.txt", piece, (await embedded(Hashing("64"), [piece]))[0])])])
    assert index.find("paper", 5, "", [0.5] * 256) == []
