"""What the guard of queries over vectors lets pass, and what it refuses."""

import json
import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest

from core.errors import QueryRefused
from core.sources.base import CheckedQuery
from core.sources.qdrant.guard import check
from core.sources.qdrant.query import FORM
from levada.v1 import event_pb2 as events
from levada.v1.catalog_pb2 import Column, Schema, Table

_COLUMNS = {
    "id": (events.COLUMN_TYPE_INTEGER, ""),
    "score": (events.COLUMN_TYPE_DOUBLE, ""),
    "city": (events.COLUMN_TYPE_TEXT, "keyword"),
    "rating": (events.COLUMN_TYPE_INTEGER, "integer"),
    "at": (events.COLUMN_TYPE_TIMESTAMP_ZONED, "datetime"),
    "items[].sku": (events.COLUMN_TYPE_JSON, "keyword[]"),
}
_READABLE = Schema(
    dialect="qdrant",
    tables=[
        Table(
            name="reviews",
            columns=[Column(name=name, type=kind, native_type=native) for name, (kind, native) in _COLUMNS.items()],
        )
    ],
)


def passed(
    query: Mapping[str, Any] | str,
    values: Mapping[str, Sequence[Any]] | None = None,
    *,
    rows: int = 1_000,
    embeds: bool = True,
) -> CheckedQuery:
    text = query if isinstance(query, str) else json.dumps({"collection": "reviews", **query})
    return check(text, _READABLE, rows, values or {}, embeds=embeds)


def filtered(condition: Mapping[str, Any], values: Mapping[str, Sequence[Any]] | None = None) -> Any:
    return json.loads(passed({"filter": {"must": [condition]}}, values).text)["filter"]["must"][0]


def deep(levels: int) -> dict[str, Any]:
    return {"must": [deep(levels - 1)]} if levels else {"key": "rating", "match": {"value": 1}}


def test_what_passes_is_written_anew_and_names_what_it_reads():
    checked = passed({"text": "late", "filter": {"must": [{"key": "city", "match": {"value": "Oslo"}}]}})

    assert (checked.language, checked.dialect, checked.tables) == ("vector", "qdrant", ("reviews",))
    assert json.loads(checked.text) == {
        "collection": "reviews",
        "text": "late",
        "filter": {"must": [{"key": "city", "match": {"any": ["Oslo"]}}]},
        "limit": 10,
        "fields": list(_COLUMNS),
    }


@pytest.mark.parametrize(
    ("asked", "rows", "given"),
    [
        ({"text": "late"}, 1_000, 10),
        ({"text": "late", "limit": 3}, 1_000, 3),
        ({"text": "late", "limit": 5_000}, 1_000, 20),
        ({"text": "late", "limit": 20}, 5, 5),
        ({"text": "late", "every": True}, 1_000, 1_001),
        ({"text": "late", "every": True, "limit": 300}, 1_000, 300),
        ({}, 1_000, 1_001),
        ({"limit": 7}, 1_000, 7),
        ({"limit": 5_000}, 1_000, 1_001),
    ],
)
def test_a_search_gives_up_to_twenty_hits_and_a_filter_up_to_the_row_limit_and_one(asked, rows, given):
    assert json.loads(passed(asked, rows=rows).text)["limit"] == given


def test_a_filter_gives_no_score():
    assert "score" not in json.loads(passed({}).text)["fields"]


def test_the_forms_schema_takes_what_passes():
    assert set(FORM["properties"]) == {
        *("collection", "text", "vector", "using", "filter", "limit", "every", "score_threshold", "fields")
    }


@pytest.mark.parametrize(
    ("query", "rule", "words"),
    [
        ("not json", "form", "Correct it"),
        ("[1]", "form", "object"),
        ("{" * 100_000, "form", "Correct it"),
        (" " * 2_000_000, "too-long", "characters"),
        ({"payload": True}, "form", "payload"),
        ({"prefetch": [{"limit": 10**9}]}, "form", "prefetch"),
        ({"collection": "people"}, "unreadable-table", "reviews"),
        ({"collection": "review"}, "unreadable-table", 'Did you mean "reviews"'),
        ({"collection": "../reviews"}, "unreadable-table", "no collection"),
        ({"fields": ["salary"]}, "unknown-column", "salary"),
        ({"fields": ["citi"]}, "unknown-column", 'Did you mean "city"'),
        ({"text": "late", "vector": [1.0]}, "form", "one of them"),
        ({"vector": ["x"]}, "form", "vector"),
        ('{"collection": "reviews", "vector": [NaN]}', "form", "finite"),
        ('{"collection": "reviews", "vector": [1e999]}', "form", "finite"),
        ({"text": " "}, "text", "empty"),
        ({"text": "x" * 20_000}, "text", "longer"),
        ({"text": "late", "limit": 0}, "form", "limit"),
        ({"score_threshold": 0.5}, "form", "compare"),
        ({"every": True}, "form", "compare"),
        ({"filter": {"must": [deep(12)]}}, "nesting", "levels"),
        ({"filter": {"must": [deep(0)] * 500}}, "too-long", "conditions"),
        ({"filter": {"min_should": {"min_count": 1, "conditions": []}}}, "form", "min_should"),
    ],
)
def test_what_is_of_another_form_or_out_of_reach_is_refused(query, rule: str, words: str):
    with pytest.raises(QueryRefused) as refusal:
        passed(query)

    assert refusal.value.rule == rule
    assert words in refusal.value.message
    assert len(refusal.value.message) < 400


