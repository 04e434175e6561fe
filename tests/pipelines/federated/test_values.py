"""Values that one operation hands to another: bound, never text of a query; in portions when there are many."""

import datetime
import sqlite3
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest

from core.errors import QueryFailed
from core.models.plans import Operation
from core.pipelines.federated.joining.tables import Tables
from core.pipelines.federated.operations.dividing import divisible
from core.pipelines.federated.operations.likeness import likeness
from core.pipelines.federated.operations.scratch import Keeping, Scratch
from core.pipelines.federated.operations.values import different, portions
from core.sources.base import Batch
from levada.v1 import event_pb2 as events
from levada.v1.catalog_pb2 import Column, Schema, Table
from levada.v1.error_reason_pb2 import ErrorReason
from levada.v1.event_pb2 import ColumnType, ResultColumn
from levada.v1.run_pb2 import ANALYSIS_NONE, RunOptions
from tests.pipelines.federated.house import SpreadHouse, rows
from tests.pipelines.federated.world import asks, joins, plan

ROWS = RunOptions(analyze=ANALYSIS_NONE)
HOSTILE = ["x' OR '1'='1", "'); DROP TABLE things; --", ":names", "%", "\\", "NULL", "naïve “quotes”", "$1", "?"]


@pytest.fixture
def urls(tmp_path: Path) -> dict[str, str]:
    """Names and things of 2,500 people, some of them with names that are queries."""
    names = [*HOSTILE, *(f"person {n}" for n in range(2_500 - len(HOSTILE)))]
    for file, table in (("people", "people"), ("things", "things")):
        with sqlite3.connect(tmp_path / f"{file}.db") as db:
            db.execute(f"CREATE TABLE {table} (name TEXT, size INTEGER)")
            db.executemany(f"INSERT INTO {table} VALUES (?, ?)", [(name, n) for n, name in enumerate(names)])
            db.execute(f"INSERT INTO {table} VALUES ('nobody', NULL)") if table == "things" else None
        db.close()
    return {name: f"sqlite:///{tmp_path}/{name}.db" for name in ("people", "things")}


def of_people(query: str, where: str = "") -> list[Operation]:
    first = asks("people", "people", f"SELECT name FROM people {where}")
    return [first, asks("things", "things", query, names="people.name")]


BOUND = "SELECT name, size FROM things WHERE name IN (:names)"


async def test_upstream_values_that_are_queries_stay_values(tmp_path: Path, urls: dict[str, str]):
    async with SpreadHouse(tmp_path, urls) as house:
        watched = house.watched("things")
        house.plans(
            plan(*of_people(BOUND, f"WHERE size < {len(HOSTILE)}"), joins("SELECT * FROM things ORDER BY size"))
        )
        seen = await house.ask(sources=["people", "things"], options=ROWS)
        assert rows(seen) == [(name, size) for size, name in enumerate(HOSTILE)], seen.end
        (asked,) = watched.asked
        assert not any(name in asked.text for name in HOSTILE[:2])
        assert set(asked.parameters) == set(HOSTILE)


async def test_many_values_are_bound_a_thousand_at_a_time_and_give_each_row_once(tmp_path: Path, urls: dict[str, str]):
    async with SpreadHouse(tmp_path, urls) as house:
        watched = house.watched("things")
        house.plans(plan(*of_people(BOUND), joins("SELECT count(*) AS n, count(DISTINCT name) AS d FROM things")))
        seen = await house.ask(sources=["people", "things"], options=ROWS)
        assert rows(seen) == [(2_500, 2_500)], seen.end
        assert [len(query.parameters) for query in watched.asked] == [1000, 1000, 500]
        assert "Query 2 of 3 is done." in [one.message for one in seen.all("step_progressed")]


async def test_values_that_the_database_takes_for_the_same_give_each_row_once(tmp_path: Path):
    """1,500 codes, each of them a second time a thousand values later: with a zero before it, and in capitals."""
    codes = [f"{n}" for n in range(750)] + [f"x{n}" for n in range(750)]
    for file, kind in (("people", "TEXT"), ("things", "INTEGER"), ("names", "TEXT COLLATE NOCASE")):
        with sqlite3.connect(tmp_path / f"{file}.db") as db:
            db.execute(f"CREATE TABLE {file} (code {kind})")
            again = [f"0{code}" if code.isdigit() else code.upper() for code in codes] if file == "people" else []
            db.executemany(f"INSERT INTO {file} VALUES (?)", [(code,) for code in [*codes, *again]])
        db.close()
    urls = {name: f"sqlite:///{tmp_path}/{name}.db" for name in ("people", "things", "names")}
    async with SpreadHouse(tmp_path, urls) as house:
        query = "SELECT code FROM {} WHERE code IN (:codes)"
        operations = [
            asks("people", "people", "SELECT code FROM people"),
            *(asks(name, name, query.format(name), codes="people.code") for name in ("things", "names")),
        ]
        counted = "SELECT (SELECT count(*) FROM things) AS t, (SELECT count(*) FROM names) AS n"
        house.plans(plan(*operations, joins(counted)))
        seen = await house.ask(sources=list(urls), options=ROWS)
        assert rows(seen) == [(1_500, 1_500)], seen.end


