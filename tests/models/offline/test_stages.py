"""Each stage of the planner by itself: words, names, times, joins, rendering."""

import datetime

import pytest
import sqlglot

from core.models.offline import ir
from core.models.offline.abbreviations import expand
from core.models.offline.catalog import Catalog
from core.models.offline.cues import cues
from core.models.offline.dialects import bucket, quote
from core.models.offline.joins import Joins, Unjoinable
from core.models.offline.names import Names
from core.models.offline.periods import find_periods
from core.models.offline.render import Renderer
from core.models.offline.words import lemma, plain, split_name, tokenize
from levada.v1.catalog_pb2 import Column, Schema, Table
from levada.v1.event_pb2 import COLUMN_TYPE_INTEGER
from tests.models.offline.house import database, described


@pytest.fixture
def catalog() -> Catalog:
    return Catalog(described(database()))


def test_quoted_text_stays_one_word_and_loses_its_quotes() -> None:
    tokens = tokenize("books called \"War and Peace\" or 'Emma'")
    assert [token.text for token in tokens if token.kind == "quoted"] == ["War and Peace", "Emma"]


def test_an_apostrophe_is_no_quote() -> None:
    tokens = tokenize("the reader's city and O'Brien don't")
    assert not any(token.kind == "quoted" for token in tokens)
    assert tokens[1].possessive


@pytest.mark.parametrize(
    ("said", "number"),
    [("1,250", 1250), ("2 million", 2_000_000), ("5k", 5000), ("3.5", 3.5), ("-4", -4), ("twelve", 12)],
)
def test_numbers_are_read_however_they_are_written(said: str, number: float) -> None:
    assert next(token.number for token in tokenize(f"above {said}") if token.number is not None) == number


def test_lemmas_join_spellings() -> None:
    assert lemma("cities") == lemma("city")
    assert lemma("Colour") == lemma("colors")
    assert lemma("enrolment") == lemma("enrollments")


def test_names_are_split_however_they_are_written() -> None:
    assert split_name("orderItem_ID") == split_name("order_item_id") == split_name("OrderItemId")


def test_shortened_names_are_written_out() -> None:
    assert expand(["fname"], set()) == ("first", "name")
    assert expand(["clubname"], {"club"}) == ("club", "name")
    assert expand(["l", "name"], set()) == ("last", "name")


def test_shared_words_are_said_twice() -> None:
    assert plain("first and last names of readers") == "first name and last names of readers"


def test_every_phrase_has_a_role() -> None:
    roles = {cue.kind for meanings in cues().values() for cue in meanings}
    assert {"count", "compare", "super", "order", "each", "negate", "lead"} <= roles
    assert cues()["youngest",][0].value == "min"


def test_a_name_is_found_by_its_words_in_any_order(catalog: Catalog) -> None:
    tokens = tokenize("the year of birth")
    links = Names(catalog).find(tokens)
    assert links[1, 4][0].element == catalog.column("authors", "birth_year")


def test_a_namesake_scores_less_when_words_are_missing(catalog: Catalog) -> None:
    found = Names(catalog).find(tokenize("first name"))[0, 2]
    assert found[0].element == catalog.column("readers", "firstName")
    assert all(link.score < found[0].score for link in found[1:])


@pytest.mark.parametrize(
    ("said", "start", "end"),
    [
        ("last month", "2026-05-01", "2026-06-01"),
        ("this year", "2026-01-01", "2027-01-01"),
        ("in March 2025", "2025-03-01", "2025-04-01"),
        ("5 March 2025", "2025-03-05", "2025-03-06"),
        ("March 5th, 2025", "2025-03-05", "2025-03-06"),
        ("Q2 2025", "2025-04-01", "2025-07-01"),
        ("the last 30 days", "2026-06-01", "2026-07-01"),
        ("last quarter", "2026-01-01", "2026-04-01"),
        ("2025-02-03", "2025-02-03", "2025-02-04"),
        ("yesterday", "2026-06-29", "2026-06-30"),
    ],
)
def test_a_time_phrase_means_a_span_of_days(said: str, start: str, end: str) -> None:
    (_, _, period), *_ = find_periods(tokenize(f"sales {said}"))
    days = period.resolve(datetime.date(2026, 6, 30))
    assert [day.isoformat() for day in days if day] == [start, end]


