"""The index over what sources hold: searched by whose it is, made once, and anew for whatever changed."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from core.errors import NotFound, SourceUnavailable
from core.identity import LOCAL, Principal
from core.pipelines.answering.relevance.index import Indexed
from core.pipelines.answering.relevance.words import words
from core.schema_index import SchemaIndex
from core.settings import SourceSettings
from core.sources import open_source
from core.sources.base import Source
from tests.servers import until
from tests.test_catalog import catalog

OTHER = Principal("acme", "ann")
DOWN = "postgresql://nobody@127.0.0.1:1/none"


def database(path: Path, *statements: str) -> str:
    with closing(sqlite3.connect(path)) as made:
        made.executescript(";".join(statements))
    return str(path)


def towns(folder: Path) -> Source:
    return open_source("towns", database(folder / "towns.db", "CREATE TABLE towns (name TEXT, people INTEGER)"))


async def test_what_each_source_knows_is_told_by_how_much_that_says(tmp_path: Path):
    source = open_source(
        "towns", database(tmp_path / "t.db", "CREATE TABLE towns (people INT)"), description="Portugal"
    )
    found = await SchemaIndex({"towns": source}).read(["towns"])
    knows = found.known("towns", set(words("towns people Portugal weather")))
    assert knows["town"] > knows["people"] > knows["portugal"]
    assert "weather" not in knows


async def test_each_source_is_told_as_it_was_looked_at_and_one_that_is_down_is_left_out(tmp_path: Path):
    told: list[tuple[str, float]] = []
    index = SchemaIndex({"towns": towns(tmp_path), "down": open_source("down", DOWN)})
    found = await index.read(["towns", "down"], lambda said, fraction: told.append((said, fraction)))
    assert list(found.schemas) == ["towns"]
    assert "it is left out" in found.problems["down"]
    assert [fraction for _, fraction in told] == [0.5, 1.0]
    assert "Looked at towns: 1 table." in [said for said, _ in told]


async def test_a_source_that_goes_away_is_searched_as_it_was_and_that_is_said(tmp_path: Path):
    source = towns(tmp_path)
    index = SchemaIndex({"towns": source})
    await index.read(["towns"])
    (tmp_path / "towns.db").unlink()
    with pytest.raises(SourceUnavailable):
        await index.refresh("towns")
    found = await index.read(["towns"])
    assert found.relevant("towns", "people") == ["towns"]
    assert "it is taken to be as it was" in found.problems["towns"]


async def test_looking_anew_says_what_is_new_gone_and_changed(tmp_path: Path):
    source = towns(tmp_path)
    index = SchemaIndex({"towns": source})
    await index.read(["towns"])
    database(tmp_path / "towns.db", "CREATE TABLE rivers (length REAL)", "ALTER TABLE towns ADD COLUMN mayor TEXT")
    unknowing = await index.read(["towns"])
    assert not unknowing.known("towns", ["river"])
    refreshed = await index.refresh("towns")
    assert (refreshed.added, refreshed.removed, refreshed.changed) == (["rivers"], [], ["towns"])
    assert (await index.read(["towns"])).known("towns", ["river", "mayor"]).keys() == {"river", "mayor"}
    database(tmp_path / "towns.db", "DROP TABLE rivers")
    assert (await index.refresh("towns")).removed == ["rivers"]


async def test_a_source_is_indexed_once_however_many_ask_and_not_again_unless_it_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    made: list[str] = []
    indexed = Indexed.of

    def counted(schema, digest, description):
        made.append(schema.source)
        return indexed(schema, digest, description)

    monkeypatch.setattr(Indexed, "of", counted)
    index = SchemaIndex({"towns": towns(tmp_path)})
    await asyncio.gather(*(index.read(["towns"]) for _ in range(20)))
    await index.refresh("towns")
    assert made == ["towns"]
    database(tmp_path / "towns.db", "CREATE TABLE rivers (length REAL)")
    await index.refresh("towns")
    assert made == ["towns", "towns"]


async def test_another_tenants_source_bears_on_nothing_that_is_found(tmp_path: Path):
    url = database(tmp_path / "t.db", "CREATE TABLE towns (people INT)", "CREATE TABLE rivers (towns INT)")
    theirs = database(tmp_path / "theirs.db", *(f"CREATE TABLE rivers_{n} (rivers INT)" for n in range(50)))
    sources = {"mine": SourceSettings(url=url), "theirs": SourceSettings(url=theirs, tenants=("acme",))}
    async with catalog(sources=sources) as shared, catalog(sources={"mine": sources["mine"]}) as alone:
        found = [await each.schemas(LOCAL) for each in (shared, alone)]
        assert [list(each.schemas) for each in found] == [["mine"], ["mine"]]
        scores = [each._scores("rivers of towns") for each in found]
        assert scores[0] == scores[1]
        assert list((await shared.schemas(LOCAL, ["mine", "theirs"])).schemas) == ["mine"]
        assert list((await shared.schemas(OTHER)).schemas) == ["mine", "theirs"]
        with pytest.raises(NotFound):
            await shared.refresh(LOCAL, "theirs")


async def test_a_refreshed_sources_new_values_are_found(tmp_path: Path):
    url = database(tmp_path / "t.db", "CREATE TABLE towns (name TEXT)", "INSERT INTO towns VALUES ('Faro')")
    async with catalog(source=url) as made:
        await made.indexed(LOCAL, "default")
        database(tmp_path / "t.db", "INSERT INTO towns VALUES ('Coimbra')")
        lookup = made.lookup(LOCAL, "default")
        assert not lookup.find("Coimbra")
        await made.refresh(LOCAL, "default")
        await until(lambda: lookup.find("Coimbra"))


async def test_sources_are_looked_at_anew_by_themselves(tmp_path: Path):
    url = database(tmp_path / "t.db", "CREATE TABLE towns (name TEXT)")
    async with catalog(source=url, refresh=0.02) as made:
        await made.warmed()
        database(tmp_path / "t.db", "CREATE TABLE rivers (length REAL)")
        await until(lambda: "river" in made._index.known(made.sources(LOCAL)["default"]).strength)