DAY, MOMENT = datetime.date(2026, 1, 31), datetime.datetime(2026, 1, 31, 10, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    "same",
    [
        ["017", 17, 17.0, Decimal("17.00"), " 17", "1.7e1"],
        ["true", True, 1, "1"],
        ["Zoë ", "ZOE", "zoé"],
        ["Straße", "STRASSE"],
        [UUID(int=5), str(UUID(int=5)), UUID(int=5).hex, f"{{{UUID(int=5)}}}"],
        [DAY, "2026-01-31", "20260131", "2026-01-31T00:00:00Z", datetime.datetime.combine(DAY, datetime.time())],
        [MOMENT, MOMENT.replace(tzinfo=None), "2026-01-31T12:00:00+02:00"],
    ],
)
def test_values_that_some_database_takes_for_the_same_are_alike(same: list):
    assert len({likeness(value) for value in same}) == 1


async def test_a_query_that_adds_up_is_given_all_values_at_once(tmp_path: Path, urls: dict[str, str]):
    async with SpreadHouse(tmp_path, urls) as house:
        watched = house.watched("things")
        total = "SELECT count(*) AS n FROM things WHERE name IN (:names)"
        house.plans(plan(*of_people(total), joins("SELECT n FROM things")))
        seen = await house.ask(sources=["people", "things"], options=ROWS)
        assert rows(seen) == [(2_500,)], seen.end
        assert [len(query.parameters) for query in watched.asked] == [2500]


WHOLE = "SELECT name, size FROM things"


@pytest.mark.parametrize(("most", "asked"), [(2_499, [WHOLE]), (2_500, [BOUND])], ids=["too many", "few enough"])
async def test_where_values_are_too_many_the_plan_may_say_what_to_ask_without_them(
    tmp_path: Path, urls: dict[str, str], monkeypatch: pytest.MonkeyPatch, most: int, asked: list[str]
):
    monkeypatch.setattr("core.pipelines.federated.operations.asking.AT_ONCE", most)
    monkeypatch.setattr("core.pipelines.federated.operations.values.AT_ONCE", most)
    async with SpreadHouse(tmp_path, urls) as house:
        watched = house.watched("things")
        people, things = of_people(BOUND)
        things = things.model_copy(update={"params": {**things.params, "otherwise": {"query": WHOLE}}})
        house.plans(plan(people, things, joins("SELECT count(*) AS n FROM people JOIN things USING (name)")))
        seen = await house.ask(sources=["people", "things"], options=ROWS)
        assert rows(seen) == [(2_500,)], seen.end
        assert ["IN (" in query.text for query in watched.asked] == ["IN (" in query for query in asked]
        told = "2,500 values are too many to look for: all is read, and joined here."
        assert (told in [one.message for one in seen.all("step_progressed")]) == (asked == [WHOLE])