def test_may_and_march_alone_are_no_times() -> None:
    assert not list(find_periods(tokenize("may I march 31 miles")))


def test_joins_take_the_shortest_way(catalog: Catalog) -> None:
    joins = Joins(catalog).tree(["readers", "authors"])
    assert [join.table for join in joins] == ["loans", "books", "authors"]
    assert joins[0].multiplies
    assert not joins[1].multiplies


def test_tables_without_a_way_between_them_cannot_be_joined() -> None:
    schema = described(database())
    schema.tables.add(name="weather").columns.add(name="rain")
    with pytest.raises(Unjoinable):
        Joins(Catalog(schema)).tree(["readers", "weather"])


@pytest.mark.parametrize("dialect", ["sqlite", "postgres", "mysql", "duckdb"])
@pytest.mark.parametrize("unit", ["year", "quarter", "month", "week", "day", "weekday", "hour"])
def test_a_bucket_of_time_is_valid_in_every_dialect(dialect: str, unit: str) -> None:
    sqlglot.parse_one(f"SELECT {bucket('at', unit, dialect)} FROM t", read=dialect)


def test_a_month_in_sqlite_sorts_by_time() -> None:
    sql = f"SELECT DISTINCT {bucket('loaned_on', 'quarter', 'sqlite')} FROM loans ORDER BY 1"
    assert database().execute(sql).fetchall() == [("2025-Q2",), ("2026-Q2",)]


@pytest.mark.parametrize(
    ("name", "dialect", "written"),
    [
        ("plain", "postgres", "plain"),
        ("Mixed", "postgres", '"Mixed"'),
        ("Mixed", "sqlite", "Mixed"),
        ("order", "mysql", "`order`"),
        ('odd "name"', "sqlite", '"odd ""name"""'),
        ("größe", "duckdb", '"größe"'),
    ],
)
def test_identifiers_are_quoted_where_the_dialect_needs_it(name: str, dialect: str, written: str) -> None:
    assert quote(name, dialect) == written


def test_rows_that_joins_multiply_are_counted_once(catalog: Catalog) -> None:
    email = catalog.column("readers", "email")
    price = catalog.column("books", "price")
    assert email
    assert price
    query = ir.Query(select=[ir.Agg("count", ir.Star("readers"))], where=[ir.Compare(ir.Col(price), "<", 15)])
    sql = Renderer(catalog, Joins(catalog)).sql(query)
    assert database().execute(sql).fetchall() == [(2,)]


def test_a_key_of_several_columns_is_met_in_all_of_them() -> None:
    lines, parcels = Table(name="lines", primary_key=["order_id", "line"]), Table(name="parcels", primary_key=["id"])
    for table, names in ((lines, ("order_id", "line", "price")), (parcels, ("id", "order_id", "line", "weight"))):
        table.columns.extend(Column(name=name, type=COLUMN_TYPE_INTEGER) for name in names)
    parcels.foreign_keys.add(
        columns=["order_id", "line"], referenced_table="lines", referenced_columns=["order_id", "line"]
    )
    catalog = Catalog(Schema(dialect="sqlite", tables=[lines, parcels]))
    shown = [catalog.column("lines", "price"), catalog.column("parcels", "weight")]
    sql = Renderer(catalog, Joins(catalog)).text(ir.Query(select=[ir.Col(column) for column in shown if column]))
    assert sql.endswith("ON parcels.order_id = lines.order_id AND parcels.line = lines.line")


def test_text_with_quotes_stays_text(catalog: Catalog) -> None:
    title = catalog.column("books", "title")
    assert title
    query = ir.Query(select=[ir.Col(title)], where=[ir.Compare(ir.Col(title), "=", "it's'; DROP TABLE books")])
    assert database().execute(Renderer(catalog, Joins(catalog)).sql(query)).fetchall() == []


def test_a_schema_without_tables_is_no_trouble() -> None:
    assert list(Catalog(Schema()).columns) == []
