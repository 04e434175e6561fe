"""What points give, from a folder and from a server alike."""

import datetime
import json
from uuid import UUID

import pytest

from core.errors import QueryFailed
from core.sources.base import Limits, Source
from core.sources.rows import encode, encode_arrow
from levada.v1 import event_pb2 as events
from tests.sources.qdrant.reviews import COUNT, TEXTS, ask, ids, review


async def test_a_collection_is_described_as_a_table_with_nested_fields_as_columns(source: Source):
    schema = await source.describe()

    (table,) = schema.tables
    assert (schema.source, schema.dialect, source.language) == ("reviews", "qdrant", "vector")
    assert (table.name, table.row_estimate, list(table.primary_key)) == ("reviews", COUNT, ["id"])
    assert "128 dimensions compared by cosine" in table.comment
    columns = {column.name: column for column in table.columns}
    assert {name: events.ColumnType.Name(column.type)[12:] for name, column in columns.items()} == {
        "id": "INTEGER",
        "score": "DOUBLE",
        "customer_id": "INTEGER",
        "text": "TEXT",
        "rating": "INTEGER",
        "weight": "DOUBLE",
        "verified": "BOOLEAN",
        "at": "TIMESTAMP_ZONED",
        "day": "DATE",
        "tags": "JSON",
        "address.city": "TEXT",
        "address.geo.lat": "DOUBLE",
        "items[].sku": "JSON",
        "items[].quantity": "JSON",
        "payload.score": "INTEGER",
        "reply": "UNSPECIFIED",
        "phone": "TEXT",
    }
    assert columns["tags"].native_type == columns["items[].sku"].native_type == "keyword[]"
    assert set(columns["text"].samples) == set(TEXTS)
    assert columns["phone"].comment == "In 5% of the points looked at."
    assert not columns["text"].nullable
    assert columns["phone"].nullable
    assert columns["reply"].nullable


async def test_a_text_finds_the_points_most_like_it_first(source: Source):
    rows = await ask(source, {"collection": "reviews", "text": "late deliveries"})

    assert len(rows) == 10
    assert {row["text"] for row in rows} == {TEXTS[0]}
    assert [row["score"] for row in rows] == sorted((row["score"] for row in rows), reverse=True)
    assert set(rows[0]) >= {"id", "score", "customer_id", "address.city", "payload.score"}


async def test_every_point_that_is_about_a_text_is_found_and_none_of_the_others(source: Source, monkeypatch):
    monkeypatch.setattr("core.sources.qdrant.rows._PAGE", 7)
    told: list[str] = []
    asked = {"collection": "reviews", "text": "late deliveries", "every": True, "fields": ["id", "text", "score"]}
    rows = await ask(source, asked, tell=told.append)

    assert sorted(row["id"] for row in rows) == list(range(0, COUNT, 4))
    assert {row["text"] for row in rows} == {TEXTS[0]}
    assert told == ["What is at least 0.24 alike is taken to be about it."]
    assert len(await ask(source, asked, rows=20)) == 21, "one more than may be shown, to know that there are more"
    few = {"filter": {"must": [{"key": "rating", "match": {"value": 1}}]}}
    assert [row["id"] % 20 for row in await ask(source, asked | few)] == [0] * 10


async def test_where_nobody_has_measured_likeness_half_as_near_as_the_nearest_is_near(source: Source):
    asked = {"collection": "reviews", "vector": review(2).vector, "every": True}
    far = {"must": [{"key": "text", "match": {"text": "support"}}]}

    assert {row["text"] for row in await ask(source, asked)} == {TEXTS[2]}
    assert await ask(source, asked | {"filter": far}) == [], (
        "the nearest of all counts, not that of those that are left"
    )
    assert len(await ask(source, asked | {"score_threshold": -1.0})) == COUNT


async def test_a_vector_finds_the_point_it_is_of(source: Source):
    vector = review(2).vector
    rows = await ask(source, {"collection": "reviews", "vector": vector, "limit": 3, "score_threshold": 0.99})

    assert [row["text"] for row in rows] == [TEXTS[2]] * 3
    assert rows[0]["score"] == pytest.approx(1, abs=1e-5)