async def test_what_is_far_larger_than_its_values_is_not_read_whole(
    tmp_path: Path, urls: dict[str, str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("core.pipelines.federated.operations.asking.AT_ONCE", 100)
    async with SpreadHouse(tmp_path, urls) as house:
        watched = house.watched("things")
        people, things = of_people(BOUND, "WHERE size BETWEEN 100 AND 249")
        things = things.model_copy(update={"params": {**things.params, "otherwise": {"query": WHOLE}}})
        house.plans(plan(people, things, joins("SELECT count(*) AS n FROM people JOIN things USING (name)")))
        seen = await house.ask(sources=["people", "things"], options=ROWS)
        assert rows(seen) == [(150,)], seen.end
        assert ["IN (" in query.text for query in watched.asked] == [True]


@pytest.mark.parametrize(
    ("otherwise", "problem"),
    [
        ("SELECT 1", "is none"),
        ({"query": ""}, "needs its text"),
        ({"query": WHOLE, "values": {"names": "people.name"}}, "takes no values"),
        ({"query": "DELETE FROM things"}, "only"),
    ],
)
async def test_what_is_asked_otherwise_is_validated_as_any_query(
    tmp_path: Path, urls: dict[str, str], otherwise: object, problem: str
):
    async with SpreadHouse(tmp_path, urls) as house:
        people, things = of_people(BOUND)
        things = things.model_copy(update={"params": {**things.params, "otherwise": otherwise}})
        house.plans(plan(people, things, joins("SELECT name FROM things")))
        seen = await house.ask(sources=["people", "things"], options=ROWS)
        assert problem in seen.end.message


async def test_no_values_give_no_rows_and_columns_all_the_same(tmp_path: Path, urls: dict[str, str]):
    async with SpreadHouse(tmp_path, urls) as house:
        house.plans(plan(*of_people(BOUND, "WHERE size < 0"), joins("SELECT name, size FROM things")))
        seen = await house.ask(sources=["people", "things"], options=ROWS)
        assert rows(seen) == []
        assert [column.name for column in seen.all("table_started")[-1].columns] == ["name", "size"], seen.end


async def test_far_too_many_values_are_refused_with_what_to_do(tmp_path: Path, urls: dict[str, str]):
    async with SpreadHouse(tmp_path, urls) as house:
        twice = "SELECT t.name FROM things t WHERE t.name IN (:names) AND t.size IN (:sizes)"
        first = asks(
            "people", "people", "SELECT a.name || b.size AS name, a.size FROM people a JOIN people b ON b.size < 30"
        )
        second = asks("things", "things", twice, names="people.name", sizes="people.size")
        house.plans(plan(first, second, joins("SELECT name FROM things")))
        seen = await house.ask(sources=["people", "things"], options=ROWS)
        assert seen.end.reason == ErrorReason.ERROR_REASON_QUERY_FAILED
        assert "Narrow down the operation that the values are from" in seen.end.message


def test_values_that_are_too_many_or_too_long_are_told_before_they_are_read(tmp_path: Path):
    texts = [f"{n:04}" + "x" * 10_000 for n in range(4_000)]
    keeping = Keeping(Scratch(tmp_path, 2**30), "a", [ResultColumn(name="v", type=TEXT)])
    keeping.add(Batch([texts], len(texts)))
    values = different(tmp_path / keeping.finish("").file, "v")
    assert len(values) == 4_000
    with pytest.raises(QueryFailed, match="values of 38 MiB; at most 32 are sent"):
        next(portions({"v": values}, divisible=True))
    assert "_values" not in vars(values)


SAFE = [
    "SELECT * FROM t WHERE a IN (:v)",
    "SELECT a, max(b) FROM t WHERE a IN (:v) GROUP BY a",
    "SELECT t.a FROM t JOIN u ON u.x = t.x WHERE t.b > 3 AND t.a IN (:v) ORDER BY t.b",
]
UNSAFE = [
    "SELECT * FROM t WHERE a NOT IN (:v)",
    "SELECT * FROM t WHERE a IN (:v) OR b = 1",
    "SELECT * FROM t WHERE a IN (:v) LIMIT 5",
    "SELECT DISTINCT b FROM t WHERE a IN (:v)",
    "SELECT b, sum(c) FROM t WHERE a IN (:v) GROUP BY b",
    "SELECT count(*) FROM t WHERE a IN (:v)",
    "SELECT a, rank() OVER (ORDER BY b) FROM t WHERE a IN (:v)",
    "SELECT * FROM t WHERE b IN (SELECT b FROM u WHERE a IN (:v))",
    "SELECT * FROM t WHERE a IN (:v) AND b IN (:v)",
    "SELECT a FROM t WHERE a IN (:v) UNION SELECT a FROM u",
    "SELECT * FROM t WHERE NOT (a IN (:v))",
]


@pytest.mark.parametrize("query", SAFE)
def test_a_query_that_looks_at_each_row_by_itself_may_be_cut(query: str):
    assert divisible(asks("x", "s", query, v="y.z"), "postgres", Schema())


@pytest.mark.parametrize("query", UNSAFE)
def test_a_query_whose_rows_depend_on_all_values_may_not_be_cut(query: str):
    assert not divisible(asks("x", "s", query, v="y.z"), "postgres", Schema())


MATCH = {"$match": {"customer": {"$in": {"$value": "v"}}}}


@pytest.mark.parametrize(
    ("stages", "may"),
    [
        ([MATCH], True),
        ([MATCH, {"$project": {"customer": 1}}, {"$sort": {"customer": 1}}], True),
        ([MATCH, {"$group": {"_id": "$customer", "n": {"$sum": 1}}}], True),
        ([MATCH, {"$group": {"_id": "$country", "n": {"$sum": 1}}}], False),
        ([MATCH, {"$limit": 5}], False),
        ([{"$match": {"customer": {"$nin": {"$value": "v"}}}}], False),
        ([{"$match": {"tags": {"$in": {"$value": "v"}}}}], False),
        ([{"$limit": 5}, MATCH], False),
    ],
)
def test_a_pipeline_may_be_cut_when_it_looks_at_each_document_by_itself(stages: list, may: bool):
    schema = Schema(tables=[Table(name="c", columns=[Column(name="tags[]"), Column(name="customer")])])
    params = {"collection": "c", "pipeline": stages, "values": {"v": "y.z"}}
    assert divisible(Operation(id="x", source="s", kind="mongodb", params=params), "mongodb", schema) is may


AMONG = {"must": [{"key": "customer", "match": {"any": {"$value": "v"}}}]}


@pytest.mark.parametrize(
    ("search", "may"),
    [
        ({"filter": AMONG}, True),
        ({"filter": AMONG, "text": "late", "every": True}, True),
        ({"filter": AMONG, "text": "late"}, False),
        ({"filter": AMONG, "limit": 5}, False),
        ({"filter": {"should": AMONG["must"]}}, False),
        ({"filter": {"must": [{"key": "tags", "match": {"any": {"$value": "v"}}}]}}, False),
        ({"filter": {"must": [{"key": "customer", "match": {"except": {"$value": "v"}}}]}}, False),
    ],
)
def test_a_search_may_be_cut_when_it_looks_at_each_point_by_itself(search: dict, may: bool):
    schema = Schema(tables=[Table(name="c", columns=[Column(name="tags", native_type="keyword[]")])])
    params = {"collection": "c", "values": {"v": "y.z"}, **search}
    assert divisible(Operation(id="x", source="s", kind="vector", params=params), "qdrant", schema) is may


def parts(folder: Path, *queries: tuple[ColumnType, list]) -> tuple[ColumnType, list]:
    """Return the type and the values of a column that several queries have given, each of the type that it saw."""
    scratch = Scratch(folder, 2**20)
    keeping = Keeping(scratch, "a", [ResultColumn(name="v", type=queries[0][0])])
    for kind, values in queries:
        keeping.add(Batch([values], len(values)), [ResultColumn(name="v", type=kind)])
    kept = keeping.finish("")
    assert [path.name for path in folder.iterdir()] == [kept.file]
    assert kept.rows == sum(len(values) for _, values in queries)
    with Tables(folder, {"a": kept}).open() as connection:
        return kept.columns[0].type, [value for (value,) in connection.execute("SELECT v FROM a").fetchall()]


NOON = datetime.datetime.combine(DAY, datetime.time(12))
INTEGER, DOUBLE, TEXT = events.COLUMN_TYPE_INTEGER, events.COLUMN_TYPE_DOUBLE, events.COLUMN_TYPE_TEXT
DECIMAL, DAYS, MOMENTS = events.COLUMN_TYPE_DECIMAL, events.COLUMN_TYPE_DATE, events.COLUMN_TYPE_TIMESTAMP


@pytest.mark.parametrize(
    ("queries", "kind", "values"),
    [
        ([(INTEGER, [1]), (DOUBLE, [1.5])], DOUBLE, [1.0, 1.5]),
        ([(DOUBLE, [1.5]), (INTEGER, [1])], DOUBLE, [1.5, 1.0]),
        ([(INTEGER, [1]), (TEXT, ["x"]), (INTEGER, [2])], TEXT, ["1", "x", "2"]),
        ([(TEXT, [None]), (INTEGER, [2**62]), (TEXT, [None, None])], INTEGER, [None, 2**62, None, None]),
        ([(INTEGER, [7]), (DECIMAL, [Decimal("123.45")])], DECIMAL, [Decimal("7.00"), Decimal("123.45")]),
        ([(DAYS, [DAY]), (MOMENTS, [NOON])], MOMENTS, [datetime.datetime.combine(DAY, datetime.time()), NOON]),
    ],
)
def test_what_several_queries_give_is_of_one_type(tmp_path: Path, queries: list, kind: ColumnType, values: list):
    assert parts(tmp_path, *queries) == (kind, values)


def test_rows_fetched_anew_are_not_taken_for_those_kept_before(tmp_path: Path):
    scratch, kept = Scratch(tmp_path, 2**20), []
    for value in (1, 2):
        keeping = Keeping(scratch, "a", [ResultColumn(name="v", type=INTEGER)])
        keeping.add(Batch([[value]], 1))
        kept.append(keeping.finish(""))
    (tmp_path / kept[0].file).unlink()
    assert [scratch.has(one) for one in kept] == [False, True]


def test_queries_that_give_different_columns_are_told_apart(tmp_path: Path):
    keeping = Keeping(Scratch(tmp_path, 2**20), "a", [ResultColumn(name="v", type=INTEGER)])
    with pytest.raises(QueryFailed, match="v and then w"):
        keeping.add(Batch([["x"]], 1), [ResultColumn(name="w", type=TEXT)])
