"""The catalogue: sources from the settings, who may ask which, models by name, values found in the background."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from core.catalog import Catalog
from core.errors import NotFound, SourceUnavailable
from core.identity import LOCAL, Principal
from core.models.base import Turn
from core.settings import Metric, Settings, SourceSettings

OTHER = Principal("acme", "ann")


class Forgetful:
    """Remembers nothing."""

    async def history(self, owner: Principal, conversation_id: str, limit: int) -> Sequence[Turn]:
        return ()

    async def answered(self, owner: Principal, source: str, limit: int) -> Sequence[Turn]:
        return ()


def database(path: Path) -> str:
    with closing(sqlite3.connect(path)) as made:
        made.executescript(
            "CREATE TABLE towns (town_id INTEGER PRIMARY KEY, name TEXT, district TEXT, people INTEGER);"
            "INSERT INTO towns VALUES (1, 'Évora', 'Alentejo', 56600), (2, 'Faro', 'Algarve', 64560);"
        )
    return str(path)


def catalog(**settings) -> Catalog:
    return Catalog(Settings(config="", **settings), Forgetful())


def test_the_sample_shop_stands_beside_other_sources_when_they_are_told_so():
    shop, zoo = SourceSettings(url="sample://shop"), SourceSettings(url="sqlite:///zoo.db")
    made = catalog(sources={"kitchen": shop, "zoo": zoo})
    assert [(name, source.name) for name, source in made.sources(LOCAL).items()] == [
        ("kitchen", "kitchen"),
        ("zoo", "zoo"),
    ]
    assert made.samples(LOCAL, "kitchen")
    assert not made.samples(LOCAL, "zoo")


def test_without_any_source_the_sample_shop_is_offered():
    assert list(catalog().sources(LOCAL)) == ["shop"]
    assert not catalog(sample=False).sources(LOCAL)


def test_the_source_of_the_environment_comes_first_and_the_shop_is_gone(tmp_path: Path):
    url = database(tmp_path / "towns.db")
    made = catalog(source=url, sources={"towns": SourceSettings(url=url)})
    assert list(made.sources(LOCAL)) == ["default", "towns"]


def test_another_tenants_source_is_as_if_it_did_not_exist(tmp_path: Path):
    url = database(tmp_path / "towns.db")
    made = catalog(sources={"theirs": SourceSettings(url=url, tenants=("acme",)), "all": SourceSettings(url=url)})
    assert list(made.sources(LOCAL)) == ["all"]
    assert list(made.sources(OTHER)) == ["theirs", "all"]


async def test_metrics_synonyms_and_rules_become_definitions(tmp_path: Path):
    found = SourceSettings(
        url=database(tmp_path / "towns.db"),
        metrics={"population": Metric(expression="sum(towns.people)", synonyms=("inhabitants",), unit="people")},
        synonyms={"towns": ("city", "place")},
        rules={"counting": "People are counted where they live."},
    )
    async with catalog(sources={"towns": found}) as made:
        schema = await made.sources(LOCAL)["towns"].describe()
    figure, word, rule = schema.definitions
    assert (figure.name, figure.expression, list(figure.synonyms)) == (
        "population",
        "sum(towns.people)",
        ["inhabitants"],
    )
    assert (word.name, word.target, list(word.synonyms)) == ("city", "towns", ["place"])
    assert (rule.name, rule.description) == ("counting", "People are counted where they live.")


async def test_values_are_found_once_the_source_is_indexed(tmp_path: Path):
    async with catalog(source=database(tmp_path / "towns.db")) as made:
        await made.indexed(LOCAL, "default")
        lookup = made.lookup(LOCAL, "default")
        assert [(match.column, match.value) for match in lookup.find("evora")] == [("name", "Évora")]
        assert lookup.bounds("towns", "people") == (56600, 64560)


async def test_a_probe_runs_under_the_guard(tmp_path: Path):
    async with catalog(source=database(tmp_path / "towns.db")) as made:
        lookup = made.lookup(LOCAL, "default")
        assert (await lookup.probe("SELECT name FROM towns ORDER BY 1")).rows == [("Faro",), ("Évora",)]
        assert "Only SELECT can be run" in (await lookup.probe("DELETE FROM towns")).error
        assert (await lookup.probe("SELECT nonsense FROM towns")).error


async def test_a_source_without_written_questions_gets_some_that_work(tmp_path: Path):
    async with catalog(source=database(tmp_path / "towns.db")) as made:
        await made.warmed()
        assert "How many towns are there?" in made.samples(LOCAL, "default")


async def test_questions_to_begin_with_speak_of_things_in_the_plural(tmp_path: Path):
    url = database(tmp_path / "towns.db")
    with closing(sqlite3.connect(url)) as made:
        made.executescript(
            "DROP TABLE towns; CREATE TABLE trip (id INTEGER, trip_id INTEGER, full_name TEXT); "
            "INSERT INTO trip VALUES (1, 2, 'Ann'), (2, 3, 'Bob');"
        )
    async with catalog(source=url) as made:
        await made.warmed()
        assert list(made.samples(LOCAL, "default")) == ["How many trips are there?"]


async def test_a_source_that_is_down_harms_nobody_and_says_so_when_asked(tmp_path: Path):
    down = SourceSettings(url="postgresql://nobody@127.0.0.1:1/none")
    up = SourceSettings(url=database(tmp_path / "towns.db"))
    async with catalog(sources={"down": down, "up": up}) as made:
        await made.warmed()
        with pytest.raises(SourceUnavailable):
            await made.indexed(LOCAL, "down")
        await made.indexed(LOCAL, "up")


async def test_a_driver_that_breaks_in_a_way_of_its_own_keeps_no_other_source_from_being_looked_at(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    towns = SourceSettings(url=database(tmp_path / "towns.db"))
    made = catalog(sources={"broken": towns, "towns": towns})

    async def describe(tell: object = None):
        raise RuntimeError("the driver is broken")

    made.sources(LOCAL)["broken"].describe = describe  # no driver can be made to break like this on demand
    async with made:
        await made.warmed()
        assert made.samples(LOCAL, "towns")
        assert not made.samples(LOCAL, "broken")
    assert "the driver is broken" in caplog.text


def test_models_are_known_by_name():
    made = catalog()
    assert made.model().name == "offline"
    assert made.model() is made.model("offline")
    with pytest.raises(NotFound, match="offline"):
        made.model("openai:nothing")


async def test_a_sample_shop_that_cannot_be_written_is_a_source_that_is_unavailable(tmp_path: Path):
    taken = tmp_path / "shop.db"
    taken.write_text("something of mine")
    async with Catalog(Settings(config=""), Forgetful(), taken) as made:
        with pytest.raises(SourceUnavailable, match="left alone"):
            await made.sources(LOCAL)["shop"].describe()
    assert taken.read_text() == "something of mine"