async def test_nothing_is_alike_enough(source: Source):
    assert await ask(source, {"collection": "reviews", "text": "zebra crossing", "score_threshold": 0.9}) == []


async def test_without_text_or_vector_all_that_meets_the_filter_comes(source: Source):
    rows = await ask(source, {"collection": "reviews", "filter": {"must": [{"key": "rating", "match": {"value": 1}}]}})

    assert [row["id"] for row in rows] == list(range(0, COUNT, 5))
    assert "score" not in rows[0]


async def test_rows_are_limited_to_one_more_than_may_be_shown(source: Source):
    assert len(await ask(source, {"collection": "reviews"}, rows=70)) == 71
    assert len(await ask(source, {"collection": "reviews", "limit": 20}, rows=70)) == 20
    assert len(await ask(source, {"collection": "reviews"}, rows=COUNT)) == COUNT


async def test_rows_come_in_batches_of_which_the_first_is_small(source: Source):
    checked = source.check('{"collection": "reviews", "fields": ["id"]}', await source.describe(), 1_000)
    async with source.query(checked, Limits(batch_rows=100)) as result:
        batches = [batch async for batch in result]

    assert batches[0].row_count == 50
    assert max(batch.row_count for batch in batches) == 100
    assert [number for batch in batches for number in batch.columns[0]] == list(range(COUNT))


async def test_values_come_in_their_columns_types(source: Source):
    (row,) = await ask(source, {"collection": "reviews", "filter": {"must": [{"has_id": [8]}]}})

    assert row["at"] == datetime.datetime(2026, 3, 9, 10, tzinfo=datetime.UTC)
    assert row["day"] == datetime.date(2026, 3, 9)
    assert (row["weight"], row["verified"], row["payload.score"]) == (2.0, True, 8)
    assert json.loads(row["tags"]) == ["late", "post"]
    assert (row["address.city"], json.loads(row["items[].sku"])) == ("Oslo", ["S1", "S9"])
    assert json.loads(row["items[].quantity"]) == [1, None]
    assert (row["phone"], row["reply"]) == (None, None)


async def test_rows_are_encoded_for_the_wire_and_as_arrow(source: Source):
    checked = source.check('{"collection": "reviews", "text": "late delivery"}', await source.describe(), 100)
    async with source.query(checked, Limits()) as result:
        batches = [batch async for batch in result]
        said = [encode(batch, result.columns).row_count for batch in batches]
        arrow = [encode_arrow(batch, result.columns).row_count for batch in batches]

    assert said == arrow == [10]


async def test_only_the_fields_asked_for_come_in_their_order(source: Source):
    query = {"collection": "reviews", "text": "late", "fields": ["address.city", "score", "payload.score"]}

    assert [list(row) for row in await ask(source, query)] == [["address.city", "score", "payload.score"]] * 10