@pytest.mark.parametrize(
    ("condition", "rule"),
    [
        ({"key": "salary", "match": {"value": 1}}, "unknown-column"),
        ({"key": "items", "match": {"value": 1}}, "unknown-column"),
        ({"key": "items[0].sku", "match": {"value": "S1"}}, "unknown-column"),
        ({"key": "score", "range": {"gte": 0.5}}, "unknown-column"),
        ({"key": "id", "range": {"gte": 5}}, "unknown-column"),
        ({"key": "id", "match": {"except": [5]}}, "unknown-column"),
        ({"is_empty": {"key": "salary"}}, "unknown-column"),
        ({"is_null": {"key": "salary"}}, "unknown-column"),
        ({"nested": {"key": "people", "filter": {}}}, "unknown-column"),
        (
            {"nested": {"key": "items", "filter": {"must": [{"key": "cost", "match": {"value": 1}}]}}},
            "unknown-column",
        ),
        ({"must_not": [{"should": [{"key": "salary", "match": {"value": 1}}]}]}, "unknown-column"),
        ({"key": "city"}, "form"),
        ({"key": "city", "match": {}}, "form"),
        ({"key": "city", "match": {"value": "Oslo", "any": ["Rome"]}}, "form"),
        ({"key": "city", "match": {"value": {"$ne": "Oslo"}}}, "form"),
        ({"key": "city", "match": {"value": "Oslo"}, "range": {"gt": 1}}, "form"),
        ({"key": "rating", "range": {}}, "form"),
        ({"key": "city", "range": {"gt": "Oslo"}}, "range"),
        ({"key": "at", "range": {"gt": "yesterday"}}, "range"),
        ({"key": "rating", "range": {"gt": "many"}}, "range"),
        ({"key": "rating", "range": {"gt": "NaN"}}, "range"),
        ({"key": "city", "match": {"any": ["x"] * 3 + [str(n) for n in range(20_000)]}}, "too-long"),
        ({"key": "city", "match": {"any": {"$value": "nobody"}}}, "values"),
        ({"key": "rating", "range": {"gt": {"$value": "two"}}}, "values"),
        ({"slice": {"total": 2, "index": 0}}, "form"),
        ({"has_vector": "image"}, "form"),
        ({"key": "at", "geo_radius": {"center": {"lon": 1, "lat": 1}, "radius": 1e9}}, "form"),
    ],
    ids=lambda given: json.dumps(given)[:60],
)
def test_a_filter_that_asks_for_what_is_not_there_is_refused(condition, rule: str):
    with pytest.raises(QueryRefused) as refusal:
        filtered(condition, {"two": [1, 2]})

    assert refusal.value.rule == rule


def test_a_text_needs_an_embedder():
    with pytest.raises(QueryRefused, match="Set `embedder`") as refusal:
        passed({"text": "late"}, embeds=False)

    assert refusal.value.rule == "no-embedder"
    assert passed({"vector": [1.0, 0.5]}, embeds=False)


def test_fields_within_a_list_may_be_named_with_or_without_its_brackets():
    written = {"key": "items[].sku", "match": {"any": ["S1"]}}

    assert filtered({"key": "items.sku", "match": {"value": "S1"}}) == written
    assert filtered({"key": "items[].sku", "match": {"value": "S1"}}) == written
    nested = {"nested": {"key": "items", "filter": {"must": [{"key": "sku", "match": {"any": ["S1"]}}]}}}
    assert filtered(nested) == nested


def test_a_points_id_is_matched_as_such():
    assert filtered({"key": "id", "match": {"any": [5, "6"]}}) == {"has_id": [5, 6]}


@pytest.mark.parametrize(
    ("values", "written"),
    [
        (["Oslo", "Oslo", None], ["Oslo"]),
        ([1, 2.0, 2.5], ["1", "2", "2.5"]),
        (['"}]}, {"key": "salary'], ['"}]}, {"key": "salary']),
        (["$value", '{"$value": "other"}'], ["$value", '{"$value": "other"}']),
        ([{"key": "salary"}, ["x"]], ["{'key': 'salary'}", "['x']"]),
    ],
)
def test_hostile_values_stay_values(values, written):
    found = filtered({"key": "city", "match": {"any": {"$value": "found"}}}, {"found": values, "other": ["x"]})

    assert found == {"key": "city", "match": {"any": written}}


@pytest.mark.parametrize(
    ("values", "written"),
    [
        ([7, "8", 9.0, "9.0", "-3", True, "x", 2.5, None], {"any": [7, 8, 9, -3, 1]}),
        (["x"], {"any": []}),
        ([math.nan, math.inf, Decimal("sNaN"), "NaN", "inf", "1" * 5_000, 2**64, Decimal("1e400")], {"any": []}),
        ([2**53 + 1, str(2**53 + 3), Decimal(2**53 + 5)], {"any": [2**53 + 1, 2**53 + 3, 2**53 + 5]}),
    ],
)
def test_values_are_numbers_for_a_field_of_numbers(values, written):
    assert filtered({"key": "rating", "match": {"any": {"$value": "v"}}}, {"v": values}) == {
        "key": "rating",
        "match": written,
    }