# What is asked of the field, and which payloads meet it.
_FILTERS = [
    ({"key": "rating", "range": {"gt": 3, "lte": 5}}, lambda p: 3 < p["rating"] <= 5),
    ({"key": "weight", "match": {"value": 12}}, lambda p: p["weight"] == 12),
    ({"key": "day", "range": {"gte": "2026-03-20"}}, lambda p: p["day"] >= "2026-03-20"),
    ({"key": "at", "range": {"lt": "2026-03-05T10:00:00Z"}}, lambda p: p["at"] < "2026-03-05T10"),
    ({"key": "verified", "match": {"value": True}}, lambda p: p["verified"]),
    ({"key": "verified", "match": {"except": [True]}}, lambda p: not p["verified"]),
    ({"key": "address.city", "match": {"any": ["Rome", "Paris"]}}, lambda p: p["address"]["city"] == "Rome"),
    ({"key": "tags", "match": {"value": "late"}}, lambda p: "late" in p["tags"]),
    ({"is_empty": {"key": "tags"}}, lambda p: not p["tags"]),
    ({"is_null": {"key": "reply"}}, lambda p: True),
    ({"is_empty": {"key": "phone"}}, lambda p: "phone" not in p),
    ({"key": "phone", "match": {"except": ["+47 0"]}}, lambda p: p.get("phone", "+47 0") != "+47 0"),
    ({"key": "items[].sku", "match": {"value": "S3"}}, lambda p: p["items"][0]["sku"] == "S3"),
    ({"key": "items.sku", "match": {"value": "S3"}}, lambda p: p["items"][0]["sku"] == "S3"),
    ({"key": "payload.score", "match": {"value": 4}}, lambda p: p["score"] == 4),
    ({"key": "text", "match": {"text": "late weeks"}}, lambda p: "late" in p["text"]),
    ({"key": "text", "match": {"substring": "teapot"}}, lambda p: "teapot" in p["text"]),
    (
        {"should": [{"key": "rating", "match": {"value": 1}}, {"key": "rating", "match": {"value": 2}}]},
        lambda p: p["rating"] < 3,
    ),
    ({"must_not": [{"key": "rating", "match": {"any": [1, 2, 3]}}]}, lambda p: p["rating"] > 3),
]


async def test_filters_let_through_what_meets_them(source: Source):
    wrong = {}
    for condition, meets in _FILTERS:
        expected = [number for number in range(COUNT) if meets(review(number).payload)]
        if (found := await ids(source, condition)) != expected:
            wrong[json.dumps(condition)] = found

    assert wrong == {}


async def test_one_element_of_a_list_of_objects_meets_a_nested_filter(source: Source):
    first = [{"key": "sku", "match": {"value": "S9"}}, {"key": "quantity", "match": {"value": 1}}]
    second = [{"key": "sku", "match": {"value": "S3"}}, {"key": "quantity", "match": {"value": 1}}]

    assert await ids(source, {"nested": {"key": "items", "filter": {"must": first}}}) == []
    assert await ids(source, {"nested": {"key": "items", "filter": {"must": second}}}) == list(range(3, COUNT, 7))


async def test_values_of_an_earlier_operation_are_bound_as_the_field_holds_them(source: Source):
    rating = {"key": "rating", "match": {"any": {"$value": "found"}}}
    customer = {"key": "customer_id", "match": {"value": {"$value": "found"}}}

    assert len(await ids(source, rating, values={"found": ["1", 2.0, None, "x", 7]})) == COUNT * 2 // 5
    assert await ids(source, customer, values={"found": [UUID(int=1), 29]}) == list(range(29, COUNT, 30))
    assert await ids(source, {"has_id": {"$value": "found"}}, values={"found": ["7", 8, "x", -1, None]}) == [7, 8]


@pytest.mark.parametrize("key", ["rating", "weight", "text", "verified"])
async def test_no_values_let_nothing_through(source: Source, key: str):
    assert await ids(source, {"key": key, "match": {"any": {"$value": "found"}}}, values={"found": []}) == []


async def test_the_text_may_come_from_an_earlier_operation(source: Source):
    query = {"collection": "reviews", "text": {"$value": "said"}, "limit": 1}

    assert (await ask(source, query, values={"said": ["the broken teapot"]}))[0]["text"] == TEXTS[2]


async def test_a_text_that_says_nothing_is_not_searched_for(source: Source):
    with pytest.raises(QueryFailed, match="no words"):
        await ask(source, {"collection": "reviews", "text": "and of the"})


async def test_an_embedder_of_another_size_is_told(url: str, opened):
    source = opened(url, embedder="hashing:64")
    with pytest.raises(QueryFailed, match='64 dimensions, and those of "reviews" have 128'):
        await ask(source, {"collection": "reviews", "text": "late"})


async def test_a_vector_of_another_size_fails_with_qdrants_own_words(source: Source):
    with pytest.raises(QueryFailed, match=r"Qdrant refused the query: .*128"):
        await ask(source, {"collection": "reviews", "vector": [1.0, 2.0]})
